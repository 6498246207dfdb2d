/** For the tests of components that use the hooks. */
export * from "./TestTokenClient.js"
export * from "./TestTokenProvider.js"
