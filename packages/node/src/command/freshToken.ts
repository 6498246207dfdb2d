/**
 * The short way to a token that is plainly fresh: one look into the SQLite file, without the client, which takes longer
 * to load than Node.js itself. Whatever it does not understand goes the long way, where core decides.
 */
import { restoreToken } from "@ellipsis-oauth/core/promise"
import { makeRecordCipher } from "../stores/recordCipher.js"
import type { Profile } from "./Profile.js"
import { tokenKey } from "./profileStore.js"
import { findEncryptionKey } from "./secrets.js"

/** Longer than any token is asked to be good for, in milliseconds. */
const margin = 60_000

export const readFreshToken = async (
  file: string,
  name: string,
  profile: Profile,
  keyFile: string | undefined,
): Promise<string | undefined> => {
  try {
    const key = tokenKey(name, profile)
    const value = readValue(file, key)
    if (value === undefined) return undefined
    const record = JSON.parse(profile.encrypted ? await decrypt(key, value, profile, keyFile) : value)
    if (record.format !== 1 || record.clientId !== profile.clientId) return undefined
    if (record.tokenEndpoint !== `${profile.baseUrl}/oauth/token`) return undefined
    const { accessToken, issuedAt, expiresAt } = restoreToken(record.token)
    const now = Date.now()
    return expiresAt !== undefined && issuedAt <= now && now + margin < expiresAt ? accessToken : undefined
  } catch {
    return undefined
  }
}

const readValue = (file: string, key: string): string | undefined => {
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite")
  const database = new DatabaseSync(file, { readOnly: true, timeout: 10 })
  try {
    const row = database.prepare("SELECT value FROM ellipsis_oauth_record WHERE key = ?").get(key)
    return row === undefined ? undefined : String(row["value"])
  } finally {
    database.close()
  }
}

const decrypt = async (
  storeKey: string,
  value: string,
  { encryptionKeyFile }: Profile,
  keyFile: string | undefined,
): Promise<string> => {
  const key = findEncryptionKey({ named: keyFile, remembered: encryptionKeyFile })
  return makeRecordCipher(key === undefined ? [] : [key]).decrypt(storeKey, value)
}
