/** Why a login in a popup came to nothing. */
export type PopupErrorReason = "blocked" | "closed" | "timeout"

const advice: Record<PopupErrorReason, string> = {
  blocked: 'the browser blocked it. Call login in the click itself, or use method "redirect"',
  closed: "it was closed. Offer the login again",
  timeout: "it took too long. Offer the login again",
}

/** The popup did not bring the user back. The state is what it was before the login. */
export class PopupError extends Error {
  readonly _tag = "PopupError"
  readonly action = "login"
  readonly reason: PopupErrorReason

  constructor(args: { readonly reason: PopupErrorReason }) {
    super(`There is no login from the popup: ${advice[args.reason]}.`)
    this.name = "PopupError"
    this.reason = args.reason
  }
}
