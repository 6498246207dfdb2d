import { type EncryptionKey, encryptedTokenStore, type TokenStoreAdapter } from "@ellipsis-oauth/node"

/** Encrypts the records that a store holds unencrypted. Run it while the application is stopped. */
export const encryptExisting = async (
  store: TokenStoreAdapter,
  encryptionKeys: readonly EncryptionKey[],
  sessionKeys: Iterable<string>,
): Promise<void> => {
  const encrypted = encryptedTokenStore(store, encryptionKeys)
  for (const key of sessionKeys) {
    const record = await store.read(key)
    if (record === undefined || record.value.startsWith("e1.")) continue
    await encrypted.write(key, record, record.version)
  }
}
