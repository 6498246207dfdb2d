/** Every error of this library, tagged. Compare by `_tag`; `action` says what can be done about it. */

/** An error class with a tag, as Effect's `catchTag` and a `switch` read it. */
const taggedError = <Tag extends string>(
  tag: Tag,
): (new <Fields extends { readonly message: string }>(
  fields: Fields,
) => Error & { readonly _tag: Tag } & Readonly<Fields>) => {
  class Tagged extends Error {
    readonly _tag = tag
    constructor({ message, ...fields }: { readonly message: string }) {
      super(message)
      Object.assign(this, fields)
    }
  }
  Object.defineProperty(Tagged.prototype, "name", { value: tag })
  return Tagged as never
}

/** `login`: send the user through the login again. `retry`: the same call may succeed later. `fix`: code or configuration must change. */
export type ErrorAction = "login" | "retry" | "fix"

/** A bad option or argument, or a limit of the provider broken. Nothing was sent. */
export class ConfigurationError extends taggedError("ConfigurationError")<{
  /** The option's name, as the caller wrote it, for example `redirectUri`. */
  readonly option: string
  /** What was given. A secret is described (its type and length), never shown. */
  readonly got: string
  /** What the option takes. */
  readonly expected: string
  readonly message: string
}> {
  readonly action = "fix"
  constructor(args: { readonly option: string; readonly got: string; readonly expected: string }) {
    super({ ...args, message: `Option "${args.option}" is ${args.got}, but it takes ${args.expected}.` })
  }
}

/** The user came back with an `error` instead of a code (RFC 6749 §4.1.2.1), for example `access_denied`. */
export class AuthorizationErrorResponse extends taggedError("AuthorizationErrorResponse")<{
  readonly error: string
  readonly errorDescription?: string
  readonly errorUri?: string
  readonly message: string
}> {
  readonly action = "login"
  constructor(args: {
    readonly error: string
    readonly errorDescription?: string
    readonly errorUri?: string
  }) {
    super({
      ...args,
      message: `The authorization server returned "${args.error}"${sentence(args.errorDescription)} Offer the login again.`,
    })
  }
}

/** Why a redirect is not the answer to this login: see {@link InvalidAuthorizationResponse}. */
export type InvalidAuthorizationResponseReason =
  | "invalidUrl"
  | "invalidTransaction"
  | "stateMismatch"
  | "duplicateParameter"
  | "codeMissing"
  | "expired"

const invalidAuthorizationResponse: Record<InvalidAuthorizationResponseReason, string> = {
  invalidUrl: "the callback URL cannot be read; pass the whole URL that the user was redirected to",
  invalidTransaction: "the login transaction is missing, damaged or not from this library",
  stateMismatch: "its state is not the one of this login, so it may be forged or belong to another tab",
  duplicateParameter: "it repeats a parameter, which RFC 6749 §3.1 forbids",
  codeMissing: "it has neither a code nor an error",
  expired: "this login was started too long ago",
}

/** The redirect does not belong to this login or is malformed. The code was not sent anywhere. */
export class InvalidAuthorizationResponse extends taggedError("InvalidAuthorizationResponse")<{
  readonly reason: InvalidAuthorizationResponseReason
  readonly message: string
}> {
  readonly action = "login"
  constructor(args: { readonly reason: InvalidAuthorizationResponseReason }) {
    super({
      ...args,
      message: `The authorization response was refused: ${invalidAuthorizationResponse[args.reason]}. Start the login again.`,
    })
  }
}

/** The token endpoint replied with an OAuth error (RFC 6749 §5.2), or with the provider's own error shape. */
export class TokenErrorResponse extends taggedError("TokenErrorResponse")<{
  /** The error code, for example `invalid_grant`. */
  readonly error: string
  /** True where the reply had no code and this one was read from its message. */
  readonly inferred: boolean
  readonly errorDescription?: string
  readonly errorUri?: string
  /** The HTTP status of the reply. */
  readonly status: number
  /** The `WWW-Authenticate` header of the reply. */
  readonly challenge?: string
  /** A likely cause on this side, where the reply smells of one. */
  readonly hint?: string
  readonly action: "login" | "fix"
  readonly message: string
}> {
  constructor(args: {
    readonly error: string
    readonly inferred: boolean
    readonly errorDescription?: string
    readonly errorUri?: string
    readonly status: number
    readonly challenge?: string
    readonly hint?: string
  }) {
    const action = args.error === "invalid_grant" ? "login" : "fix"
    const hint = args.hint === undefined ? "" : ` Hint: ${args.hint}`
    const todo =
      action === "login"
        ? "The code or refresh token is no longer valid: the user has to log in again."
        : "Check the client's registration and options."
    super({
      ...args,
      action,
      message: `The token endpoint refused the request with "${args.error}" (HTTP ${args.status})${sentence(args.errorDescription)} ${todo}${hint}`,
    })
  }
}

/** The token endpoint replied with something that is neither a token nor an OAuth error. */
export class InvalidTokenResponse extends taggedError("InvalidTokenResponse")<{
  readonly status: number
  /** What is wrong with the reply; never its values. */
  readonly problem: string
  readonly hint?: string
  readonly message: string
}> {
  readonly action = "fix"
  constructor(args: { readonly status: number; readonly problem: string; readonly hint?: string }) {
    super({
      ...args,
      message: `The token endpoint's reply (HTTP ${args.status}) is no token: ${args.problem}. Check that the token endpoint's URL is right.${args.hint === undefined ? "" : ` Hint: ${args.hint}`}`,
    })
  }
}

