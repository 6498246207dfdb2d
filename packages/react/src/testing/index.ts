/**
 * For the tests of components that use the hooks.
 *
 * @module
 */
export * from "./TestTokenClient.js"
export * from "./TestTokenProvider.js"
