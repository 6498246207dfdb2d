/** The promise facade, for the adapters and their apps. No signature has a type of Effect. */
export type { ExchangeAuthorizationCodeOptions, TokenClientOptions } from "../client/ClientCore.js"
export { tokenClientOptionNames } from "../client/ClientCore.js"
export type { CreateAuthorizationRequestOptions, PkceOption } from "../client/drawAuthorizationRequest.js"
export { callQuietly } from "../common/callQuietly.js"
export { type DurationOption, requireAge, requireDuration } from "../common/duration.js"
export {
  badOption,
  describe,
  editDistance,
  isLoopback,
  optionalBoolean,
  optionalFunction,
  optionalSignal,
  requireOneOf,
  requireOptions,
  requireUrl,
  show,
} from "../common/options.js"
export * from "../errors/index.js"
export type { AuthorizationRequest } from "../protocol/AuthorizationRequest.js"
export type { AuthorizationCode, CallbackUrl } from "../protocol/AuthorizationResponse.js"
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
} from "../protocol/AuthorizationServer.js"
export {
  type AuthorizationTransaction,
  parseTransaction,
  transactionLifetime,
} from "../protocol/AuthorizationTransaction.js"
export type { Client, ClientAuthentication } from "../protocol/Client.js"
export type { HttpRequest, HttpResponse } from "../protocol/HttpMessage.js"
export { type ExtraParameters, requireExtra } from "../protocol/requireExtra.js"
export { formatScope, type ScopeOption } from "../protocol/scope.js"
export { restoreToken, serializeToken, Token } from "../protocol/Token.js"
export type { PromiseTransport } from "../services/fromPromiseTransport.js"
export type { CryptoLike } from "../services/fromWebCrypto.js"
export { type MemoryTokenStoreOptions, memoryTokenStore } from "../services/memoryTokenStore.js"
export { requireTokenStore } from "../services/requireTokenStore.js"
export type { TokenEndpointSettings } from "../services/TokenEndpoint.js"
export type { Awaitable, Lease, StoredRecord, TokenStoreAdapter } from "../services/TokenStoreAdapter.js"
export { storeKey, withoutRefreshToken } from "../session/Credential.js"
export type { ImportedToken } from "../session/ImportedToken.js"
export { type HeldToken, SessionState, type SessionStateOptions } from "../session/SessionState.js"
export { defaultKey } from "../session/sessionKey.js"
export type { Timing, TokenEvent } from "../session/TokenEvent.js"
export { readRequirements, type TokenRequirements } from "../session/TokenRequirements.js"
export {
  isSignedIn,
  type LoginMethod,
  type RefreshState,
  restoring,
  type SignedOutReason,
  signedOut,
  type TokenState,
  withExpiry,
} from "../session/TokenState.js"
export * from "./authorizedFetch.js"
export type { TokenClientServices } from "./clientServices.js"
export {
  type OpenTelemetryContext,
  type OpenTelemetrySpan,
  type OpenTelemetryTracer,
  openTelemetry,
  type Tracing,
} from "./openTelemetry.js"
export {
  makeTokenClient,
  type PromiseTokenClient,
  type SessionOf,
  type TokenSessionConstructor,
} from "./PromiseTokenClient.js"
export { type GetAccessTokenOptions, PromiseTokenSession, type SessionParts } from "./PromiseTokenSession.js"
export { collectBody, readBody, readLimitedBody } from "./readBody.js"
export type { CallOptions } from "./run.js"
