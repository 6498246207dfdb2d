/** Access tokens of Ellipsis Drive for React: clients, a provider, and hooks over any client. */
export * from "./react/TokenGate.js"
export { TokenProvider, type TokenProviderProps, useTokenClient } from "./react/TokenProvider.js"
export { useAccessToken } from "./react/useAccessToken.js"
export { useToken } from "./react/useToken.js"
export * from "./react/useTokenActions.js"
export * from "./react/useTokenSuspense.js"
export * from "./TokenProviderClient.js"
