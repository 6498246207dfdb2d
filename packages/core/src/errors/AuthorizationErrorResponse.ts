/** The user came back with an `error` instead of a code (RFC 6749 §4.1.2.1), for example `access_denied`. */
import { type ErrorAction, sentence, taggedError } from "./taggedError.js"

const actions: ReadonlyMap<string, ErrorAction> = new Map<string, ErrorAction>([
  ["invalid_request", "fix"],
  ["invalid_scope", "fix"],
  ["unauthorized_client", "fix"],
  ["unsupported_response_type", "fix"],
  ["server_error", "retry"],
  ["temporarily_unavailable", "retry"],
])

const actionOf = ({ error }: { readonly error: string }): ErrorAction => actions.get(error) ?? "login"

const advice: Readonly<Record<ErrorAction, string>> = {
  login: "Offer the login again.",
  retry: "Try the login again later.",
  fix: "Check the client's registration and the options of the login.",
}

/** The provider sent the user back with an error (RFC 6749 section 4.1.2.1). `action` depends on the error code. */
export class AuthorizationErrorResponse extends taggedError<
  "AuthorizationErrorResponse",
  {
    /** The error code. */
    readonly error: string
    readonly errorDescription?: string | undefined
    readonly errorUri?: string | undefined
  },
  ErrorAction
>("AuthorizationErrorResponse", {
  action: actionOf,
  message: (fields) =>
    `The authorization server returned "${fields.error}"${sentence(fields.errorDescription)} ${advice[actionOf(fields)]}`,
  userMessage: ({ error }) =>
    error === "access_denied" ? "Access was not allowed. You can sign in again." : undefined,
}) {}