/** The token endpoint is overloaded or down: HTTP 429 or 5xx. No token was lost. */
export class TokenEndpointUnavailable extends taggedError("TokenEndpointUnavailable")<{
  readonly status: number
  /** How long the server asks to wait, in milliseconds from the reply. */
  readonly retryAfter?: number
  /** A short summary of the reply's body, without secrets. */
  readonly summary?: string
  readonly message: string
}> {
  readonly action = "retry"
  constructor(args: { readonly status: number; readonly retryAfter?: number; readonly summary?: string }) {
    const when = args.retryAfter === undefined ? "later" : `in ${Math.ceil(args.retryAfter / 1000)} s`
    super({
      ...args,
      message: `The token endpoint is unavailable (HTTP ${args.status})${sentence(args.summary)} Try again ${when}.`,
    })
  }
}

/** No reply came, or one that must not be followed. */
export class TransportError extends taggedError("TransportError")<{
  /** `offline`: the device has no network, and knows it. */
  readonly reason: "network" | "timeout" | "redirect" | "offline"
  /** `no`: the server cannot have seen the request. `maybe`: it may have acted on it, and the reply is lost. */
  readonly sent: "no" | "maybe"
  /** What the transport reported, for example `ECONNREFUSED`, or the origin that a redirect points to. */
  readonly detail?: string
  readonly action: "retry" | "fix"
  readonly message: string
}> {
  constructor(args: {
    readonly reason: "network" | "timeout" | "redirect" | "offline"
    readonly sent: "no" | "maybe"
    readonly detail?: string
  }) {
    const detail = args.detail === undefined ? "" : ` (${args.detail})`
    const text = {
      network: `The token endpoint could not be reached${detail}. Check the network and the base URL, then try again.`,
      timeout: `The token endpoint did not answer in time${detail}. Try again.`,
      offline: `This device is offline${detail}. Nobody is signed out by that; try again when it is back.`,
      redirect: `The token endpoint redirects${detail}, which is never followed, since it would hand the secrets to another place. Use the final URL as the base URL.`,
    }
    super({ ...args, action: args.reason === "redirect" ? "fix" : "retry", message: text[args.reason] })
  }
}

/** Why a store did not do what it was asked: see {@link TokenStoreError}. */
export type TokenStoreErrorReason =
  | "unavailable"
  | "leaseTimeout"
  | "notDurable"
  | "corrupt"
  | "foreign"
  | "wrongKey"

const tokenStoreErrors: Record<
  TokenStoreErrorReason,
  { readonly action: ErrorAction; readonly text: string }
> = {
  unavailable: {
    action: "retry",
    text: "did not do what it was asked. Nothing was lost; try again, and look at the store if it stays so",
  },
  leaseTimeout: {
    action: "retry",
    text: "is locked by somebody else who refreshes this token, for longer than a refresh can take. Try again",
  },
  notDurable: {
    action: "retry",
    text: "could not be written. The new token is kept in memory, and is written as soon as the store takes it; until then a restart would lose it",
  },
  corrupt: { action: "login", text: "holds a damaged record. The next login replaces it" },
  foreign: {
    action: "fix",
    text: "holds a record of another client or server. Give this client a store or keys of its own",
  },
  wrongKey: {
    action: "fix",
    text: "holds a record that none of the given encryption keys opens. Add the key that it was written with",
  },
}

/** The token store failed. Other keys of the store are not affected. */
export class TokenStoreError extends taggedError("TokenStoreError")<{
  readonly reason: TokenStoreErrorReason
  /** The key of the record; no secret. */
  readonly key: string
  /** What the store's driver reported, without secrets. */
  readonly detail?: string
  readonly action: ErrorAction
  readonly message: string
}> {
  constructor(args: {
    readonly reason: TokenStoreErrorReason
    readonly key: string
    readonly detail?: string
  }) {
    const { action, text } = tokenStoreErrors[args.reason]
    const detail = args.detail === undefined ? "" : ` (${args.detail})`
    super({ ...args, action, message: `The token store, at key "${args.key}", ${text}${detail}.` })
  }

  /** The same failure with what it means for the caller. */
  as(reason: TokenStoreErrorReason): TokenStoreError {
    const { key, detail } = this
    return new TokenStoreError({ reason, key, ...(detail === undefined ? {} : { detail }) })
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
export class LoginRequired extends taggedError("LoginRequired")<{
  readonly reason: LoginRequiredReason
  /** The session's key; no secret. */
  readonly key: string
  /** The server's refusal, where there was one. */
  readonly error?: TokenErrorResponse
  readonly message: string
}> {
  readonly action = "login"
  constructor(args: {
    readonly reason: LoginRequiredReason
    readonly key: string
    readonly error?: TokenErrorResponse
  }) {
    super({ ...args, message: `Log in first: ${loginRequired[args.reason]}.` })
  }
}

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

const sentence = (text: string | undefined): string =>
  text === undefined || text === "" ? "." : `: ${text.replace(/[.\s]+$/, "")}.`
