/** Encryption at rest for any store. */
import type { TokenStoreAdapter } from "@ellipsis-oauth/core/promise"
import { badOption } from "../badOption.js"
import type { EncryptionKey } from "./EncryptionKey.js"
import { makeRecordCipher } from "./recordCipher.js"

/**
 * Encrypts the values of a store; keys, versions and leases stay as they are. The first key encrypts, every key
 * decrypts, and a record moves to the first key when it is written next. A record that none of the keys opens is
 * refused as `wrongKey`, and one that is damaged, moved from another key of the store, or not encrypted, as `corrupt`.
 *
 * @throws ConfigurationError for bad keys, without showing them
 */
export const encryptedTokenStore = (
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

const requireStore = (store: unknown): void => {
  if (typeof store !== "object" || store === null || !("read" in store)) {
    throw badOption("store", store, "a token store")
  }
}
