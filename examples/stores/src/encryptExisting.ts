import { type EncryptionKey, encryptedTokenStore, type TokenStoreAdapter } from "@ellipsis-oauth/node"

/**
 * Encrypts the records that a store holds unencrypted. Run it while the application is stopped.
 *
 * @param keys as they are in the store: `SELECT key FROM ellipsis_oauth_record` in SQLite, `… FROM ellipsis_oauth` in Postgres
 */
export const encryptExisting = async (
  store: TokenStoreAdapter,
  encryptionKeys: readonly EncryptionKey[],
  keys: Iterable<string>,
): Promise<void> => {
  const encrypted = encryptedTokenStore(store, encryptionKeys)
  for (const key of keys) {
    const record = await store.read(key)
    if (record === undefined || record.value.startsWith("e1.")) continue
    await encrypted.write(key, record, record.version)
  }
}
