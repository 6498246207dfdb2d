/** Makes the stored access tokens of a user expire, without moving a clock. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { storeKey } from "@ellipsis-oauth/core/promise"
import { encryptedTokenStore, sqliteTokenStore } from "@ellipsis-oauth/node"
import type { User } from "./buildCommand.js"

/** @param encryptionKey of the profile, if it is encrypted */
export const expireStored = async (
  { data, config }: User,
  encryptionKey = "",
  name = "default",
): Promise<void> => {
  const { clientId, baseUrl } = JSON.parse(readFileSync(join(config, "profiles", `${name}.json`), "utf8"))
  const key = storeKey({ clientId, tokenEndpoint: `${baseUrl}/oauth/token` }, name)
  const plain = sqliteTokenStore({ path: join(data, "tokens.sqlite") })
  const store =
    encryptionKey === "" ? plain : encryptedTokenStore(plain, [{ id: "test", key: encryptionKey }])
  const { value = "{}", version = "" } = (await store.read(key)) ?? {}
  const record = JSON.parse(value)
  const issuedAt = Date.now() - 3_600_000
  const token = JSON.stringify({ ...JSON.parse(record.token), issuedAt, expiresAt: issuedAt + 3_599_000 })
  await store.write(key, { value: JSON.stringify({ ...record, token }), version })
  await store.close?.()
}
