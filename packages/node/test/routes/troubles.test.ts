// What is kept and what is told while a store, the app's own code or another process gets in the way.
import { describe, expect, test } from "vitest"
import { memoryTokenStore, type TokenStoreAdapter } from "../../src/index.js"
import type { Browser } from "./Browser.js"
import { type App, appOrigin, base, startApp } from "./fixtures.js"
import { records, watchedStore } from "./watchedStore.js"

const navigation = { accept: "text/html", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" }

const day = 24 * 3_600_000

/** The keys of the store without the client and the login, which differ each time. */
const kinds = (store: TokenStoreAdapter) =>
  records(store).map(([key]) => (key.endsWith(":used") ? "use" : "token"))

/** Goes up to the callback, and gives its URL. */
const beginLogin = async ({ server }: App, own: Browser): Promise<string> => {
  const { headers } = await own.send(`${base}/login`, { headers: navigation })
  const redirect = await server.fetch(headers.get("location") ?? "", { redirect: "manual" })
  return redirect.headers.get("location") ?? ""
}

describe("a session by default", () => {
  /** The status of a request for a token, at these times after the login, in milliseconds. */
  const statuses = async (times: readonly number[]) => {
    const app = startApp()
    const own = await app.signedIn()
    const cookie = own.cookieHeader(appOrigin)
    const start = app.server.clock.now()
    const found: number[] = []
    for (const time of times) {
      app.server.clock.set(start + time)
      found.push((await own.post(`${base}/token`, { cookie })).status)
    }
    return found
  }

  test("ends after seven days without use", async () => {
    expect(await statuses([7 * day - 1])).toEqual([200])
    expect(await statuses([7 * day])).toEqual([401])
  })

  test("ends thirty days after its login, even if it is used", async () => {
    const uses = [6, 12, 18, 24].map((days) => days * day)
    expect(await statuses([...uses, 30 * day - 1, 30 * day])).toEqual([200, 200, 200, 200, 200, 401])
  })
})

test("a callback that is sent again minutes later, with its cookie, sends no code", async () => {
  const app = startApp()
  const own = app.browser()
  const callback = await beginLogin(app, own)
  const cookie = own.cookieHeader(appOrigin)
  expect((await own.send(callback, { headers: navigation })).status).toBe(303)
  const requests = app.server.log.length
  app.server.clock.advance("50 minutes")
  const again = await app.browser().send(callback, { headers: { ...navigation, cookie } })
  expect(again.status).toBe(400)
  expect(app.server.log).toHaveLength(requests)
})

test("a logout that stops half way has removed the token, and the next one removes the rest", async () => {
  const watched = watchedStore()
  let isBroken = false
  const store: TokenStoreAdapter = {
    ...watched,
    remove: (key, ifVersion) => {
      if (isBroken && key.endsWith(":used")) throw new Error("ECONNRESET")
      return watched.remove(key, ifVersion)
    },
  }
  const app = startApp({ client: { store } })
  const own = await app.signedIn()
  const cookie = own.cookieHeader(appOrigin)
  expect(kinds(watched).sort()).toEqual(["token", "use"])
  isBroken = true
  expect((await own.post(`${base}/logout`, { cookie })).status).toBe(503)
  expect(kinds(watched)).toEqual(["use"])
  isBroken = false
  expect((await own.post(`${base}/logout`, { cookie })).status).toBe(204)
  expect(kinds(watched)).toEqual([])
})

test("a request that notes its use brings back no session that another process has ended meanwhile", async () => {
  const watched = watchedStore()
  let onRead: (key: string) => Promise<void> = async () => {}
  const store: TokenStoreAdapter = {
    ...watched,
    read: async (key) => {
      const record = await watched.read(key)
      await onRead(key)
      return record
    },
  }
  // The token stays valid, so this process does not look for it in the store.
  const app = startApp({ client: { store }, mock: { accessTokenLifetime: "1 day" } })
  const own = await app.signedIn()
  const cookie = own.cookieHeader(appOrigin)
  const other = startApp({ server: app.server, client: { store: watched } })
  app.server.clock.advance("2 hours")
  onRead = async (key) => {
    if (!key.endsWith(":used")) return
    onRead = async () => {}
    const { status } = await other.routes(
      new Request(`${base}/logout`, { method: "POST", headers: { cookie, origin: appOrigin } }),
    )
    expect(status).toBe(204)
  }
  await own.post(`${base}/token`, { cookie })
  expect(kinds(watched)).toEqual([])
})

test("a new login is valid although the old session cannot be removed, and onError is told", async () => {
  const inner = memoryTokenStore()
  let isBroken = false
  const store: TokenStoreAdapter = {
    ...inner,
    remove: (key, ifVersion) => {
      if (isBroken) throw Object.assign(new Error("down"), { code: "ECONNRESET" })
      return inner.remove(key, ifVersion)
    },
  }
  const app = startApp({ client: { store } })
  const own = await app.signedIn()
  const before = own.cookieHeader(appOrigin)
  isBroken = true
  await own.visit(`${base}/login`)
  expect(own.cookieHeader(appOrigin)).not.toBe(before)
  expect(app.errors).toMatchObject([{ _tag: "TokenStoreError", reason: "unavailable" }])
  expect((await own.post(`${base}/token`)).status).toBe(200)
})

describe("the app's own error page", () => {
  test("that fails is told to onError, and the person gets the usual one", async () => {
    const failure = new Error("my template")
    const app = startApp({
      routes: {
        renderError: () => {
          throw failure
        },
      },
    })
    const response = await app.browser().send(`${base}/callback?state=x`, { headers: navigation })
    expect(response.status).toBe(400)
    expect(await response.text()).toContain("<h1>The login failed</h1>")
    expect(app.errors).toEqual([failure])
  })

  test("keeps its status text", async () => {
    const renderError = () => new Response("gone", { status: 410, statusText: "Gone for good" })
    const app = startApp({ routes: { renderError } })
    const response = await app.browser().send(`${base}/callback?state=x`, { headers: navigation })
    expect([response.status, response.statusText]).toEqual([410, "Gone for good"])
  })
})
