/** `profiles`: lists the profiles. */
import { findProfile, listProfiles } from "./Profile.js"
import { openPlainStore, tokenKey } from "./profileStore.js"
import { print, say, type Task } from "./Task.js"

export const profiles = async ({ line, folders }: Task): Promise<void> => {
  const store = openPlainStore(folders)
  try {
    const found: {
      readonly profile: string
      readonly loggedIn: boolean
      readonly account?: string | undefined
      readonly clientId?: string
      readonly baseUrl?: string
      readonly damaged?: true
    }[] = []
    for (const name of listProfiles(folders.config)) {
      const profile = findProfile(folders.config, name)
      if (profile === undefined) {
        // The other profiles are still listed.
        found.push({ profile: name, loggedIn: false, damaged: true })
        continue
      }
      const { account, clientId, baseUrl } = profile
      const loggedIn = (await store.read(tokenKey(name, profile))) !== undefined
      found.push({ profile: name, loggedIn, account, clientId, baseUrl })
    }
    if (line.switches.has("json")) return print(JSON.stringify(found))
    if (found.length === 0) return say("There are no profiles. Log in first: ellipsis-oauth login")
    const width = Math.max(...found.map(({ profile }) => profile.length))
    for (const { profile, loggedIn, account, clientId, baseUrl, damaged } of found) {
      if (damaged === true) {
        print(`${profile.padEnd(width)}  damaged           log in again with --profile ${profile}`)
        continue
      }
      const who = loggedIn ? (account ?? "logged in") : "logged out"
      print(`${profile.padEnd(width)}  ${who.padEnd(16)}  ${clientId} at ${baseUrl}`)
    }
  } finally {
    await store.close?.()
  }
}
