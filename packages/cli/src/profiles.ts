/** `profiles`: lists the profiles. */
import type { TokenStoreAdapter } from "@ellipsis-oauth/node"
import { CommandError } from "./CommandError.js"
import { listProfiles, NewerProfile, readProfile } from "./Profile.js"
import { openPlainStore, tokenKey } from "./profileStore.js"
import { print, say, type Task } from "./Task.js"

/** A profile, for programs and for people. */
interface Listed {
  readonly json: {
    readonly profile: string
    readonly loggedIn: boolean
    readonly account?: string | undefined
    readonly clientId?: string
    readonly baseUrl?: string
    readonly damaged?: true
    readonly newerVersion?: true
  }
  readonly state: string
  readonly details: string
}

export const profiles = async ({ line, folders }: Task): Promise<void> => {
  const store = openPlainStore(folders)
  try {
    const listed: Listed[] = []
    for (const name of listProfiles(folders.config)) {
      const found = await describe(folders.config, name, store)
      if (found !== undefined) listed.push(found)
    }
    if (line.switches.has("json")) return print(JSON.stringify(listed.map(({ json }) => json)))
    if (listed.length === 0) return say("There are no profiles. Log in first: ellipsis-oauth login")
    const width = Math.max(...listed.map(({ json }) => json.profile.length))
    for (const { json, state, details } of listed) {
      print(`${json.profile.padEnd(width)}  ${state.padEnd(16)}  ${details}`)
    }
  } finally {
    await store.close?.()
  }
}

/** A profile that cannot be read is listed too. `undefined` if it was deleted in the meantime. */
const describe = async (
  config: string,
  name: string,
  store: TokenStoreAdapter,
): Promise<Listed | undefined> => {
  const unreadable = { profile: name, loggedIn: false }
  try {
    const profile = readProfile(config, name)
    if (profile === undefined) return undefined
    const { account, clientId, baseUrl } = profile
    const loggedIn = (await store.read(tokenKey(name, profile))) !== undefined
    return {
      json: { profile: name, loggedIn, account, clientId, baseUrl },
      state: loggedIn ? (account ?? "logged in") : "logged out",
      details: `${clientId} at ${baseUrl}`,
    }
  } catch (error) {
    if (error instanceof NewerProfile) {
      return { json: { ...unreadable, newerVersion: true }, state: "newer version", details: error.message }
    }
    if (error instanceof CommandError) {
      return { json: { ...unreadable, damaged: true }, state: "damaged", details: error.message }
    }
    throw error
  }
}
