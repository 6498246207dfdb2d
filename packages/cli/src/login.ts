/** `login`: logs in with the browser, then writes the profile. */
import type { TokenClient } from "@ellipsis-oauth/node"
import { logInByBrowser, requirePerson } from "./browserLogin.js"
import { readDuration } from "./duration.js"
import { storeFile } from "./folders.js"
import { findProfile, type Profile, writeProfile } from "./Profile.js"
import { plainText } from "./plainText.js"
import { baseUrlOf, openProfileClient } from "./profileClient.js"
import { planProfile } from "./profilePlan.js"
import {
  openPlainStore,
  openProfileStore,
  removeClientSecret,
  saveClientSecret,
  tokenKey,
} from "./profileStore.js"
import { say, type Task } from "./Task.js"

export const login = async (task: Task): Promise<void> => {
  const { line, name, folders } = task
  const timeout = readDuration("--timeout", line.values.timeout ?? "5m")
  const { profile, clientSecret } = await planProfile(task)
  requirePerson(task)
  const store = openProfileStore(task, profile)
  const client = openProfileClient(profile, store, clientSecret)
  const baseUrl = baseUrlOf(client)
  const versionBefore = await storedVersion(task, { ...profile, baseUrl })
  let done = false
  try {
    await logInByBrowser(task, client, profile, { key: name, timeout })
    if (profile.savedSecret && clientSecret !== undefined) await saveClientSecret(store, name, clientSecret)
    else await removeClientSecret(store, name)
    writeProfile(folders.config, name, { ...profile, baseUrl })
    done = true
    const account = await requestAccountName(task, client, baseUrl)
    if (account !== undefined) writeProfile(folders.config, name, { ...profile, baseUrl, account })
    say(
      `Logged in${account === undefined ? "" : ` as ${account}`}. The tokens are stored in ${storeFile(folders.data)}.`,
    )
    if (clientSecret !== undefined) say(adviceOnSecret(profile))
  } finally {
    // Waits for a code exchange that was started.
    await client.close()
    if (!done) await removeUnfinishedLogin(task, { ...profile, baseUrl }, versionBefore)
  }
}

/** The account's name from the API. Only for display, so a failure is ignored. */
const requestAccountName = async (
  { name, signal }: Task,
  client: TokenClient,
  baseUrl: string,
): Promise<string | undefined> => {
  try {
    const response = await client
      .session(name)
      .fetch(`${baseUrl}/account`, { signal: AbortSignal.any([signal, AbortSignal.timeout(5_000)]) })
    if (!response.ok) return undefined
    const { username, name: title } = (await response.json()) as Record<string, unknown>
    const account = [username, title].find((found) => typeof found === "string" && found !== "")
    return account === undefined ? undefined : plainText(String(account)).replaceAll("\n", " ").slice(0, 100)
  } catch {
    return undefined
  }
}

const adviceOnSecret = ({ savedSecret, clientSecretFile }: Profile): string => {
  if (savedSecret) return "The client secret is stored there too."
  return clientSecretFile === undefined
    ? "The client secret was not saved. To refresh, ellipsis-oauth token reads it from $ELLIPSIS_OAUTH_CLIENT_SECRET or asks for it. Log in with --save-secret to save it."
    : `The client secret stays in ${clientSecretFile}.`
}

const storedVersion = async ({ name, folders }: Task, profile: Profile): Promise<string | undefined> => {
  const store = openPlainStore(folders)
  try {
    return (await store.read(tokenKey(name, profile)))?.version
  } finally {
    await store.close?.()
  }
}

/** An interrupted login may have stored its token already. Removes the token, because it has no profile. */
const removeUnfinishedLogin = async (
  task: Task,
  profile: Profile,
  versionBefore: string | undefined,
): Promise<void> => {
  const { name, folders } = task
  const { clientId, baseUrl } = profile
  const kept = findProfile(folders.config, name)
  if (kept?.clientId === clientId && kept.baseUrl === baseUrl) return
  const version = await storedVersion(task, profile)
  if (version === undefined || version === versionBefore) return
  const store = openPlainStore(folders)
  try {
    await store.remove(tokenKey(name, profile), version)
  } finally {
    await store.close?.()
  }
}
