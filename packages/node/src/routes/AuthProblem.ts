/** The errors of the routes. Their texts are safe to show to every visitor. */
import { type ErrorAction, isTokenError } from "@ellipsis-oauth/core/promise"

/** The error code, as `error` in the routes' JSON bodies. */
export type AuthProblemCode =
  | "invalid_request"
  | "login_failed"
  | "access_denied"
  | "login_required"
  | "forbidden"
  | "not_found"
  | "method_not_allowed"
  | "headers_too_large"
  | "temporarily_unavailable"
  | "server_error"

/** A request that the routes refused or could not serve, as the JSON body and `renderError` get it. */
export interface AuthProblem {
  /** The HTTP status. */
  readonly status: number
  readonly error: AuthProblemCode
  /** A text for the user. It contains nothing from the provider or the request. */
  readonly description: string
  /** `login`: go to `loginUrl`. `retry`: the same request may succeed later. `fix`: it can never succeed. */
  readonly action: ErrorAction
  /** How long to wait before the next attempt, in seconds. */
  readonly retryAfter?: number
  /** The path that starts a login. */
  readonly loginUrl: string
}

const kinds: Record<AuthProblemCode, { readonly status: number; readonly action: ErrorAction }> = {
  invalid_request: { status: 400, action: "fix" },
  login_failed: { status: 400, action: "login" },
  access_denied: { status: 403, action: "login" },
  login_required: { status: 401, action: "login" },
  forbidden: { status: 403, action: "fix" },
  not_found: { status: 404, action: "fix" },
  method_not_allowed: { status: 405, action: "fix" },
  headers_too_large: { status: 431, action: "fix" },
  temporarily_unavailable: { status: 503, action: "retry" },
  server_error: { status: 500, action: "fix" },
}

interface RefusalDetails {
  readonly retryAfter?: number
  /** Cookies to set with the HTTP response. */
  readonly cookies?: readonly string[]
  /** The method that the route accepts. */
  readonly allow?: string
  /** The original error. */
  readonly cause?: unknown
}

/** Thrown to end a request with a problem. */
export class Refusal extends Error {
  readonly error: AuthProblemCode
  readonly details: RefusalDetails

  constructor(error: AuthProblemCode, description: string, details: RefusalDetails = {}) {
    super(description)
    this.error = error
    this.details = details
  }

  toProblem(loginUrl: string): AuthProblem {
    const { error, message: description } = this
    const { retryAfter } = this.details
    return {
      error,
      description,
      loginUrl,
      ...kinds[error],
      ...(retryAfter === undefined ? {} : { retryAfter }),
    }
  }
}

/** In seconds, for an error that does not say how long to wait. */
const defaultRetryAfter = 2

/** Converts an error of a session, the store or the routes to a refusal for the browser. */
export const toRefusal = (error: unknown, cookies: readonly string[] = []): Refusal => {
  if (error instanceof Refusal) {
    const { error: code, message, details } = error
    return new Refusal(code, message, { ...details, cookies: [...(details.cookies ?? []), ...cookies] })
  }
  const details = { cookies, cause: error }
  if (!isTokenError(error)) return new Refusal("server_error", serverError, details)
  switch (error._tag) {
    // Handled before `action`: anybody can send a browser here with any error code, so none is a fault of the server.
    case "AuthorizationErrorResponse":
      return error.error === "access_denied"
        ? new Refusal("access_denied", "Access was refused. Log in again to allow it.", details)
        : new Refusal("login_failed", "Ellipsis Drive did not complete the login. Start again.", details)
    case "InvalidAuthorizationResponse":
      return new Refusal("login_failed", loginFailed, details)
    case "TokenStoreError":
      // The record belongs to another client, so this client has no token there.
      if (error.reason === "foreign") return new Refusal("login_required", loginRequired, details)
  }
  switch (error.action) {
    case "fix":
      return new Refusal("server_error", serverError, details)
    case "retry": {
      const asked = error._tag === "TokenEndpointUnavailable" ? error.retryAfter : undefined
      const retryAfter = asked === undefined ? defaultRetryAfter : Math.max(1, Math.ceil(asked / 1000))
      return new Refusal("temporarily_unavailable", unavailable, { ...details, retryAfter })
    }
    case "login":
      return error._tag === "TokenErrorResponse"
        ? new Refusal("login_failed", loginFailed, details)
        : new Refusal("login_required", loginRequired, details)
  }
}

const serverError = "Server configuration error. See the server's log."

const unavailable = "Ellipsis Drive or this app's storage cannot be reached. Try again in a moment."

export const loginRequired = "Log in first."

export const loginFailed =
  "This sign-in link is not valid. It was started in another browser, took too long or was used already. Start again."
