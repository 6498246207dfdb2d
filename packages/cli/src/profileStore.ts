/** The token store: one SQLite file for all profiles. The records of an encrypted profile are encrypted. */
import { storeKey } from "@ellipsis-oauth/core/promise"
import {
  encryptedTokenStore,
  sqliteTokenStore,
  type TokenClient,
  type TokenStoreAdapter,
} from "@ellipsis-oauth/node"
import { CommandError } from "./CommandError.js"
import { type Folders, storeFile } from "./folders.js"
import { makeFolder } from "./makeFolder.js"
import type { Profile } from "./Profile.js"
import type { Task } from "./Task.js"

/** @throws CommandError if a key is needed and none is given */
export const openProfileStore = (
  { line, folders, secrets }: Pick<Task, "line" | "folders" | "secrets">,
  { encrypted, encryptionKeyFile }: Pick<Profile, "encrypted" | "encryptionKeyFile">,
): TokenStoreAdapter => {
  if (!encrypted) return openPlainStore(folders)
  const named = line.values["encryption-key-file"]
  const key = secrets.findEncryptionKey({ named, remembered: encryptionKeyFile })
  if (key !== undefined) return encryptedTokenStore(openPlainStore(folders), [key])
  throw new CommandError(
    "configuration",
    "This profile is encrypted. Set $ELLIPSIS_OAUTH_ENCRYPTION_KEY or use --encryption-key-file.",
  )
}

/** For operations without the key: checking whether a record exists, and removing it. */
export const openPlainStore = ({ data }: Folders): TokenStoreAdapter => {
  makeFolder(data, 0o700)
  return sqliteTokenStore({ path: storeFile(data) })
}

/** The key at which the client of a profile stores its token. */
export const tokenKey = (
  name: string,
  { clientId, baseUrl }: Pick<Profile, "clientId" | "baseUrl">,
): string => storeKey({ clientId, tokenEndpoint: `${baseUrl.replace(/\/+$/, "")}/oauth/token` }, name)

export const storeKeyOf = ({ endpoint }: TokenClient, name: string): string =>
  storeKey({ clientId: endpoint.client.clientId, tokenEndpoint: endpoint.server.tokenEndpoint }, name)

/** Cannot collide with a token key: a profile's name has no colon. */
const secretKey = (name: string): string => `secret:${name}`

export const saveClientSecret = async (
  store: TokenStoreAdapter,
  name: string,
  clientSecret: string,
): Promise<void> => {
  await store.write(secretKey(name), {
    value: JSON.stringify({ clientSecret }),
    version: crypto.randomUUID(),
  })
}

export const readClientSecret = async (
  store: TokenStoreAdapter,
  { name, secrets }: Pick<Task, "name" | "secrets">,
): Promise<string | undefined> => {
  const record = await store.read(secretKey(name))
  return (
    record && secrets.accept("clientSecret", "the saved client secret", JSON.parse(record.value).clientSecret)
  )
}

export const removeClientSecret = async (store: TokenStoreAdapter, name: string): Promise<void> => {
  await store.remove(secretKey(name))
}
