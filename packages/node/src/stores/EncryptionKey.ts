/** The keys of `encryptedTokenStore`: their options, checked, and their Web Crypto keys. */
import { badOption, ConfigurationError } from "@ellipsis-oauth/core/promise"

/** A key of `encryptedTokenStore`, and its name. */
export interface EncryptionKey {
  /** The id of the key, visible in stored records and in errors: 1 to 64 letters, digits, `_` or `-`. */
  readonly id: string
  /** 32 random bytes, or the same in base64 or base64url: `openssl rand -base64 32`. */
  readonly key: Uint8Array | string
}

/** A key with checked options, before it is imported into Web Crypto. */
export interface RawKey {
  readonly id: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

export interface ImportedKey {
  readonly id: string
  /** A part of the key's hash. It shows a wrong key with the same id, which AES-GCM cannot tell from a damaged record. */
  readonly check: string
  readonly cryptoKey: CryptoKey
}

export const importKey = async ({ id, bytes }: RawKey): Promise<ImportedKey> => {
  const label = new TextEncoder().encode("ellipsis-oauth key check")
  const hash = await crypto.subtle.digest("SHA-256", Buffer.concat([label, bytes]))
  return {
    id,
    check: Buffer.from(hash, 0, 8).toString("base64url"),
    cryptoKey: await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]),
  }
}

/** @throws ConfigurationError that does not show the key */
export const requireKeys = (keys: unknown): readonly [RawKey, ...RawKey[]] => {
  const [first, ...others] = Array.isArray(keys) ? keys.map(requireKey) : []
  if (first === undefined) throw badOption("keys", keys, "an array of at least one { id, key }")
  const ids = new Set<string>()
  for (const { id } of [first, ...others]) {
    if (ids.has(id)) {
      throw new ConfigurationError({
        option: "keys",
        got: `two keys with the id "${id}"`,
        expected: "ids that differ",
      })
    }
    ids.add(id)
  }
  return [first, ...others]
}

const requireKey = (value: unknown, index: number): RawKey => {
  const { id, key } = typeof value === "object" && value !== null ? (value as Partial<EncryptionKey>) : {}
  if (typeof id !== "string" || !/^[\w-]{1,64}$/.test(id)) {
    throw badOption(`keys[${index}].id`, id, "1 to 64 letters, digits, _ or -")
  }
  const encoded =
    typeof key === "string" && /^[\w+/-]{43}=?$/.test(key) ? Buffer.from(key, "base64") : undefined
  // A copy, because the caller may erase its key afterwards.
  const bytes = Uint8Array.from(key instanceof Uint8Array ? key : (encoded ?? []))
  if (bytes.length !== 32) throw badOption(`keys[${index}].key`, key, "32 bytes, or the same in base64")
  return { id, bytes }
}
