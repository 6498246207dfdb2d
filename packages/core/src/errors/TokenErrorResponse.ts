/** The token endpoint returned an OAuth error (RFC 6749 §5.2), or the provider's own error shape. */
import { hinted, sentence, taggedError } from "./taggedError.js"

/**
 * The token endpoint returned an OAuth error (RFC 6749 section 5.2). `action` is `login` for a grant that is not
 * accepted, otherwise `fix`.
 */
export class TokenErrorResponse extends taggedError<
  "TokenErrorResponse",
  {
    /** The error code, for example `invalid_grant`. */
    readonly error: string
    /** `true` if the body had no error code, so that this one was inferred from its text. */
    readonly inferred: boolean
    readonly errorDescription?: string | undefined
    readonly errorUri?: string | undefined
    /** The HTTP status. */
    readonly status: number
    /** The `WWW-Authenticate` header. */
    readonly challenge?: string | undefined
    /** A likely cause in the app's own options. */
    readonly hint?: string | undefined
  },
  "login" | "fix"
>("TokenErrorResponse", {
  action: ({ error }) => (error === "invalid_grant" ? "login" : "fix"),
  message: ({ error, errorDescription, status, hint }) => {
    const todo =
      error === "invalid_grant"
        ? "The code or refresh token is no longer valid: the user has to log in again."
        : "Check the client's registration and options."
    return `The token endpoint refused the request with "${error}" (HTTP ${status})${sentence(errorDescription)} ${todo}${hinted(hint)}`
  },
}) {}
