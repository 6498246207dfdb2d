/** OAuth 2.0 grants and tokens for Ellipsis Drive, without an HTTP library, a framework or a runtime of their own. */
export * from "./authorization/AuthorizationRequest.js"
export * from "./authorization/AuthorizationResponse.js"
export * from "./authorization/AuthorizationTransaction.js"
export * from "./authorization/Pkce.js"
export * from "./authorization/WebCrypto.js"
export type { DurationOption } from "./common/options.js"
export type { CallOptions } from "./common/run.js"
export * from "./errors.js"
export * from "./registration/AuthorizationServer.js"
export * from "./registration/Client.js"
export type { RefreshError } from "./session/refreshCredential.js"
export * from "./session/TokenEvent.js"
export {
  type CompleteAuthorizationError,
  type GetAccessTokenOptions,
  TokenSession,
} from "./session/TokenSession.js"
export * from "./session/TokenState.js"
export * from "./store/memoryTokenStore.js"
export type { Awaitable, Lease, StoredRecord, TokenStoreAdapter } from "./store/TokenStore.js"
export { TokenStore } from "./store/TokenStore.js"
export * from "./TokenClient.js"
export * from "./token/Grant.js"
export * from "./token/Token.js"
export * from "./token/TokenEndpoint.js"
export * from "./token/TokenRequest.js"
export * from "./token/TokenResponse.js"
export * from "./token/Transport.js"
