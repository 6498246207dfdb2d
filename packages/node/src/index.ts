/**
 * Ellipsis Drive access tokens for Node.js.
 *
 * @module
 */
export {
  type AuthorizationCode,
  AuthorizationErrorResponse,
  type AuthorizationRequest,
  type AuthorizationServer,
  type Awaitable,
  type CallbackUrl,
  type CallOptions,
  type ClientAuthentication,
  type CompleteAuthorizationError,
  ConfigurationError,
  type CreateAuthorizationRequestOptions,
  type DurationOption,
  type EllipsisDriveOptions,
  type ErrorAction,
  type ExchangeAuthorizationCodeOptions,
  ellipsisDrive,
  ellipsisDriveBaseUrl,
  type GetAccessTokenOptions,
  type ImportedToken,
  InvalidAuthorizationResponse,
  InvalidTokenResponse,
  isSignedIn,
  isTokenError,
  type Lease,
  type LoginMethod,
  LoginRequired,
  type MemoryTokenStoreOptions,
  memoryTokenStore,
  type OpenTelemetryTracer,
  type RefreshError,
  type RefreshState,
  type Rfc6749Options,
  restoreToken,
  rfc6749,
  type ScopeOption,
  type SignedOutReason,
  type StoredRecord,
  serializeToken,
  Token,
  TokenEndpointUnavailable,
  type TokenError,
  TokenErrorResponse,
  type TokenEvent,
  type TokenRequestError,
  type TokenState,
  type TokenStoreAdapter,
  TokenStoreError,
  TransportError,
} from "@ellipsis-oauth/core/promise"
export type { ApiFetch } from "./api/apiFetch.js"
export type { SessionKyOptions } from "./api/sessionKy.js"
export { createTokenClient, type TokenClient, type TokenClientOptions } from "./client/createTokenClient.js"
export type { TokenSession } from "./client/TokenSession.js"
export { loopbackLogin } from "./loopback/loopbackLogin.js"
export type { LoopbackLoginOptions, PasteSource } from "./loopback/loopbackOptions.js"
export type { AuthProblem, AuthProblemCode } from "./routes/AuthProblem.js"
export type { AuthRoutesOptions } from "./routes/AuthRoutesOptions.js"
export { type AuthRoutes, createAuthRoutes } from "./routes/createAuthRoutes.js"
export type { SessionRequest } from "./routes/SessionRequest.js"
export * from "./routes/toNodeListener.js"
export type { EncryptionKey } from "./stores/EncryptionKey.js"
export { encryptedTokenStore } from "./stores/encryptedTokenStore.js"
export { type SqliteTokenStoreOptions, sqliteTokenStore } from "./stores/sqliteTokenStore.js"
export type { Fetch, FetchInit, FetchResponse, KyTransportOptions } from "./transport/kyTransport.js"
