/** The access tokens of a user have run out, though not by any clock. */
import { join } from "node:path"
import { encryptedTokenStore, sqliteTokenStore } from "../../src/index.js"
import type { User } from "./buildCommand.js"

/** @param encryptionKey of the profile, if it is encrypted */
export const expireStored = async ({ data }: User, encryptionKey = "", name = "default"): Promise<void> => {
  const plain = sqliteTokenStore({ path: join(data, "tokens.sqlite") })
  const store =
    encryptionKey === "" ? plain : encryptedTokenStore(plain, [{ id: "test", key: encryptionKey }])
  const { value = "{}", version = "" } = (await store.read(name)) ?? {}
  const record = JSON.parse(value)
  const issuedAt = Date.now() - 3_600_000
  const token = JSON.stringify({ ...JSON.parse(record.token), issuedAt, expiresAt: issuedAt + 3_599_000 })
  await store.write(name, { value: JSON.stringify({ ...record, token }), version })
  await store.close?.()
}
