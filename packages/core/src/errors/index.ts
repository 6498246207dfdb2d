/** All errors, and their common types. */
export { AuthorizationErrorResponse } from "./AuthorizationErrorResponse.js"
export { ConfigurationError } from "./ConfigurationError.js"
export {
  InvalidAuthorizationResponse,
  type InvalidAuthorizationResponseReason,
} from "./InvalidAuthorizationResponse.js"
export { InvalidTokenResponse } from "./InvalidTokenResponse.js"
export { LoginAbandoned } from "./LoginAbandoned.js"
export { LoginRequired, type LoginRequiredReason } from "./LoginRequired.js"
export { PopupError, type PopupErrorReason } from "./PopupError.js"
export { TokenEndpointUnavailable } from "./TokenEndpointUnavailable.js"
export {
  type CompleteAuthorizationError,
  isTokenError,
  type RefreshError,
  type TokenError,
  type TokenRequestError,
} from "./TokenError.js"
export { TokenErrorResponse } from "./TokenErrorResponse.js"
export { TokenStoreError, type TokenStoreErrorReason } from "./TokenStoreError.js"
export { TransportError, type TransportErrorReason } from "./TransportError.js"
export type { ErrorAction } from "./taggedError.js"
