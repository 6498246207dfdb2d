/** There is no usable token, and it cannot be refreshed. */

import type { TokenErrorResponse } from "./TokenErrorResponse.js"
import { taggedError } from "./taggedError.js"

/**
 * `noToken`: nobody is signed in. `revoked`: the server refused the refresh token. `expired`: the access token ended,
 * and there is no refresh token.
 */
export type LoginRequiredReason = "noToken" | "revoked" | "expired"

const causes: Record<LoginRequiredReason, string> = {
  noToken: "nobody is signed in",
  revoked: "the server no longer accepts the refresh token",
  expired: "the access token has expired and there is no refresh token",
}

/** There is no usable token, and it cannot be refreshed. `action` is `login`. */
export class LoginRequired extends taggedError<
  "LoginRequired",
  {
    readonly reason: LoginRequiredReason
    /** The session's key; not a secret. */
    readonly key: string
    /** The server's refusal, where there was one. */
    readonly error?: TokenErrorResponse | undefined
  },
  "login"
>("LoginRequired", {
  action: "login",
  message: ({ reason }) => `Log in first: ${causes[reason]}.`,
  userMessage: ({ reason }) => (reason === "noToken" ? "Please sign in." : undefined),
}) {}
