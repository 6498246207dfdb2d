/** The released `oidc-provider`: each refresh token works once, and one that is used again ends the login. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import Provider, { type Adapter, type AdapterPayload } from "oidc-provider"
import { credentials } from "./credentials.ts"

export interface RunningProvider {
  readonly origin: string
  close(): void
}

/** Its own memory keeps 1,000 entries and forgets the others, and with them logins. */
const unlimitedMemory = (): ((name: string) => Adapter) => {
  const entries = new Map<string, AdapterPayload>()
  const members = new Map<string, Set<string>>()
  const uids = new Map<string, string>()
  return (name) => {
    const keyOf = (id: string) => `${name}:${id}`
    return {
      async find(id) {
        return entries.get(keyOf(id))
      },
      async findByUid(uid) {
        return entries.get(uids.get(uid) ?? "")
      },
      async findByUserCode() {
        return undefined
      },
      async upsert(id, payload) {
        const key = keyOf(id)
        entries.set(key, payload)
        if (payload.uid !== undefined) uids.set(payload.uid, key)
        if (payload.grantId !== undefined && name !== "Grant") {
          const keys = members.get(payload.grantId) ?? new Set()
          members.set(payload.grantId, keys.add(key))
        }
      },
      async consume(id) {
        const found = entries.get(keyOf(id))
        if (found !== undefined) found["consumed"] = Math.floor(Date.now() / 1000)
      },
      async destroy(id) {
        entries.delete(keyOf(id))
      },
      async revokeByGrantId(grantId) {
        for (const key of members.get(grantId) ?? []) entries.delete(key)
        members.delete(grantId)
      },
    }
  }
}

/** @param tokenLifetime seconds */
export const startProvider = async (tokenLifetime: number): Promise<RunningProvider> => {
  const http = createServer()
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve))
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const day = 86_400
  const provider = new Provider(origin, {
    adapter: unlimitedMemory(),
    clients: [
      {
        client_id: credentials.clientId,
        client_secret: credentials.clientSecret,
        redirect_uris: [credentials.redirectUri],
        grant_types: ["authorization_code", "refresh_token"],
        token_endpoint_auth_method: "client_secret_basic",
      },
    ],
    scopes: ["projects", "offline_access"],
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: async () => true,
    ttl: { AccessToken: tokenLifetime, RefreshToken: day, Grant: day, Interaction: day, Session: day },
    cookies: { keys: ["key"] },
  })
  http.on("request", provider.callback())
  return {
    origin,
    close: () => {
      http.closeAllConnections()
      http.close()
    },
  }
}

/** Logs a user in through the provider's own pages. @returns the URL that the app is called back with */
export const logIn = async (authorizationUrl: string, user: string): Promise<string> => {
  const cookies = new Map<string, string>()
  let url = authorizationUrl
  let init: RequestInit = {}
  for (let step = 0; step < 20; step++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ")
    const response = await fetch(url, { ...init, redirect: "manual", headers: { cookie, ...init.headers } })
    for (const set of response.headers.getSetCookie()) {
      const [pair = ""] = set.split(";")
      const [name = "", value = ""] = pair.split("=")
      if (value === "") cookies.delete(name)
      else cookies.set(name, value)
    }
    const location = response.headers.get("location")
    const page = await response.text()
    if (location !== null) {
      url = new URL(location, url).href
      init = {}
      if (url.startsWith(credentials.redirectUri)) return url
      continue
    }
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1]
    if (prompt === undefined) throw new Error(`the login ended at HTTP ${response.status}`)
    url = new URL(/action="([^"]+)"/.exec(page)?.[1] ?? "", url).href
    init = {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ prompt, login: user, password: "any" }).toString(),
    }
  }
  throw new Error("the login takes too many steps")
}
