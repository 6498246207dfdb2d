/**
 * Access tokens of Ellipsis Drive for React: clients, a provider, and hooks over any client.
 *
 * @module
 */
export type {
  AuthorizationServer,
  GetAccessTokenOptions,
  PopupErrorReason,
  RefreshState,
  SignedOutReason,
  TokenError,
  TokenEvent,
  TokenState,
} from "@ellipsis-oauth/core/promise"
export { ellipsisDrive, isSignedIn, isTokenError, PopupError, rfc6749 } from "@ellipsis-oauth/core/promise"
export type { BackendTokenClientOptions } from "./backend/BackendTokenClientOptions.js"
export { createBackendTokenClient } from "./backend/createBackendTokenClient.js"
export type { BrowserTokenClientOptions } from "./browser/BrowserTokenClientOptions.js"
export * from "./browser/createBrowserTokenClient.js"
export type { PopupOptions } from "./browser/PopupWindow.js"
export type {
  CallbackResult,
  LoginOptions,
  MountOptions,
  TokenProviderClient,
} from "./client/TokenProviderClient.js"
export { type SettledTokenState, whenSettled } from "./client/whenSettled.js"
export * from "./maps/authorizeTiles.js"
export * from "./maps/onNewToken.js"
export * from "./maps/transformRequest.js"
export type { StorageKind } from "./page/webStorage.js"
export { RequireLogin, type RequireLoginProps } from "./react/RequireLogin.js"
export * from "./react/TokenGate.js"
export { TokenProvider, type TokenProviderProps, useTokenClient } from "./react/TokenProvider.js"
export { useAccessToken } from "./react/useAccessToken.js"
export { useToken } from "./react/useToken.js"
export * from "./react/useTokenActions.js"
export * from "./react/useTokenSuspense.js"
