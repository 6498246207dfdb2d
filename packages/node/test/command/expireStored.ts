/** The access tokens of a user have run out, though not by any clock. */
import { join } from "node:path"
import type { User } from "./buildCommand.js"

export const expireStored = async ({ data }: User): Promise<void> => {
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite")
  const database = new DatabaseSync(join(data, "tokens.sqlite"))
  for (const { key, value } of database.prepare("SELECT key, value FROM ellipsis_oauth_record").all()) {
    const record = JSON.parse(String(value))
    if (record.token === undefined) continue
    const issuedAt = Date.now() - 3_600_000
    record.token = JSON.stringify({ ...JSON.parse(record.token), issuedAt, expiresAt: issuedAt + 3_599_000 })
    const update = database.prepare("UPDATE ellipsis_oauth_record SET value = ? WHERE key = ?")
    update.run(JSON.stringify(record), String(key))
  }
  database.close()
}
