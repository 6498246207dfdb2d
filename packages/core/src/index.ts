/** OAuth 2.0 grants and tokens for Ellipsis Drive, without an HTTP library, a framework or a runtime of their own. */
export {
  type AuthorizationRequest,
  type AuthorizationRequestParameters,
  buildAuthorizationRequest,
  type CreateAuthorizationRequestOptions,
  formatScope,
} from "./authorization/AuthorizationRequest.js"
export * from "./authorization/AuthorizationResponse.js"
export * from "./authorization/AuthorizationTransaction.js"
export { type CodeChallengeMethod, makeCodeVerifier } from "./authorization/Pkce.js"
export type { CallOptions } from "./common/abort.js"
export type { DurationOption } from "./common/options.js"
export * from "./effect/memoryTokenStore.js"
export * from "./effect/services.js"
export * from "./effect/steps.js"
export * from "./effect/TokenClient.js"
export { TokenSession } from "./effect/TokenSession.js"
export * from "./errors.js"
export type { CryptoLike } from "./platform/webCrypto.js"
export * from "./registration/AuthorizationServer.js"
export type { Client, ClientAuthentication, ClientCredentials, ClientOptions } from "./registration/Client.js"
export * from "./registration/clientAuthentication.js"
export { withoutRefreshToken } from "./session/Credential.js"
export type { RefreshError } from "./session/refreshCredential.js"
export * from "./session/TokenEvent.js"
export type { CompleteAuthorizationError, GetAccessTokenOptions } from "./session/TokenSession.js"
export * from "./session/TokenState.js"
export type { MemoryTokenStoreOptions } from "./store/memoryTokenStore.js"
export type { Awaitable, Lease, StoredRecord, TokenStoreAdapter } from "./store/TokenStore.js"
export type { TokenClientOptions, TokenSessionConstructor } from "./TokenClient.js"
export type { ExchangeAuthorizationCodeOptions } from "./token/exchange.js"
export * from "./token/Grant.js"
export * from "./token/HttpMessage.js"
export * from "./token/makeTokenEndpoint.js"
export * from "./token/Token.js"
export {
  maximumAttempts,
  type TokenEndpointOptions,
  type TokenEndpointSettings,
} from "./token/TokenEndpoint.js"
export * from "./token/TokenRequest.js"
export * from "./token/TokenResponse.js"
