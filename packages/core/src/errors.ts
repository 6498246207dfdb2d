/** Every error of this library, tagged. Compare by `_tag`; `action` says what can be done about it. */

/** `login`: send the user through the login again. `retry`: the same call may succeed later. `fix`: code or configuration must change. */
export type ErrorAction = "login" | "retry" | "fix"

/**
 * An error class with a tag, as a `switch` and Effect's `catchTag` read it, from its fields and what it says of them.
 * A field that is `undefined` is left out.
 */
const taggedError = <Tag extends string, Fields extends object, Action extends ErrorAction>(
  tag: Tag,
  action: Action | ((fields: Fields) => Action),
  message: (fields: Fields) => string,
): (new (
  fields: Fields,
) => Error & { readonly _tag: Tag; readonly action: Action } & Readonly<Fields>) => {
  class Tagged extends Error {
    readonly _tag = tag
    readonly action: Action
    constructor(fields: Fields) {
      super(message(fields))
      for (const [name, value] of Object.entries(fields)) {
        if (value !== undefined) Object.assign(this, { [name]: value })
      }
      this.action = typeof action === "function" ? action(fields) : action
    }
  }
  Object.defineProperty(Tagged.prototype, "name", { value: tag })
  return Tagged as never
}

/** A bad option or argument, or a limit of the provider broken. Nothing was sent. */
export class ConfigurationError extends taggedError<
  "ConfigurationError",
  {
    /** The option's name, as the caller wrote it, for example `redirectUri`. */
    readonly option: string
    /** What was given. A secret is described (its type and length), never shown. */
    readonly got: string
    /** What the option takes. */
    readonly expected: string
  },
  "fix"
>(
  "ConfigurationError",
  "fix",
  ({ option, got, expected }) => `Option "${option}" is ${got}, but it takes ${expected}.`,
) {}

/** The user came back with an `error` instead of a code (RFC 6749 §4.1.2.1), for example `access_denied`. */
export class AuthorizationErrorResponse extends taggedError<
  "AuthorizationErrorResponse",
  {
    readonly error: string
    readonly errorDescription?: string | undefined
    readonly errorUri?: string | undefined
  },
  "login"
>(
  "AuthorizationErrorResponse",
  "login",
  ({ error, errorDescription }) =>
    `The authorization server returned "${error}"${sentence(errorDescription)} Offer the login again.`,
) {}

/** Why a redirect is not the answer to this login: see {@link InvalidAuthorizationResponse}. */
export type InvalidAuthorizationResponseReason =
  | "invalidUrl"
  | "invalidTransaction"
  | "stateMismatch"
  | "duplicateParameter"
  | "codeMissing"
  | "expired"

const invalidAuthorizationResponse: Record<InvalidAuthorizationResponseReason, string> = {
  invalidUrl: "the callback URL cannot be read; pass the whole of it",
  invalidTransaction: "the login transaction is missing, damaged or not from this library",
  stateMismatch: "its state is not the one of this login: it may be forged, or of another tab",
  duplicateParameter: "it repeats a parameter, which RFC 6749 §3.1 forbids",
  codeMissing: "it has neither a code nor an error",
  expired: "this login was started too long ago",
}

/** The redirect does not belong to this login or is malformed. The code was not sent anywhere. */
export class InvalidAuthorizationResponse extends taggedError<
  "InvalidAuthorizationResponse",
  { readonly reason: InvalidAuthorizationResponseReason },
  "login"
>(
  "InvalidAuthorizationResponse",
  "login",
  ({ reason }) =>
    `The authorization response was refused: ${invalidAuthorizationResponse[reason]}. Start the login again.`,
) {}

