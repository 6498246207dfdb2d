/** `status`: shows the account, the expiry and the token store. Sends no request. */
import { exitCodes } from "./CommandError.js"
import { storeFile } from "./folders.js"
import { requireProfile } from "./Profile.js"
import { openProfileClient } from "./profileClient.js"
import { openProfileStore } from "./profileStore.js"
import { print, type Task } from "./Task.js"

export const status = async (task: Task): Promise<void> => {
  const { line, name, folders, signal } = task
  const profile = requireProfile(folders.config, name)
  const store = openProfileStore(task, profile)
  const client = openProfileClient(profile, store)
  try {
    const state = await client.session(name).restore({ signal })
    const file = storeFile(folders.data)
    if (state.status === "signedOut") process.exitCode = exitCodes.loginRequired
    const expiresAt = state.status === "ready" ? state.expiresAt : undefined
    const scope = state.status === "ready" ? state.scope : []
    const { account, clientId, baseUrl, encrypted } = profile
    if (line.switches.has("json")) {
      const expires = expiresAt === undefined ? undefined : new Date(expiresAt).toISOString()
      const details = {
        profile: name,
        status: state.status,
        account,
        expiresAt: expires,
        scope,
        clientId,
        baseUrl,
      }
      return print(JSON.stringify({ ...details, store: file, encrypted, clientSecret: secretOf(profile) }))
    }
    const token = {
      ready:
        expiresAt === undefined
          ? "valid; the server did not say how long"
          : `valid for ${inWords(expiresAt - Date.now())}`,
      stale: "no longer valid; the next ellipsis-oauth token refreshes it",
    }
    const rows = [
      ["Profile", name],
      ["Account", state.status === "signedOut" ? "signed out" : (account ?? "unknown")],
      ...(state.status === "ready" || state.status === "stale"
        ? [["Access token", token[state.status]]]
        : []),
      ...(scope.length === 0 ? [] : [["Scope", scope.join(" ")]]),
      ["Client", `${clientId} at ${baseUrl}`],
      ["Client secret", secretOf(profile)],
      ["Store", `${file}${encrypted ? ", encrypted" : ""}`],
    ]
    print(rows.map(([label = "", value]) => `${label.padEnd(14)} ${value}`).join("\n"))
  } finally {
    await client.close()
  }
}

const secretOf = (profile: ReturnType<typeof requireProfile>): string => {
  const { clientAuthentication, clientSecretFile, savedSecret } = profile
  if (clientAuthentication === "none") return "none"
  return savedSecret ? "saved" : (clientSecretFile ?? "asked for")
}

const inWords = (milliseconds: number): string => {
  const minutes = Math.floor(milliseconds / 60_000)
  if (minutes < 1) return `${Math.floor(milliseconds / 1000)} s`
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`
}
