/** Encryption at rest for any store. */
import {
  requireOneOf,
  requireOptions,
  requireTokenStore,
  type TokenStoreAdapter,
  TokenStoreError,
} from "@ellipsis-oauth/core/promise"
import type { EncryptionKey } from "./EncryptionKey.js"
import { makeRecordCipher, type RecordCipher } from "./recordCipher.js"

export interface EncryptedTokenStoreOptions {
  /**
   * What happens to a record whose encryption key is not given. `"error"` (if left out): calls fail with `wrongKey` until
   * you add the key, and no record is lost. `"replace"`: calls fail with `corrupt`, the user logs in again, and the login
   * replaces the record. Use it only for a key that is lost forever: if you leave a key out by mistake, every user has to
   * log in again.
   */
  readonly unreadable?: "error" | "replace"
}

/**
 * Encrypts the values of a store, but not keys, versions and leases. The first key encrypts, every key decrypts, and a
 * record is encrypted with the first key when it is next written. If no key decrypts a record, the call fails with
 * `wrongKey`. If a record is damaged, copied from another key of the store, or not encrypted, it fails with `corrupt`.
 *
 * @throws ConfigurationError for bad keys or a bad option, without showing the keys
 */
export const encryptedTokenStore = <Store extends TokenStoreAdapter>(
  store: Store,
  keys: readonly EncryptionKey[],
  options: EncryptedTokenStoreOptions = {},
): Encrypted<Store> => {
  requireTokenStore(store, "a token store")
  const { encrypt, decrypt } = makeRecordCipher(keys)
  const open = requireUnreadable(options) === "replace" ? asCorrupt(decrypt) : decrypt
  const encrypted: TokenStoreAdapter = {
    read: async (key) => {
      const record = await store.read(key)
      // An app's own store may return null if there is no record.
      return record == null ? undefined : { value: await open(key, record.value), version: record.version }
    },
    write: async (key, { value, version }, ifVersion) =>
      store.write(key, { value: await encrypt(key, value), version }, ifVersion),
    remove: (key, ifVersion) => store.remove(key, ifVersion),
    lease: (key, owner, duration) => store.lease(key, owner, duration),
    release: (key, owner) => store.release(key, owner),
    close: () => store.close?.(),
  }
  const removeStale = store.removeStale?.bind(store)
  return (removeStale === undefined ? encrypted : { ...encrypted, removeStale }) as Encrypted<Store>
}

/** It has `removeStale` if the inner store has it. */
type Encrypted<Store> = TokenStoreAdapter & Pick<Store, Extract<keyof Store, "removeStale">>

const asCorrupt =
  (decrypt: RecordCipher["decrypt"]): RecordCipher["decrypt"] =>
  async (key, value) => {
    try {
      return await decrypt(key, value)
    } catch (error) {
      throw error instanceof TokenStoreError && error.reason === "wrongKey" ? error.as("corrupt") : error
    }
  }

const requireUnreadable = (options: EncryptedTokenStoreOptions) => {
  const { unreadable = "error" } = requireOptions(options, ["unreadable"], "an object")
  return requireOneOf("unreadable", unreadable, ["error", "replace"])
}
