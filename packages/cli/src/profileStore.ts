/** The store of a profile: one SQLite file for all of them, with encrypted records where the profile says so. */
import { randomUUID } from "node:crypto"
import { chmodSync, mkdirSync } from "node:fs"
import { storeKey } from "@ellipsis-oauth/core/promise"
import { encryptedTokenStore, sqliteTokenStore, type TokenStoreAdapter } from "@ellipsis-oauth/node"
import { CommandError } from "./CommandError.js"
import { storeFile } from "./folders.js"
import type { Profile } from "./Profile.js"
import { findEncryptionKey } from "./secrets.js"

/**
 * @param keyFile the file that a flag names
 * @throws CommandError where a key is needed and none is given
 */
export const openProfileStore = (
  data: string,
  { encrypted, encryptionKeyFile }: Pick<Profile, "encrypted" | "encryptionKeyFile">,
  keyFile: string | undefined,
): TokenStoreAdapter => {
  if (!encrypted) return openPlainStore(data)
  const key = findEncryptionKey({ named: keyFile, remembered: encryptionKeyFile })
  if (key !== undefined) return encryptedTokenStore(openPlainStore(data), [key])
  throw new CommandError(
    "configuration",
    "This profile is encrypted. Give its key with --encryption-key-file or $ELLIPSIS_OAUTH_ENCRYPTION_KEY.",
  )
}

/** For what needs no key: to see whether a record is there, and to remove it. */
export const openPlainStore = (data: string): TokenStoreAdapter => {
  mkdirSync(data, { recursive: true, mode: 0o700 })
  if (process.platform !== "win32") chmodSync(data, 0o700)
  return sqliteTokenStore({ path: storeFile(data) })
}

/** Where the client of a profile keeps its token. */
export const tokenKey = (
  name: string,
  { clientId, baseUrl }: Pick<Profile, "clientId" | "baseUrl">,
): string => storeKey({ clientId, tokenEndpoint: `${baseUrl.replace(/\/+$/, "")}/oauth/token` }, name)

/** No profile's name has a colon. */
const secretKey = (name: string): string => `secret:${name}`

export const saveClientSecret = async (
  store: TokenStoreAdapter,
  name: string,
  clientSecret: string,
): Promise<void> => {
  await store.write(secretKey(name), { value: JSON.stringify({ clientSecret }), version: randomUUID() })
}

export const readClientSecret = async (
  store: TokenStoreAdapter,
  name: string,
): Promise<string | undefined> => {
  const record = await store.read(secretKey(name))
  return record && JSON.parse(record.value).clientSecret
}

export const removeClientSecret = async (store: TokenStoreAdapter, name: string): Promise<void> => {
  await store.remove(secretKey(name))
}
