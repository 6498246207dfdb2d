/** For tests of your own token store. */
export * from "./testTokenStore.js"
