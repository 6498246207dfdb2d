/** Encrypts stored values with AES-256-GCM. The record's key is the associated data. */
import { TokenStoreError } from "@ellipsis-oauth/core/promise"
import { type EncryptionKey, type ImportedKey, importKey, requireKeys } from "./EncryptionKey.js"

/** The format of a stored value: `e1.<id>.<check>.<nonce, ciphertext and tag>`. */
const format = "e1"
const stored = /^e1\.([\w-]{1,64})\.([\w-]{11})\.([\w-]+)$/
const nonceLength = 12

export interface RecordCipher {
  readonly encrypt: (key: string, value: string) => Promise<string>
  /** Rejects with a TokenStoreError: `corrupt`, or `wrongKey`. */
  readonly decrypt: (key: string, value: string) => Promise<string>
}

/** @throws ConfigurationError for bad keys, without showing them */
export const makeRecordCipher = (keys: readonly EncryptionKey[]): RecordCipher => {
  const rawKeys = requireKeys(keys)
  let imported: Promise<readonly [ImportedKey, ...ImportedKey[]]> | undefined
  const importKeys = () => {
    imported ??= Promise.all([importKey(rawKeys[0]), ...rawKeys.slice(1).map(importKey)])
    return imported
  }

  return {
    encrypt: async (key, value) => {
      const [{ id, check, cryptoKey }] = await importKeys()
      const nonce = crypto.getRandomValues(new Uint8Array(nonceLength))
      const sealed = await crypto.subtle.encrypt(
        parameters(key, nonce),
        cryptoKey,
        new TextEncoder().encode(value),
      )
      return [format, id, check, Buffer.concat([nonce, new Uint8Array(sealed)]).toString("base64url")].join(
        ".",
      )
    },

    decrypt: async (key, value) => {
      const [, id, check, data] = stored.exec(value) ?? []
      if (data === undefined) {
        const detail = value.startsWith(`${format}.`)
          ? "the encrypted record is damaged"
          : "the record is not encrypted"
        throw new TokenStoreError({ reason: "corrupt", key, detail })
      }
      const found = (await importKeys()).find((candidate) => candidate.check === check)
      if (found === undefined) {
        throw new TokenStoreError({
          reason: "wrongKey",
          key,
          detail: `it was encrypted with the key "${id}"`,
        })
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
    },
  }
}

/** A record that is copied to another key of the store must not decrypt there, because it is another user's token. */
const parameters = (key: string, iv: Uint8Array<ArrayBuffer>) => ({
  name: "AES-GCM",
  iv,
  additionalData: new TextEncoder().encode(`${format}.${key}`),
})
