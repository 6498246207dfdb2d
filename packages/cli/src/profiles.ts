/** `profiles`: what there is. */
import { listProfiles, readProfile } from "./Profile.js"
import { openPlainStore, tokenKey } from "./profileStore.js"
import { print, say, type Task } from "./Task.js"

export const profiles = async ({ line, folders }: Task): Promise<void> => {
  const store = openPlainStore(folders.data)
  try {
    const found = []
    for (const name of listProfiles(folders.config)) {
      const profile = readProfile(folders.config, name)
      if (profile === undefined) continue
      const { account, clientId, baseUrl } = profile
      const loggedIn = (await store.read(tokenKey(name, profile))) !== undefined
      found.push({ profile: name, loggedIn, account, clientId, baseUrl })
    }
    if (line.switches.has("json")) return print(JSON.stringify(found))
    if (found.length === 0) return say("There are no profiles. Log in first: ellipsis-oauth login")
    const width = Math.max(...found.map(({ profile }) => profile.length))
    for (const { profile, loggedIn, account, clientId, baseUrl } of found) {
      const who = loggedIn ? (account ?? "logged in") : "logged out"
      print(`${profile.padEnd(width)}  ${who.padEnd(16)}  ${clientId} at ${baseUrl}`)
    }
  } finally {
    await store.close?.()
  }
}
