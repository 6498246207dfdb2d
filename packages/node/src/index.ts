/** Ellipsis Drive access tokens for Node.js. Everything of `@ellipsis-oauth/core` is here too. */
export * from "@ellipsis-oauth/core"
export * from "./createTokenClient.js"
export type { EncryptionKey } from "./EncryptionKey.js"
export * from "./encryptedTokenStore.js"
export * from "./kyTransport.js"
export * from "./sqliteTokenStore.js"
