/** Creates a profile with a refresh token from another machine, without a browser. */
import { setTimeout } from "node:timers/promises"
import type { TokenClient, TokenStoreAdapter } from "@ellipsis-oauth/node"
import { usage } from "./commandLine.js"
import { findProfile, type Profile, writeProfile } from "./Profile.js"
import { baseUrlOf, openProfileClient } from "./profileClient.js"
import { gainsSecret, namesClient, type ProfilePlan, planProfile } from "./profilePlan.js"
import { openProfileStore, removeClientSecret, saveClientSecret, storeKeyOf } from "./profileStore.js"
import type { Task } from "./Task.js"

interface Start extends ProfilePlan {
  readonly refreshToken: string
  /** Imports the token even if it was imported before. */
  readonly replace: boolean
}

export interface Started {
  readonly profile: Profile
  /** False if this refresh token was imported before; the store may have a newer token. */
  readonly changed: boolean
}

export const startProfile = async (task: Task, start: Start): Promise<Started> => {
  const { name, folders } = task
  const { clientSecret } = start
  const store = openProfileStore(task, start.profile)
  const client = openProfileClient(start.profile, store, clientSecret)
  const profile = { ...start.profile, baseUrl: baseUrlOf(client) }
  try {
    const changed = await importOnce(task, client, store, start)
    if (profile.savedSecret && clientSecret !== undefined) await saveClientSecret(store, name, clientSecret)
    else await removeClientSecret(store, name)
    writeProfile(folders.config, name, profile)
    return { profile, changed }
  } finally {
    await client.close()
  }
}

/**
 * Like `import`, with the variables of CI, cron and containers. An existing profile is not changed, unless it was made
 * before the client secret was among them.
 */
export const startFromEnvironment = async (task: Task, refreshToken: string): Promise<Started> => {
  const start = { refreshToken, replace: false }
  const profile = findProfile(task.folders.config, task.name)
  if (profile === undefined) return startProfile(task, { ...(await planProfile(task)), ...start })
  requireSame(task, "ELLIPSIS_OAUTH_CLIENT_ID", profile.clientId)
  requireSame(task, "ELLIPSIS_OAUTH_BASE_URL", profile.baseUrl)
  if (namesClient(task, profile.clientId) && gainsSecret(task, profile)) {
    return startProfile(task, { ...(await planProfile(task)), ...start })
  }
  const store = openProfileStore(task, profile)
  const client = openProfileClient(profile, store)
  try {
    return { profile, changed: await importOnce(task, client, store, start) }
  } finally {
    await client.close()
  }
}

/** @returns whether the store was changed */
const importOnce = (
  task: Task,
  client: TokenClient,
  store: TokenStoreAdapter,
  { refreshToken, replace }: Pick<Start, "refreshToken" | "replace">,
): Promise<boolean> =>
  withImportLease(store, task, async () => {
    const session = client.session(task.name)
    const key = storeKeyOf(client, task.name)
    const before = (await store.read(key))?.version
    await session.importToken({ refreshToken }, { replace, signal: task.signal })
    return (await store.read(key))?.version !== before
  })

const requireSame = ({ name }: Task, variable: string, known: string): void => {
  const given = process.env[variable]
  if (given === undefined || given === "" || given.replace(/\/+$/, "") === known) return
  throw usage(`$${variable} differs from the profile ${name}. Choose another profile with --profile`)
}

/** Duration of the lease, in milliseconds. */
const leaseDuration = 30_000

/** Two processes must not import at the same time: the second would restore a refresh token that the first has used. */
const withImportLease = async <A>(
  store: TokenStoreAdapter,
  { name, signal }: Task,
  work: () => Promise<A>,
): Promise<A> => {
  const key = `import:${name}`
  const owner = crypto.randomUUID()
  for (;;) {
    const { acquired, expiresIn } = await store.lease(key, owner, leaseDuration)
    if (acquired) break
    await setTimeout(Math.min(50, expiresIn), undefined, { signal })
  }
  try {
    return await work()
  } finally {
    await store.release(key, owner)
  }
}
