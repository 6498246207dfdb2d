/**
 * For tests of your own token store.
 *
 * @module
 */
export * from "./testTokenStore.js"
