// Sessions that have ended, and records that cannot be used: what the browser, the app and its log are told, and what
// stays in the store.
import { describe, expect, test } from "vitest"
import {
  encryptedTokenStore,
  memoryTokenStore,
  type TokenStoreAdapter,
  TokenStoreError,
} from "../../src/index.js"
import { keyInStore } from "../fixtures.js"
import type { Browser } from "./Browser.js"
import { type App, appOrigin, base, startApp } from "./fixtures.js"
import { records, watchedStore } from "./watchedStore.js"

const headersOf = (own: Browser) => ({ cookie: own.cookieHeader(appOrigin) })

const keyOf = async ({ routes }: App, own: Browser): Promise<string> =>
  (await routes.session({ headers: headersOf(own) }))?.key ?? ""

/** A signed-in browser at a process that has not seen it before, over the same store. */
const afterRestart = (app: App, store: TokenStoreAdapter = app.store): App =>
  startApp({ server: app.server, client: { store } })

const post = ({ routes }: App, route: string, own: Browser, headers: Record<string, string> = {}) =>
  routes(
    new Request(`${base}/${route}`, {
      method: "POST",
      headers: { ...headersOf(own), origin: appOrigin, ...headers },
    }),
  )

describe("after the provider has ended a login", () => {
  const ended = async () => {
    const app = startApp({ client: { store: watchedStore() } })
    const own = await app.signedIn()
    const session = await app.routes.session({ headers: headersOf(own) })
    app.server.revokeFamily(app.server.families[0]?.id ?? "")
    app.server.clock.advance("2 hours")
    await expect(session?.getAccessToken()).rejects.toMatchObject({ _tag: "LoginRequired" })
    return { app, own }
  }

  test("auth.session finds no session, and nothing of it stays in the store", async () => {
    const { app, own } = await ended()
    expect(await app.routes.session({ headers: headersOf(own) })).toBeUndefined()
    expect(records(app.store)).toEqual([])
    expect(app.errors).toEqual([])
  })

  test("POST /token returns login_required", async () => {
    const { app, own } = await ended()
    const response = await own.post(`${base}/token`)
    expect([response.status, await response.json()]).toMatchObject([401, { error: "login_required" }])
    expect(records(app.store)).toEqual([])
  })

  test("other processes find no session either", async () => {
    const { app, own } = await ended()
    const other = afterRestart(app)
    expect(await other.routes.session({ headers: headersOf(own) })).toBeUndefined()
    expect((await post(other, "token", own)).status).toBe(401)
  })

  test("the same after the app has ended the session", async () => {
    const app = startApp({ client: { store: watchedStore() } })
    const own = await app.signedIn()
    await (await app.routes.session({ headers: headersOf(own) }))?.signOut()
    expect(await app.routes.session({ headers: headersOf(own) })).toBeUndefined()
    expect(records(app.store)).toEqual([])
  })
})

const damages: readonly (readonly [string, (key: string, app: App) => string])[] = [
  ["the token's record is damaged", (key, app) => keyInStore(app.client, key)],
  ["the record of its use is damaged", (key) => `${key}:used`],
]

