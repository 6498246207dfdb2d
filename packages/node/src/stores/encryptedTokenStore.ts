/** Encryption at rest for any store: AES-256-GCM, with the record's key as associated data. */
import { TokenStore, type TokenStoreAdapter, TokenStoreError } from "@ellipsis-oauth/core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { badOption } from "../badOption.js"
import { type EncryptionKey, type ImportedKey, importKey, requireKeys } from "./EncryptionKey.js"

/** The format of a stored value: `e1.<id>.<check>.<nonce, ciphertext and tag>`. */
const format = "e1"
const stored = /^e1\.([\w-]{1,64})\.([\w-]{11})\.([\w-]+)$/
const nonceLength = 12

const makeEncryptedTokenStore = (
  store: TokenStoreAdapter,
  keys: readonly EncryptionKey[],
): TokenStoreAdapter => {
  requireStore(store)
  const rawKeys = requireKeys(keys)
  let imported: Promise<readonly [ImportedKey, ...ImportedKey[]]> | undefined
  const importKeys = () => {
    imported ??= Promise.all([importKey(rawKeys[0]), ...rawKeys.slice(1).map(importKey)])
    return imported
  }

  const encrypt = async (key: string, value: string): Promise<string> => {
    const [{ id, check, cryptoKey }] = await importKeys()
    const nonce = crypto.getRandomValues(new Uint8Array(nonceLength))
    const sealed = await crypto.subtle.encrypt(
      parameters(key, nonce),
      cryptoKey,
      new TextEncoder().encode(value),
    )
    return [format, id, check, Buffer.concat([nonce, new Uint8Array(sealed)]).toString("base64url")].join(".")
  }

  const decrypt = async (key: string, value: string): Promise<string> => {
    const [, id, check, data] = stored.exec(value) ?? []
    if (data === undefined) {
      const detail = value.startsWith(`${format}.`)
        ? "the encrypted record is damaged"
        : "the record is not encrypted"
      throw new TokenStoreError({ reason: "corrupt", key, detail })
    }
    const found = (await importKeys()).find((candidate) => candidate.check === check)
    if (found === undefined) {
      throw new TokenStoreError({ reason: "wrongKey", key, detail: `it was encrypted with the key "${id}"` })
    }
    const bytes = Buffer.from(data, "base64url")
    try {
      const nonce = bytes.subarray(0, nonceLength)
      const opened = await crypto.subtle.decrypt(
        parameters(key, nonce),
        found.cryptoKey,
        bytes.subarray(nonceLength),
      )
      return new TextDecoder().decode(opened)
    } catch {
      const detail = "the encrypted record is damaged, or belongs to another key of the store"
      throw new TokenStoreError({ reason: "corrupt", key, detail })
    }
  }

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

/** A record that is copied to another key of the store must not open there: it is the token of somebody else. */
const parameters = (key: string, iv: Uint8Array<ArrayBuffer>) => ({
  name: "AES-GCM",
  iv,
  additionalData: new TextEncoder().encode(`${format}.${key}`),
})

const requireStore = (store: unknown): void => {
  if (typeof store !== "object" || store === null || !("read" in store)) {
    throw badOption("store", store, "a token store")
  }
}
