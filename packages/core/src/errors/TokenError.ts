/** The types of all errors, and which calls fail with which. */
import type { AuthorizationErrorResponse } from "./AuthorizationErrorResponse.js"
import type { ConfigurationError } from "./ConfigurationError.js"
import type { InvalidAuthorizationResponse } from "./InvalidAuthorizationResponse.js"
import type { InvalidTokenResponse } from "./InvalidTokenResponse.js"
import type { LoginAbandoned } from "./LoginAbandoned.js"
import type { LoginRequired } from "./LoginRequired.js"
import type { PopupError } from "./PopupError.js"
import type { TokenEndpointUnavailable } from "./TokenEndpointUnavailable.js"
import type { TokenErrorResponse } from "./TokenErrorResponse.js"
import type { TokenStoreError } from "./TokenStoreError.js"
import type { TransportError } from "./TransportError.js"

/** The errors of a request to the token endpoint. */
export type TokenRequestError =
  | ConfigurationError
  | TokenErrorResponse
  | InvalidTokenResponse
  | TokenEndpointUnavailable
  | TransportError

/** The errors of getting a token from a session. */
export type RefreshError = TokenRequestError | TokenStoreError | LoginRequired

/** The errors of completing a login. */
export type CompleteAuthorizationError =
  | RefreshError
  | InvalidAuthorizationResponse
  | AuthorizationErrorResponse

/** Every error of this library. Compare by `_tag`; `action` says what to do. */
export type TokenError = CompleteAuthorizationError | LoginAbandoned | PopupError

const tags: ReadonlySet<string> = new Set([
  "ConfigurationError",
  "AuthorizationErrorResponse",
  "InvalidAuthorizationResponse",
  "TokenErrorResponse",
  "InvalidTokenResponse",
  "TokenEndpointUnavailable",
  "TransportError",
  "TokenStoreError",
  "LoginRequired",
  "LoginAbandoned",
  "PopupError",
] satisfies TokenError["_tag"][])

/** Whether a caught value is one of this library's errors. */
export const isTokenError = (value: unknown): value is TokenError =>
  value instanceof Error && "_tag" in value && typeof value._tag === "string" && tags.has(value._tag)
