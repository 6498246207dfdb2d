/** Why a login in a popup came to nothing. */
export type PopupErrorReason = "blocked" | "closed" | "timeout"

const advice: Record<PopupErrorReason, string> = {
  blocked: "was blocked. Call login in the click itself",
  closed: "was closed. Offer the login again",
  timeout: "took too long. Offer the login again",
}

const userMessages: Record<PopupErrorReason, string> = {
  blocked: "The browser blocked the sign-in window. Allow it, and try again.",
  closed: "The sign-in window was closed. Please try again.",
  timeout: "The sign-in took too long. Please try again.",
}

/** The popup did not bring the user back. The state is what it was before the login. */
export class PopupError extends Error {
  readonly _tag = "PopupError"
  readonly action = "login"
  readonly reason: PopupErrorReason

  /** A short sentence that may be shown to the person in front of the screen. */
  get userMessage(): string {
    return userMessages[this.reason]
  }

  constructor(args: { readonly reason: PopupErrorReason }) {
    super(`The login popup ${advice[args.reason]}.`)
    this.name = "PopupError"
    this.reason = args.reason
  }
}