/** The token endpoint replied with an OAuth error (RFC 6749 §5.2), or with the provider's own error shape. */
export class TokenErrorResponse extends taggedError<
  "TokenErrorResponse",
  {
    /** The error code, for example `invalid_grant`. */
    readonly error: string
    /** True where the reply had no code and this one was read from its message. */
    readonly inferred: boolean
    readonly errorDescription?: string | undefined
    readonly errorUri?: string | undefined
    /** The HTTP status of the reply. */
    readonly status: number
    /** The `WWW-Authenticate` header of the reply. */
    readonly challenge?: string | undefined
    /** A likely cause on this side, where the reply smells of one. */
    readonly hint?: string | undefined
  },
  "login" | "fix"
>(
  "TokenErrorResponse",
  ({ error }) => (error === "invalid_grant" ? "login" : "fix"),
  ({ error, errorDescription, status, hint }) => {
    const todo =
      error === "invalid_grant"
        ? "The code or refresh token is no longer valid: the user has to log in again."
        : "Check the client's registration and options."
    return `The token endpoint refused the request with "${error}" (HTTP ${status})${sentence(errorDescription)} ${todo}${hinted(hint)}`
  },
) {}

/** The token endpoint replied with something that is neither a token nor an OAuth error. */
export class InvalidTokenResponse extends taggedError<
  "InvalidTokenResponse",
  {
    readonly status: number
    /** What is wrong with the reply; never its values. */
    readonly problem: string
    readonly hint?: string | undefined
  },
  "fix"
>(
  "InvalidTokenResponse",
  "fix",
  ({ status, problem, hint }) =>
    `The token endpoint's reply (HTTP ${status}) is no token: ${problem}. Check that the token endpoint's URL is right.${hinted(hint)}`,
) {}

/** The token endpoint is overloaded or down: HTTP 429 or 5xx. No token was lost. */
export class TokenEndpointUnavailable extends taggedError<
  "TokenEndpointUnavailable",
  {
    readonly status: number
    /** How long the server asks to wait, in milliseconds from the reply. */
    readonly retryAfter?: number | undefined
    /** A short summary of the reply's body, without secrets. */
    readonly summary?: string | undefined
  },
  "retry"
>("TokenEndpointUnavailable", "retry", ({ status, retryAfter, summary }) => {
  const when = retryAfter === undefined ? "later" : `in ${Math.ceil(retryAfter / 1000)} s`
  return `The token endpoint is unavailable (HTTP ${status})${sentence(summary)} Try again ${when}.`
}) {}

/** Why no reply came: see {@link TransportError}. `offline`: the device has no network, and knows it. */
export type TransportErrorReason = "network" | "timeout" | "redirect" | "offline"

const transportErrors: Record<TransportErrorReason, readonly [fault: string, advice: string]> = {
  network: ["The token endpoint could not be reached", "Check the network and the base URL, then try again."],
  timeout: ["The token endpoint did not answer in time", "Try again."],
  offline: ["This device is offline", "Nobody is signed out by that; try again when it is back."],
  redirect: [
    "The token endpoint redirects",
    "That is never followed, since it would take the secrets elsewhere. Use the final URL as the base URL.",
  ],
}

/** No reply came, or one that must not be followed. */
export class TransportError extends taggedError<
  "TransportError",
  {
    readonly reason: TransportErrorReason
    /** `no`: the server cannot have seen the request. `maybe`: it may have acted on it, and the reply is lost. */
    readonly sent: "no" | "maybe"
    /** What the transport reported, for example `ECONNREFUSED`, or the origin that a redirect points to. */
    readonly detail?: string | undefined
  },
  "retry" | "fix"
>(
  "TransportError",
  ({ reason }) => (reason === "redirect" ? "fix" : "retry"),
  ({ reason, detail }) => {
    const [fault, advice] = transportErrors[reason]
    return `${fault}${inParentheses(detail)}. ${advice}`
  },
) {}

/** Why a store did not do what it was asked: see {@link TokenStoreError}. */
export type TokenStoreErrorReason =
  | "unavailable"
  | "unusable"
  | "leaseTimeout"
  | "notDurable"
  | "corrupt"
  | "foreign"
  | "wrongKey"

