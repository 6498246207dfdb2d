/**
 * The short way to a token that is plainly fresh: one look into the SQLite file, without the client, which takes as
 * long to load as Node.js itself. Whatever it does not understand goes the long way, where core decides.
 */
import { restoreToken } from "@ellipsis-oauth/core"
import type { Profile } from "./Profile.js"

/** Longer than any token is asked to be good for, in milliseconds. */
const margin = 60_000

export const readFreshToken = (file: string, name: string, profile: Profile): string | undefined => {
  if (profile.encrypted) return undefined
  try {
    const record = JSON.parse(readValue(file, name) ?? "{}")
    if (record.format !== 1 || record.clientId !== profile.clientId) return undefined
    if (record.tokenEndpoint !== `${profile.baseUrl}/oauth/token`) return undefined
    const { accessToken, issuedAt, expiresAt } = restoreToken(record.token)
    const now = Date.now()
    return expiresAt !== undefined && issuedAt <= now && now + margin < expiresAt ? accessToken : undefined
  } catch {
    return undefined
  }
}

const readValue = (file: string, name: string): string | undefined => {
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite")
  const database = new DatabaseSync(file, { readOnly: true, timeout: 10 })
  try {
    const row = database.prepare("SELECT value FROM ellipsis_oauth_record WHERE key = ?").get(name)
    return row === undefined ? undefined : String(row["value"])
  } finally {
    database.close()
  }
}