describe.each(damages)("where %s", (_name, which) => {
  const values = [
    "",
    "{",
    "null",
    '{"usedAt":"x"}',
    '{"usedAt":"x","login":"x","returnTo":"/"}',
    '{"usedAt":null,"login":"x","returnTo":"/"}',
    '{"usedAt":1,"returnTo":"/"}',
    '{"usedAt":1,"login":7,"returnTo":"/"}',
    '{"usedAt":1,"login":"x"}',
    '{"usedAt":1,"login":"x","returnTo":7}',
    "1700000000000",
  ]

  const damaged = async (value: string) => {
    const app = startApp({ client: { store: watchedStore() } })
    const own = await app.signedIn()
    const key = await keyOf(app, own)
    await app.store.write(which(key, app), { value, version: "damaged" })
    return { app: afterRestart(app), own }
  }

  test.each(values)(
    "POST /token returns login_required (%j), onError gets the reason, and the session is removed",
    async (value) => {
      const { app, own } = await damaged(value)
      const response = await post(app, "token", own)
      expect([response.status, await response.json()]).toMatchObject([401, { error: "login_required" }])
      expect(app.errors).toMatchObject([{ _tag: "TokenStoreError", reason: "corrupt" }])
      expect(records(app.store)).toEqual([])
      expect((await post(app, "token", own)).status).toBe(401)
      expect(app.errors).toHaveLength(1)
    },
  )

  test("auth.session finds no session, and onError gets the reason", async () => {
    const { app, own } = await damaged("{")
    expect(await app.routes.session({ headers: headersOf(own) })).toBeUndefined()
    expect(app.errors).toMatchObject([{ _tag: "TokenStoreError", reason: "corrupt" }])
    expect(records(app.store)).toEqual([])
  })

  test("a callback of another login is refused like any, and onError gets the reason", async () => {
    const { app, own } = await damaged("{")
    const request = new Request(`${base}/callback?code=c&state=unknown`, { headers: headersOf(own) })
    const response = await app.routes(request)
    expect(response.status).toBe(400)
    expect(app.errors).toMatchObject([{ _tag: "TokenStoreError", reason: "corrupt" }])
  })

  test("a logout still removes the token and the session", async () => {
    const { app, own } = await damaged("{")
    const response = await post(app, "logout", own)
    expect(response.status).toBe(204)
    expect(response.headers.get("set-cookie")).toMatch(/session=; .*Max-Age=0/)
    expect(records(app.store)).toEqual([])
  })

  test("a new login replaces it", async () => {
    const { app, own } = await damaged("{")
    const login = await app.routes(new Request(`${base}/login`))
    const [pair = ""] = login.headers.getSetCookie()
    const redirect = await app.server.fetch(login.headers.get("location") ?? "", { redirect: "manual" })
    const cookie = `${headersOf(own).cookie}; ${pair.split(";")[0]}`
    const callback = redirect.headers.get("location") ?? ""
    const done = await app.routes(new Request(callback, { headers: { cookie } }))
    expect(done.status).toBe(303)
    // The new session's two, and nothing of the damaged one.
    expect(records(app.store)).toHaveLength(2)
  })
})

describe("with encryption", () => {
  const key = (fill: number) => ({ id: `key-${fill}`, key: new Uint8Array(32).fill(fill) })

  const encrypted = async () => {
    const inner = watchedStore()
    const app = startApp({ client: { store: encryptedTokenStore(inner, [key(1)]) } })
    const own = await app.signedIn()
    return { app, own, inner }
  }

  test("a wrong key is a server error, onError gets it, and no record is changed", async () => {
    const { app, own, inner } = await encrypted()
    const before = records(inner)
    const other = afterRestart(app, encryptedTokenStore(inner, [key(2)]))
    for (let i = 0; i < 2; i++) {
      const response = await post(other, "token", own)
      expect([response.status, await response.json()]).toEqual([
        500,
        {
          error: "server_error",
          error_description: "Server configuration error. See the server's log.",
          action: "fix",
        },
      ])
    }
    await expect(other.routes.session({ headers: headersOf(own) })).rejects.toMatchObject({
      _tag: "TokenStoreError",
      reason: "wrongKey",
      action: "fix",
    })
    expect(other.errors).toMatchObject([{ reason: "wrongKey" }, { reason: "wrongKey" }])
    expect(records(inner)).toEqual(before)
    expect((await post(app, "token", own)).status).toBe(200)
  })

  test("a user can log out with a wrong key", async () => {
    const { app, own, inner } = await encrypted()
    const other = afterRestart(app, encryptedTokenStore(inner, [key(2)]))
    expect((await post(other, "logout", own)).status).toBe(204)
    expect(records(inner)).toEqual([])
  })

  test("records from before the encryption are removed, and their users log in again", async () => {
    const app = startApp({ client: { store: watchedStore() } })
    const own = await app.signedIn()
    const other = afterRestart(app, encryptedTokenStore(app.store, [key(1)]))
    expect((await post(other, "token", own)).status).toBe(401)
    expect(records(app.store)).toEqual([])
  })
})

