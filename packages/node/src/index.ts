/** Ellipsis Drive access tokens for Node.js. Everything of `@ellipsis-oauth/core` is here too. */
export * from "@ellipsis-oauth/core"
export * from "./createTokenClient.js"
export type { SessionKyOptions } from "./ky/sessionKy.js"
export * from "./kyTransport.js"
export { NodeTokenSession } from "./NodeTokenSession.js"
export type { EncryptionKey } from "./stores/EncryptionKey.js"
export * from "./stores/encryptedTokenStore.js"
export * from "./stores/sqliteTokenStore.js"
