/** Encryption at rest for any store. */
import { badOption, type TokenStoreAdapter, TokenStoreError } from "@ellipsis-oauth/core/promise"
import type { EncryptionKey } from "./EncryptionKey.js"
import { makeRecordCipher, type RecordCipher } from "./recordCipher.js"

export interface EncryptedTokenStoreOptions {
  /**
   * What a record is whose encryption key is not among the given ones. `"error"`, if left out: `wrongKey`, which stops
   * its user until the key is added, and loses nothing. `"replace"`: `corrupt`, so that its user logs in again and the
   * login replaces it; for a key that is lost for good, since a key that was left out by mistake would cost every user
   * their record.
   */
  readonly unreadable?: "error" | "replace"
}

/**
 * Encrypts the values of a store; keys, versions and leases stay as they are. The first key encrypts, every key
 * decrypts, and a record moves to the first key when it is written next. A record that none of the keys opens is
 * refused as `wrongKey`, and one that is damaged, moved from another key of the store, or not encrypted, as `corrupt`.
 *
 * @throws ConfigurationError for bad keys or a bad option, without showing the keys
 */
export const encryptedTokenStore = <Store extends TokenStoreAdapter>(
  store: Store,
  keys: readonly EncryptionKey[],
  options: EncryptedTokenStoreOptions = {},
): Encrypted<Store> => {
  requireStore(store)
  const { encrypt, decrypt } = makeRecordCipher(keys)
  const open = requireUnreadable(options) === "replace" ? asCorrupt(decrypt) : decrypt
  const encrypted: TokenStoreAdapter = {
    read: async (key) => {
      const record = await store.read(key)
      // A store of one's own may tell that there is none by null.
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

/** It has `removeStale` where the store below has it. */
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
  if (typeof options !== "object" || options === null) throw badOption("options", options, "an object")
  const { unreadable = "error" } = options
  if (unreadable !== "error" && unreadable !== "replace") {
    throw badOption("unreadable", unreadable, '"error" or "replace"')
  }
  return unreadable
}

const requireStore = (store: unknown): void => {
  if (typeof store !== "object" || store === null || !("read" in store)) {
    throw badOption("store", store, "a token store")
  }
}