const tokenStoreErrors: Record<TokenStoreErrorReason, readonly [action: ErrorAction, text: string]> = {
  unavailable: ["retry", "did not do what it was asked. Nothing was lost; try again"],
  unusable: ["fix", "cannot be used as it is set up"],
  leaseTimeout: ["retry", "is locked by somebody else, for longer than a refresh can take. Try again"],
  notDurable: [
    "retry",
    "could not be written. The new token is kept in memory and written as soon as possible; a restart would lose it",
  ],
  corrupt: ["login", "holds a damaged record. The next login replaces it"],
  foreign: ["fix", "holds a record of another client or server. Give this client a store or keys of its own"],
  wrongKey: [
    "fix",
    "holds a record that none of the given encryption keys opens. Add the key that it was written with",
  ],
}

/** The token store failed. Other keys of the store are not affected. */
export class TokenStoreError extends taggedError<
  "TokenStoreError",
  {
    readonly reason: TokenStoreErrorReason
    /** The key of the record; no secret. */
    readonly key: string
    /** What the store's driver reported, without secrets. */
    readonly detail?: string | undefined
  },
  ErrorAction
>(
  "TokenStoreError",
  ({ reason }) => tokenStoreErrors[reason][0],
  ({ reason, key, detail }) =>
    `The token store, at key "${key}", ${tokenStoreErrors[reason][1]}${inParentheses(detail)}.`,
) {
  /** The same failure with what it means for the caller. */
  as(reason: TokenStoreErrorReason): TokenStoreError {
    const { key, detail } = this
    return new TokenStoreError({ reason, key, detail })
  }
}

/** Why the user has to log in: see {@link LoginRequired}. */
export type LoginRequiredReason = "noToken" | "revoked" | "expired"

const loginRequired: Record<LoginRequiredReason, string> = {
  noToken: "nobody is logged in",
  revoked: "the server no longer accepts the refresh token",
  expired: "the access token has expired and there is no refresh token",
}

/** There is no token, or none that can be refreshed. */
export class LoginRequired extends taggedError<
  "LoginRequired",
  {
    readonly reason: LoginRequiredReason
    /** The session's key; no secret. */
    readonly key: string
    /** The server's refusal, where there was one. */
    readonly error?: TokenErrorResponse | undefined
  },
  "login"
>("LoginRequired", "login", ({ reason }) => `Log in first: ${loginRequired[reason]}.`) {}

export type TokenError =
  | ConfigurationError
  | AuthorizationErrorResponse
  | InvalidAuthorizationResponse
  | TokenErrorResponse
  | InvalidTokenResponse
  | TokenEndpointUnavailable
  | TransportError
  | TokenStoreError
  | LoginRequired

/** What a request to the token endpoint can fail with. */
export type TokenRequestError =
  | ConfigurationError
  | TokenErrorResponse
  | InvalidTokenResponse
  | TokenEndpointUnavailable
  | TransportError

const errorTags: ReadonlySet<string> = new Set([
  "ConfigurationError",
  "AuthorizationErrorResponse",
  "InvalidAuthorizationResponse",
  "TokenErrorResponse",
  "InvalidTokenResponse",
  "TokenEndpointUnavailable",
  "TransportError",
  "TokenStoreError",
  "LoginRequired",
] satisfies TokenError["_tag"][])

/** Whether a caught value is one of this library's errors. */
export const isTokenError = (value: unknown): value is TokenError =>
  value instanceof Error && "_tag" in value && typeof value._tag === "string" && errorTags.has(value._tag)

const sentence = (text: string | undefined): string => (text ? `: ${text.replace(/[.\s]+$/, "")}.` : ".")

const hinted = (hint: string | undefined): string => (hint ? ` Hint: ${hint}` : "")

const inParentheses = (detail: string | undefined): string => (detail ? ` (${detail})` : "")
