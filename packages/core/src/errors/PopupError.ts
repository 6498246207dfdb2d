/** A login in a popup did not bring the user back. */
import { taggedError } from "./taggedError.js"

export type PopupErrorReason = "blocked" | "closed" | "replaced" | "timeout"

const advice: Record<PopupErrorReason, string> = {
  blocked: "was blocked. Call login in the click itself",
  closed: "was closed. Offer the login again",
  replaced: "was taken over by a later login",
  timeout: "took too long. Offer the login again",
}

const userMessages: Record<PopupErrorReason, string> = {
  blocked: "The browser blocked the sign-in window. Allow it, and try again.",
  closed: "The sign-in window was closed. Please try again.",
  replaced: "Another sign-in was started.",
  timeout: "The sign-in took too long. Please try again.",
}

export class PopupError extends taggedError<"PopupError", { readonly reason: PopupErrorReason }, "login">(
  "PopupError",
  {
    action: "login",
    message: ({ reason }) => `The login popup ${advice[reason]}.`,
    userMessage: ({ reason }) => userMessages[reason],
  },
) {}
