/** Encryption at rest for any store. */
import { TokenStore, type TokenStoreAdapter } from "@ellipsis-oauth/core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { badOption } from "../badOption.js"
import type { EncryptionKey } from "./EncryptionKey.js"
import { makeRecordCipher } from "./recordCipher.js"

const makeEncryptedTokenStore = (
  store: TokenStoreAdapter,
  keys: readonly EncryptionKey[],
): TokenStoreAdapter => {
  requireStore(store)
  const { encrypt, decrypt } = makeRecordCipher(keys)
  return {
    read: async (key) => {
      const record = await store.read(key)
      return record && { value: await decrypt(key, record.value), version: record.version }
    },
    write: async (key, { value, version }, ifVersion) =>
      store.write(key, { value: await encrypt(key, value), version }, ifVersion),
    remove: (key, ifVersion) => store.remove(key, ifVersion),
    lease: (key, owner, duration) => store.lease(key, owner, duration),
    release: (key, owner) => store.release(key, owner),
    close: () => store.close?.(),
  }
}

/**
 * Encrypts the values of a store; keys, versions and leases stay as they are. The first key encrypts, every key
 * decrypts, and a record moves to the first key when it is written next. A record that none of the keys opens is
 * refused as `wrongKey`, and one that is damaged, moved from another key of the store, or not encrypted, as `corrupt`.
 *
 * `encryptedTokenStore.layer(keys)` is the same over the store of another layer.
 *
 * @throws ConfigurationError for bad keys, without showing them
 */
export const encryptedTokenStore = Object.assign(makeEncryptedTokenStore, {
  layer: (keys: readonly EncryptionKey[]): Layer.Layer<TokenStore, never, TokenStore> =>
    Layer.effect(
      TokenStore,
      Effect.map(TokenStore, (store) => makeEncryptedTokenStore(store, keys)),
    ),
})

const requireStore = (store: unknown): void => {
  if (typeof store !== "object" || store === null || !("read" in store)) {
    throw badOption("store", store, "a token store")
  }
}
