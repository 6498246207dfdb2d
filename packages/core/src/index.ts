/**
 * OAuth 2.0 grants and tokens for Ellipsis Drive as Effect programs: pure steps that return a `Result`, services, and
 * the token client, independent of transport. Promises are in `@ellipsis-oauth/core/promise`.
 *
 * @module
 */
export type { ExchangeAuthorizationCodeOptions } from "./client/ClientCore.js"
export { createAuthorizationRequest } from "./client/createAuthorizationRequest.js"
export type { CreateAuthorizationRequestOptions, PkceOption } from "./client/drawAuthorizationRequest.js"
export { TokenClient, type TokenClientOptions, type TokenClientService } from "./client/TokenClient.js"
export type { TokenSession } from "./client/TokenSession.js"
export type { DurationOption } from "./common/duration.js"
export * from "./errors/index.js"
export {
  type AuthorizationRequest,
  type AuthorizationRequestParameters,
  buildAuthorizationRequest,
} from "./protocol/AuthorizationRequest.js"
export {
  type AuthorizationCode,
  type CallbackUrl,
  parseAuthorizationResponse,
} from "./protocol/AuthorizationResponse.js"
export {
  type AuthorizationServer,
  type BodyEncoding,
  type CodeParameter,
  type EllipsisDriveOptions,
  ellipsisDrive,
  ellipsisDriveBaseUrl,
  type ParameterLimits,
  type Rfc6749Options,
  rfc6749,
} from "./protocol/AuthorizationServer.js"
export {
  type AuthorizationTransaction,
  restoreTransaction,
  serializeTransaction,
} from "./protocol/AuthorizationTransaction.js"
export type { Client, ClientAuthentication, ClientCredentials, ClientOptions } from "./protocol/Client.js"
export { makeClient } from "./protocol/clientAuthentication.js"
export {
  type AuthorizationCodeGrant,
  authorizationCodeGrant,
  type Grant,
  type RefreshTokenGrant,
} from "./protocol/Grant.js"
export { HttpRequest, type HttpResponse } from "./protocol/HttpMessage.js"
export type { CodeChallengeMethod } from "./protocol/pkce.js"
export type { ScopeOption } from "./protocol/scope.js"
export { restoreToken, serializeToken, Token, type TokenFields } from "./protocol/Token.js"
export { buildTokenRequest } from "./protocol/TokenRequest.js"
export {
  parseTokenResponse,
  type TokenResponseContext,
  type TokenResponseError,
} from "./protocol/TokenResponse.js"
export {
  fromPromiseTransport,
  type PromiseTransport,
  type TransportCalls,
} from "./services/fromPromiseTransport.js"
export type { CryptoLike, WebCryptoCalls } from "./services/fromWebCrypto.js"
export { type MemoryTokenStoreOptions, memoryTokenStore } from "./services/memoryTokenStore.js"
export { requestToken } from "./services/requestToken.js"
export type { TokenEndpointSettings } from "./services/TokenEndpoint.js"
export { TokenStore } from "./services/TokenStore.js"
export type { Awaitable, Lease, StoredRecord, TokenStoreAdapter } from "./services/TokenStoreAdapter.js"
export type { TokenStoreCalls } from "./services/TokenStoreCalls.js"
export { Transport } from "./services/Transport.js"
export { WebCrypto } from "./services/WebCrypto.js"
export type { ImportedToken } from "./session/ImportedToken.js"
export type { Timing, TokenEvent } from "./session/TokenEvent.js"
export type { TokenRequirements } from "./session/TokenRequirements.js"
export type { LoginMethod, RefreshState, SignedOutReason, TokenState } from "./session/TokenState.js"