describe("a record of another client at a session's key", () => {
  const foreign = async () => {
    const app = startApp({ client: { store: watchedStore() } })
    const own = await app.signedIn()
    const key = await keyOf(app, own)
    const record = await app.store.read(keyInStore(app.client, key))
    const value = JSON.stringify({ ...JSON.parse(record?.value ?? ""), clientId: "other" })
    await app.store.write(keyInStore(app.client, key), { value, version: "other" })
    return { app: afterRestart(app), own, key }
  }

  test("means login_required, and is not changed", async () => {
    const { app, own, key } = await foreign()
    for (let i = 0; i < 2; i++) {
      const response = await post(app, "token", own)
      expect([response.status, await response.json()]).toMatchObject([401, { error: "login_required" }])
    }
    expect(await app.routes.session({ headers: headersOf(own) })).toBeUndefined()
    expect(app.errors).toMatchObject(Array(3).fill({ _tag: "TokenStoreError", reason: "foreign" }))
    expect((await app.store.read(keyInStore(app.client, key)))?.version).toBe("other")
  })
})

describe("a store that is not usable", () => {
  const failing = (reason: "unusable" | "unavailable") => {
    const fail = () => {
      throw new TokenStoreError({ reason, key: "any", detail: "no such table" })
    }
    return { ...memoryTokenStore(), read: fail, write: fail, remove: fail, lease: fail }
  }
  const navigation = { accept: "text/html", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" }

  test.each(["token", "logout"])("makes %s a server error that onError gets", async (route) => {
    const app = startApp()
    const own = await app.signedIn()
    const other = afterRestart(app, failing("unusable"))
    const response = await post(other, route, own)
    expect([response.status, response.headers.get("retry-after")]).toEqual([500, null])
    expect(other.errors).toMatchObject([{ _tag: "TokenStoreError", reason: "unusable", action: "fix" }])
    const down = afterRestart(app, failing("unavailable"))
    expect((await post(down, route, own)).status).toBe(503)
  })

  test("makes the callback a server error too, with a page for the user", async () => {
    const app = startApp({ client: { store: failing("unusable") } })
    const { response, body } = await app.browser().visit(`${base}/login`, navigation)
    expect(response.status).toBe(500)
    expect(body).toContain("Server configuration error. See the server&#39;s log.")
    expect(body).not.toContain("no such table")
    expect(app.errors).toMatchObject([{ reason: "unusable" }])
  })
})

describe("a session that has ended", () => {
  test("gives no error if the store accepts no write", async () => {
    const inner = memoryTokenStore()
    const remove = () => {
      throw new Error("read only")
    }
    const app = startApp({ client: { store: { ...inner, remove } }, routes: { idleLifetime: "1 hour" } })
    const own = await app.signedIn()
    app.server.clock.advance("2 hours")
    expect((await own.post(`${base}/token`)).status).toBe(401)
    expect(await app.routes.session({ headers: headersOf(own) })).toBeUndefined()
  })

  test("leaves nothing behind at a logout after its lifetime", async () => {
    const app = startApp({ client: { store: watchedStore() }, routes: { lifetime: "2 days" } })
    const own = await app.signedIn()
    const { cookie } = headersOf(own)
    app.server.clock.advance("3 days")
    expect((await own.post(`${base}/logout`, { cookie })).status).toBe(204)
    expect(records(app.store)).toEqual([])
  })

  test("leaves nothing behind if the process died between the two records of a logout", async () => {
    const app = startApp({ client: { store: watchedStore() } })
    const own = await app.signedIn()
    const key = await keyOf(app, own)
    await app.store.remove(`${key}:used`)
    expect((await own.post(`${base}/logout`)).status).toBe(204)
    expect(records(app.store)).toEqual([])
  })

  test("emits no sign-out for an unknown id", async () => {
    const events: string[] = []
    const app = startApp({ client: { store: watchedStore(), onEvent: ({ type }) => events.push(type) } })
    const cookie = `__Host-ellipsis-session=${Date.now().toString(36)}.${"x".repeat(43)}`
    expect((await app.browser().post(`${base}/logout`, { cookie })).status).toBe(204)
    expect(events).toEqual([])
  })
})
