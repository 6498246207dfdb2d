/** A login in a popup failed. */
import { taggedError } from "./taggedError.js"

/** Why a login in a popup failed. */
export type PopupErrorReason = "blocked" | "closed" | "replaced" | "timeout"

const advice: Record<PopupErrorReason, string> = {
  blocked: "was blocked. Call login in the click itself",
  closed: "was closed. Offer the login again",
  replaced: "was taken over by a later login",
  timeout: "took too long. Offer the login again",
}

const userMessages: Record<PopupErrorReason, string> = {
  blocked: "The browser blocked the sign-in window. Please allow pop-ups and try again.",
  closed: "The sign-in window was closed. Please try again.",
  replaced: "Another sign-in was started.",
  timeout: "The sign-in took too long. Please try again.",
}

/** A login in a popup failed. `login` rejects with it, and the state of a user who is signed out has it as `error`. */
export class PopupError extends taggedError<"PopupError", { readonly reason: PopupErrorReason }, "login">(
  "PopupError",
  {
    action: "login",
    message: ({ reason }) => `The login popup ${advice[reason]}.`,
    userMessage: ({ reason }) => userMessages[reason],
  },
) {}
