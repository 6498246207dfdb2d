// cspell:ignore lifetme
// The whole life of a browser's session: login, tokens, expiry, logout, over the real mock server.
import {
  AuthorizationErrorResponse,
  InvalidAuthorizationResponse,
  TokenEndpointUnavailable,
  TokenErrorResponse,
  TokenStoreError,
  TransportError,
} from "@ellipsis-oauth/core"
import { describe, expect, onTestFinished, test, vi } from "vitest"
import {
  createAuthRoutes,
  createTokenClient,
  ellipsisDrive,
  memoryTokenStore,
  type TokenStoreAdapter,
} from "../../src/index.js"
import { Refusal, toRefusal } from "../../src/routes/AuthProblem.js"
import { errorPage } from "../../src/routes/errorPage.js"
import { keyInStore, rejection } from "../fixtures.js"
import { Browser } from "./Browser.js"
import { appOrigin, base, mockServerFor, startApp } from "./fixtures.js"

const tokenOf = async (response: Response): Promise<Record<string, unknown>> => {
  expect(response.status).toBe(200)
  return (await response.json()) as Record<string, unknown>
}

describe("a login", () => {
  test("brings the user back to returnTo, with a session cookie that scripts cannot read", async () => {
    const { browser } = startApp()
    const own = browser()
    const { url, response, body } = await own.visit(
      `${base}/login?returnTo=${encodeURIComponent("/maps?open=1#a")}`,
    )
    expect(url).toBe(`${appOrigin}/maps?open=1#a`)
    expect([response.status, body]).toEqual([200, "the page /maps"])
    expect(own.cookieNames(appOrigin)).toEqual(["__Host-ellipsis-session"])
  })

  test("sets cookies only for this host, over HTTPS", async () => {
    const { browser } = startApp()
    const own = browser()
    const login = await own.send(`${base}/login`, {})
    expect(login.status).toBe(303)
    const [cookie = ""] = login.headers.getSetCookie()
    expect(cookie).toMatch(
      /^__Host-ellipsis-login-[\w-]{22}=[\w-]+\.[\w-]{43}; Path=\/; Max-Age=3600; HttpOnly; SameSite=Lax; Secure$/,
    )
    const approved = await own.visit(login.headers.get("location") ?? "")
    expect(approved.url).toBe(`${appOrigin}/`)
    const session = own.seen.find((line) => line.startsWith("set-cookie,__Host-ellipsis-session="))
    expect(session).toMatch(
      /=[0-9a-z]{8}\.[\w-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure$/,
    )
  })

  test("sets plain cookies on plain http of this machine", async () => {
    const origin = "http://localhost:3000"
    const { browser } = startApp({ origin })
    const own = browser()
    await own.visit(`${origin}/auth/login`)
    expect(own.cookieNames(origin)).toEqual(["ellipsis-session"])
    expect((await own.post(`${origin}/auth/token`)).status).toBe(200)
  })

  test("requests the scope of the options", async () => {
    const { server, browser } = startApp({
      mock: { scopes: ["projects", "maps"] },
      routes: { scope: ["projects", "maps"] },
    })
    const own = browser()
    await own.visit(`${base}/login`)
    expect(await tokenOf(await own.post(`${base}/token`))).toMatchObject({ scope: "projects maps" })
    expect(server.lint()).toEqual([])
  })

  test("does not affect another login of the same browser", async () => {
    const { browser } = startApp()
    const own = browser()
    const first = await own.send(`${base}/login?returnTo=/first`, {})
    const second = await own.send(`${base}/login?returnTo=/second`, {})
    expect(own.cookieNames(appOrigin)).toHaveLength(2)
    expect((await own.visit(second.headers.get("location") ?? "")).url).toBe(`${appOrigin}/second`)
    expect((await own.visit(first.headers.get("location") ?? "")).url).toBe(`${appOrigin}/first`)
    expect(own.cookieNames(appOrigin)).toEqual(["__Host-ellipsis-session"])
  })

  test("removes the oldest pending logins, so that there are never too many cookies", async () => {
    const { browser, server } = startApp()
    const own = browser()
    const locations: string[] = []
    for (let i = 0; i < 8; i++) {
      const { headers } = await own.send(`${base}/login`, {})
      locations.push(headers.get("location") ?? "")
      server.clock.advance(1000)
    }
    expect(own.cookieNames(appOrigin)).toHaveLength(5)
    expect((await own.visit(locations[2] ?? "")).response.status).toBe(400)
    expect((await own.visit(locations[3] ?? "")).response.status).toBe(200)
    const long = `/${"x".repeat(1000)}`
    for (let i = 0; i < 8; i++) {
      await own.send(`${base}/login?returnTo=${long}`, {})
      server.clock.advance(1000)
    }
    expect(own.cookieHeader(appOrigin).length).toBeLessThan(5000)
  })

  test("uses a new session id, and ends the earlier session", async () => {
    const { client, browser, store, routes } = startApp()
    const own = browser()
    await own.visit(`${base}/login`)
    const before = own.cookieHeader(appOrigin)
    await own.visit(`${base}/login`)
    const after = own.cookieHeader(appOrigin)
    expect(after).not.toBe(before)
    const old = await routes.session({ headers: { cookie: before } })
    const current = await routes.session({ headers: { cookie: after } })
    expect([old, typeof current?.key]).toEqual([undefined, "string"])
    expect(await store.read(keyInStore(client, current?.key ?? ""))).toBeDefined()
    expect((await own.post(`${base}/token`, { cookie: before })).status).toBe(401)
  })

  test("that the user refuses shows a page that offers another login", async () => {
    const { server, browser, errors } = startApp()
    const own = browser()
    server.authorize.deny()
    const { response, body } = await own.visit(`${base}/login`)
    expect(response.status).toBe(403)
    expect(body).toContain("Access was refused")
    expect(body).toContain('href="/auth/login"')
    expect(errors).toMatchObject([{ _tag: "AuthorizationErrorResponse", error: "access_denied" }])
    expect(own.cookieNames(appOrigin)).toEqual([])
    expect((await own.visit(`${base}/login`)).response.status).toBe(200)
  })

  test("took too long", async () => {
    const { server, browser } = startApp()
    const own = browser()
    const { headers } = await own.send(`${base}/login`, {})
    const cookie = own.cookieHeader(appOrigin)
    server.clock.advance("61 minutes")
    expect(own.cookieNames(appOrigin)).toEqual([])
    const callback = (await server.fetch(headers.get("location") ?? "", { redirect: "manual" })).headers
    const late = await own.send(callback.get("location") ?? "", { headers: { cookie } })
    expect(late.status).toBe(400)
    expect(server.log.filter(({ endpoint }) => endpoint === "token")).toEqual([])
  })
})

describe("a token", () => {
  test("has its expiry and scope, and is refreshed when needed", async () => {
    const { server, signedIn } = startApp()
    const own = await signedIn()
    const first = await tokenOf(await own.post(`${base}/token`))
    expect(first).toEqual({ access_token: expect.any(String), expires_in: 3600, scope: "projects" })
    server.clock.advance("10 minutes")
    expect(await tokenOf(await own.post(`${base}/token`))).toEqual({ ...first, expires_in: 3000 })
    server.clock.advance("1 hour")
    const second = await tokenOf(await own.post(`${base}/token`))
    expect(second).toMatchObject({ expires_in: 3600 })
    expect(second["access_token"]).not.toBe(first["access_token"])
    expect(server.log.filter(({ grantType }) => grantType === "refresh_token")).toHaveLength(1)
    expect(server.lint()).toEqual([])
  })

  test("of an unknown lifetime has no expiry", async () => {
    const { signedIn } = startApp({ mock: { expiresIn: "omit" } })
    const reply = await tokenOf(await (await signedIn()).post(`${base}/token`))
    expect(Object.keys(reply)).toEqual(["access_token", "scope"])
  })

  test("that an API refused is replaced once, also after many reports", async () => {
    const { server, signedIn } = startApp()
    const own = await signedIn()
    const { access_token: refused } = await tokenOf(await own.post(`${base}/token`))
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(String(refused)))
    const rejected = Buffer.from(digest).toString("base64url")
    const replies = await Promise.all(
      Array.from({ length: 3 }, async () => tokenOf(await own.post(`${base}/token?rejected=${rejected}`))),
    )
    expect(new Set(replies.map((reply) => reply["access_token"])).size).toBe(1)
    expect(replies[0]?.["access_token"]).not.toBe(refused)
    expect(server.log.filter(({ grantType }) => grantType === "refresh_token")).toHaveLength(1)
    expect((await own.post(`${base}/token?rejected=x`)).status).toBe(400)
  })

  test("that was refused and is not the current one causes no refresh", async () => {
    const { server, signedIn } = startApp()
    const own = await signedIn()
    const { access_token: old } = await tokenOf(await own.post(`${base}/token`))
    server.clock.advance("2 hours")
    const { access_token: current } = await tokenOf(await own.post(`${base}/token`))
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(String(old)))
    const rejected = Buffer.from(digest).toString("base64url")
    const told = await tokenOf(await own.post(`${base}/token?rejected=${rejected}`))
    expect(told["access_token"]).toBe(current)
    expect(server.log.filter(({ grantType }) => grantType === "refresh_token")).toHaveLength(1)
  })

  test("that was refused while the response was made counts as expired", async () => {
    const { routes, server, signedIn } = startApp()
    const own = await signedIn()
    const session = await routes.session({ headers: { cookie: own.cookieHeader(appOrigin) } })
    server.clock.advance("2 hours")
    let refused: string | undefined
    // Another request of the same user meets the new token's end before this one has its response.
    session?.subscribe(() => {
      refused ??= session.peekAccessToken()
      if (refused !== undefined) session.reportRejected(refused)
    })
    const told = await tokenOf(await own.post(`${base}/token`))
    expect(told).toEqual({ access_token: refused, expires_in: 0, scope: "" })
  })

  test.each([
    ["a token", "token"],
    ["a refusal", "token?rejected=x"],
  ])("or what is said instead is JSON, and says so: %s", async (_, path) => {
    const { signedIn } = startApp()
    const { headers } = await (await signedIn()).post(`${base}/${path}`)
    expect(headers.get("content-type")).toBe("application/json")
    expect(headers.get("cache-control")).toBe("no-store")
  })

  test("is refreshed once for a hundred requests", async () => {
    const { server, signedIn } = startApp()
    const own = await signedIn()
    server.clock.advance("2 hours")
    const replies = await Promise.all(
      Array.from({ length: 100 }, async () => tokenOf(await own.post(`${base}/token`))),
    )
    expect(new Set(replies.map((reply) => reply["access_token"])).size).toBe(1)
    expect(server.log.filter(({ grantType }) => grantType === "refresh_token")).toHaveLength(1)
  })

  test("is refused to those who are not signed in", async () => {
    const { browser, server } = startApp()
    const reply = await browser().post(`${base}/token`)
    expect(reply.status).toBe(401)
    expect(await reply.json()).toEqual({
      error: "login_required",
      error_description: "Log in first.",
      action: "login",
    })
    expect(reply.headers.getSetCookie()).toEqual([])
    expect(server.log).toEqual([])
  })

  test("that the provider has revoked ends the session", async () => {
    const { client, server, store, routes, signedIn, errors } = startApp()
    const own = await signedIn()
    const session = await routes.session({ headers: { cookie: own.cookieHeader(appOrigin) } })
    server.revokeFamily(server.families[0]?.id ?? "")
    server.clock.advance("2 hours")
    expect((await own.post(`${base}/token`)).status).toBe(401)
    expect(await store.read(keyInStore(client, session?.key ?? ""))).toBeUndefined()
    expect(await store.read(`${session?.key}:used`)).toBeUndefined()
    expect(errors).toEqual([])
  })

  test("while the provider is down: 503, and the user stays signed in", async () => {
    const { server, signedIn, errors } = startApp({ client: { deadline: 2000, timeout: 500 } })
    const own = await signedIn()
    server.clock.advance("2 hours")
    server.faults.always("token", { reply: { status: 503, retryAfter: "7 seconds" } })
    const reply = await own.post(`${base}/token`)
    expect([reply.status, reply.headers.get("retry-after")]).toEqual([503, "7"])
    expect(await reply.json()).toMatchObject({ error: "temporarily_unavailable", action: "retry" })
    expect(errors).toMatchObject([{ _tag: "TokenEndpointUnavailable", status: 503 }])
    server.faults.clear()
    server.clock.advance("8 seconds")
    await tokenOf(await own.post(`${base}/token`))
  })
})

test("the error page says when to try again, if the provider does", async () => {
  const { server, browser } = startApp({ client: { deadline: 2000, timeout: 500 } })
  server.faults.always("token", { reply: { status: 503, retryAfter: "7 seconds" } })
  const { response } = await browser().visit(`${base}/login`)
  expect([response.status, response.headers.get("retry-after")]).toEqual([503, "7"])
  expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8")
})

describe("a store that is down", () => {
  test("at the callback keeps the login: the page may be loaded again", async () => {
    const inner = memoryTokenStore()
    let down = true
    const lease: TokenStoreAdapter["lease"] = (...all) => {
      if (down) throw new Error("down")
      return inner.lease(...all)
    }
    const { server, browser } = startApp({ client: { store: { ...inner, lease } } })
    const own = browser()
    const first = await own.visit(`${base}/login?returnTo=/maps`)
    expect([first.response.status, new URL(first.url).pathname]).toEqual([503, "/auth/callback"])
    expect(server.log.filter(({ endpoint }) => endpoint === "token")).toEqual([])
    down = false
    expect((await own.visit(first.url)).url).toBe(`${appOrigin}/maps`)
  })

  test("after the exchange leaves no session, here or there", async () => {
    const inner = memoryTokenStore()
    const keys: string[] = []
    const write: TokenStoreAdapter["write"] = (key, ...more) => {
      keys.push(key)
      if (!key.endsWith(":used")) throw new Error("disk full")
      return inner.write(key, ...more)
    }
    const { client, browser } = startApp({
      client: { store: { ...inner, write }, deadline: 400, now: Date.now },
    })
    const own = browser()
    expect((await own.visit(`${base}/login`)).response.status).toBe(503)
    expect(own.cookieNames(appOrigin)).toEqual([])
    const [used = "", token = ""] = keys
    expect([await inner.read(used), await inner.read(token)]).toEqual([undefined, undefined])
    expect(client.isIdle).toBe(true)
  })

  test("for the time of the last use only, still returns the token", async () => {
    const inner = memoryTokenStore()
    let down = false
    const write: TokenStoreAdapter["write"] = (...all) => {
      if (down) throw new Error("read only")
      return inner.write(...all)
    }
    const { server, signedIn } = startApp({
      client: { store: { ...inner, write } },
      mock: { accessTokenLifetime: "2 days" },
    })
    const own = await signedIn()
    down = true
    server.clock.advance("10 hours")
    expect((await own.post(`${base}/token`)).status).toBe(200)
  })

  test("that never responds does not block a request", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    onTestFinished(() => {
      vi.useRealTimers()
    })
    const { routes } = startApp({
      client: { store: { ...memoryTokenStore(), read: () => new Promise(() => {}) } },
    })
    const cookie = `__Host-ellipsis-session=${Date.now().toString(36)}.${"x".repeat(43)}`
    const session = expect(routes.session({ headers: { cookie } })).rejects.toMatchObject({
      detail: "no response in time",
    })
    await vi.advanceTimersByTimeAsync(10_000)
    await session
  })
})

describe("a session", () => {
  test("ends if it is not used for the idle lifetime, whatever the browser kept", async () => {
    const { client, server, signedIn, store, routes } = startApp({ routes: { idleLifetime: "1 hour" } })
    const own = await signedIn()
    const cookie = own.cookieHeader(appOrigin)
    const { key } = (await routes.session({ headers: { cookie } })) ?? {}
    for (let minutes = 0; minutes < 180; minutes += 45) {
      server.clock.advance("45 minutes")
      expect((await own.post(`${base}/token`)).status).toBe(200)
    }
    server.clock.advance("1 hour")
    expect((await own.post(`${base}/token`, { cookie })).status).toBe(401)
    expect(await store.read(keyInStore(client, key ?? ""))).toBeUndefined()
    expect(await store.read(`${key}:used`)).toBeUndefined()
  })

  test("ends after its lifetime, and nothing of it stays in the store", async () => {
    const { client, server, signedIn, routes, store } = startApp({ routes: { lifetime: "2 days" } })
    const own = await signedIn()
    const cookie = own.cookieHeader(appOrigin)
    const { key = "" } = (await routes.session({ headers: { cookie } })) ?? {}
    server.clock.advance("47 hours")
    expect((await own.post(`${base}/token`)).status).toBe(200)
    server.clock.advance("1 hour")
    expect(own.cookieNames(appOrigin)).toEqual([])
    expect((await own.post(`${base}/token`, { cookie })).status).toBe(401)
    expect([await store.read(keyInStore(client, key)), await store.read(`${key}:used`)]).toEqual([
      undefined,
      undefined,
    ])
  })

  test("writes nothing for most of its uses", async () => {
    const inner = memoryTokenStore()
    let writes = 0
    const store: TokenStoreAdapter = {
      ...inner,
      write: (key, record, ifVersion) => {
        writes++
        return inner.write(key, record, ifVersion)
      },
    }
    const { signedIn } = startApp({ client: { store } })
    const own = await signedIn()
    writes = 0
    for (let i = 0; i < 20; i++) expect((await own.post(`${base}/token`)).status).toBe(200)
    expect(writes).toBe(0)
  })

  test("is stored by the hash of its cookie: the store's keys give no access", async () => {
    const { client, signedIn, routes, store } = startApp()
    const own = await signedIn()
    const cookie = own.cookieHeader(appOrigin)
    const { key = "" } = (await routes.session({ headers: { cookie } })) ?? {}
    expect(key).toMatch(/^auth:\d{4}-\d\d-\d\d:[\w-]{43}$/)
    const secret = cookie.split(".")[1] ?? ""
    const records = [
      key,
      JSON.stringify(await store.read(keyInStore(client, key))),
      JSON.stringify(await store.read(`${key}:used`)),
    ]
    expect(records.join()).not.toContain(secret)
    const hashed = key.split(":")[2]
    const forged = cookie.replace(secret, hashed ?? "")
    expect((await own.post(`${base}/token`, { cookie: forged })).status).toBe(401)
  })

  test("ends everywhere at its logout, at once", async () => {
    const one = startApp()
    const other = startApp({ server: one.server, client: { store: one.store } })
    const own = await one.signedIn()
    const cookie = own.cookieHeader(appOrigin)
    const ask = async () => {
      const headers = { cookie, origin: appOrigin }
      return (await other.routes(new Request(`${base}/token`, { method: "POST", headers }))).status
    }
    const { key } = (await one.routes.session({ headers: { cookie } })) ?? {}
    expect(await ask()).toBe(200)
    const reply = await own.post(`${base}/logout`)
    expect(reply.status).toBe(204)
    expect(reply.headers.getSetCookie()).toEqual([
      "__Host-ellipsis-session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure",
      "__Host-ellipsis-signed-in=; Path=/; Max-Age=0; SameSite=Lax; Secure",
    ])
    expect(own.cookieNames(appOrigin)).toEqual([])
    expect(await one.store.read(keyInStore(one.client, key ?? ""))).toBeUndefined()
    expect(await ask()).toBe(401)
    expect((await own.post(`${base}/logout`)).status).toBe(204)
  })

  test("that a form ends, without scripts, leads to a page", async () => {
    const { signedIn } = startApp()
    const own = await signedIn()
    const form = { accept: "text/html", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" }
    const reply = await own.post(`${base}/logout?returnTo=/bye`, form)
    expect([reply.status, reply.headers.get("location")]).toEqual([303, `${appOrigin}/bye`])
    expect(own.cookieNames(appOrigin)).toEqual([])
  })

  test("that the store cannot end is not reported as ended", async () => {
    const inner = memoryTokenStore()
    let down = false
    const store: TokenStoreAdapter = {
      ...inner,
      remove: (key, ifVersion) => {
        if (down) throw Object.assign(new Error("refused"), { code: "ECONNREFUSED" })
        return inner.remove(key, ifVersion)
      },
    }
    const { signedIn, errors } = startApp({ client: { store } })
    const own = await signedIn()
    down = true
    const reply = await own.post(`${base}/logout`)
    expect([reply.status, reply.headers.get("retry-after")]).toEqual([503, "2"])
    expect(errors).toMatchObject([{ _tag: "TokenStoreError", reason: "unavailable" }])
    expect(own.cookieNames(appOrigin)).toHaveLength(1)
    down = false
    expect((await own.post(`${base}/logout`)).status).toBe(204)
    expect((await own.post(`${base}/token`)).status).toBe(401)
  })
})

describe("an error", () => {
  const invalid =
    "This sign-in link is not valid. It was started in another browser, took too long or was used already. Start again."
  const fault = "Server configuration error. See the server's log."
  const away = "Ellipsis Drive or this app's storage cannot be reached. Try again in a moment."
  const refused = (error: string) => new TokenErrorResponse({ error, inferred: false, status: 400 } as never)
  const down = (retryAfter: number | undefined) => new TokenEndpointUnavailable({ status: 503, retryAfter })

  test.each<[string, unknown, object]>([
    [
      "access_denied",
      new AuthorizationErrorResponse({ error: "access_denied" }),
      {
        status: 403,
        error: "access_denied",
        action: "login",
        description: "Access was refused. Log in again to allow it.",
      },
    ],
    [
      "another error of the redirect",
      new AuthorizationErrorResponse({ error: "server_error" }),
      {
        status: 400,
        error: "login_failed",
        action: "login",
        description: "Ellipsis Drive did not complete the login. Start again.",
      },
    ],
    [
      "a callback that is not valid",
      new InvalidAuthorizationResponse({ reason: "expired" }),
      { status: 400, error: "login_failed", action: "login", description: invalid },
    ],
    [
      "a code that was refused",
      refused("invalid_grant"),
      { status: 400, error: "login_failed", action: "login", description: invalid },
    ],
    [
      "a client that was refused",
      refused("invalid_client"),
      { status: 500, error: "server_error", action: "fix", description: fault },
    ],
    [
      "a foreign record",
      new TokenStoreError({ reason: "foreign", key: "k" }),
      { status: 401, error: "login_required", action: "login", description: "Log in first." },
    ],
    [
      "a store that is down",
      new TokenStoreError({ reason: "unavailable", key: "k" }),
      { status: 503, error: "temporarily_unavailable", action: "retry", description: away, retryAfter: 2 },
    ],
    [
      "a wrong key",
      new TokenStoreError({ reason: "wrongKey", key: "k" }),
      { status: 500, error: "server_error", action: "fix", description: fault },
    ],
    [
      "a network that is down",
      new TransportError({ reason: "network", sent: "no" }),
      { status: 503, error: "temporarily_unavailable", action: "retry", description: away, retryAfter: 2 },
    ],
    ...(
      [
        [undefined, 2],
        [0, 1],
        [1, 1],
        [1000, 1],
        [1001, 2],
        [60_000, 60],
      ] as const
    ).map(([asked, retryAfter]): [string, unknown, object] => [
      `a provider that is down for ${asked} ms`,
      down(asked),
      { status: 503, error: "temporarily_unavailable", action: "retry", description: away, retryAfter },
    ]),
    [
      "an error of the app",
      new Error("own"),
      { status: 500, error: "server_error", action: "fix", description: fault },
    ],
  ])("%s: what the browser is told", (_, error, problem) => {
    const refusal = toRefusal(error, ["a=1"])
    expect(refusal.toProblem("/auth/login")).toEqual({ ...problem, loginUrl: "/auth/login" })
    expect(refusal.details).toMatchObject({ cause: error, cookies: ["a=1"] })
  })

  test("that is a refusal already gets the further cookies", () => {
    const own = new Refusal("forbidden", "Not here.", { cookies: ["a=1"], allow: "GET" })
    expect(toRefusal(own, ["b=2"])).toMatchObject({
      error: "forbidden",
      message: "Not here.",
      details: { cookies: ["a=1", "b=2"], allow: "GET" },
    })
    expect(toRefusal(new Refusal("forbidden", "Not here.")).details).toEqual({ cookies: [] })
  })

  test.each([
    ["invalid_request", "This link does not work", 400, false],
    ["login_failed", "The login failed", 400, true],
    ["access_denied", "Access was refused", 403, true],
    ["login_required", "You are not logged in", 401, true],
    ["forbidden", "Request refused", 403, false],
    ["not_found", "Page not found", 404, false],
    ["method_not_allowed", "Request refused", 405, false],
    ["headers_too_large", "Too many cookies", 431, false],
    ["temporarily_unavailable", "Please try again in a moment", 503, true],
    ["server_error", "Server error", 500, false],
  ] as const)(
    "%s has a page with a heading, a status, and a link if a login can help",
    (error, heading, status, hasLink) => {
      const page = errorPage(new Refusal(error, `Why <&>"'`).toProblem("/au'th/login"))
      expect(page).toContain(`<title>${heading}</title>`)
      expect(page).toContain(`<h1>${heading}</h1>\n<p>Why &#60;&#38;&#62;&#34;&#39;</p>`)
      expect(page).toContain(`<p><small>HTTP ${status}</small></p>`)
      expect(page.includes('<p><a href="/au&#39;th/login">Log in</a></p>')).toBe(hasLink)
      expect(page.includes("<a")).toBe(hasLink)
    },
  )

  test.each([
    ["POST", "login", 405, "method_not_allowed", "This address accepts GET only.", "GET"],
    ["POST", "callback", 405, "method_not_allowed", "This address accepts GET only.", "GET"],
    ["GET", "token", 405, "method_not_allowed", "This address accepts POST only.", "POST"],
    ["PUT", "logout", 405, "method_not_allowed", "This address accepts POST only.", "POST"],
    ["GET", "other", 404, "not_found", "There is no page at this address.", null],
    ["GET", "login/", 404, "not_found", "There is no page at this address.", null],
    [
      "GET",
      "login?returnTo=//x.example",
      400,
      "invalid_request",
      '"returnTo" must be the path of a page of this app.',
      null,
    ],
    [
      "GET",
      "login?returnTo=//[",
      400,
      "invalid_request",
      '"returnTo" must be the path of a page of this app.',
      null,
    ],
    [
      "GET",
      "login?returnTo=/a&returnTo=/b",
      400,
      "invalid_request",
      '"returnTo" must be the path of a page of this app.',
      null,
    ],
    [
      "POST",
      "token?rejected=x",
      400,
      "invalid_request",
      '"rejected" must be the SHA-256 of an access token, in base64url.',
      null,
    ],
    ["POST", "token", 401, "login_required", "Log in first.", null],
    ["GET", "callback", 400, "login_failed", invalid, null],
  ] as const)(
    "%s /%s is %i %s, for a program as JSON",
    async (method, path, status, error, error_description, allow) => {
      const { routes } = startApp()
      const headers = { origin: appOrigin, "sec-fetch-site": "same-origin", accept: "application/json" }
      const response = await routes(new Request(`${base}/${path}`, { method, headers }))
      expect([response.status, response.headers.get("allow")]).toEqual([status, allow])
      expect(await response.json()).toEqual({
        error,
        error_description,
        action: expect.stringMatching(/^(fix|login)$/),
      })
      expect(Object.fromEntries(response.headers)).toMatchObject({
        "content-type": "application/json",
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "cross-origin-resource-policy": "same-origin",
        "content-security-policy":
          "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
      })
    },
  )

  test.each([
    [16_384, 303],
    [16_385, 431],
  ])("cookies of %i characters: %i", async (length, status) => {
    const { routes } = startApp()
    const cookie = "a=".padEnd(length, "x")
    const response = await routes(new Request(`${base}/login`, { headers: { cookie } }))
    expect(response.status).toBe(status)
    if (status === 431) {
      expect(await response.json()).toMatchObject({
        error: "headers_too_large",
        error_description: "The cookies of this site are too large. Delete them, then log in again.",
      })
    }
  })

  test.each([
    [{ "sec-fetch-dest": "document" }, 303],
    [{ "sec-fetch-dest": "iframe" }, 403],
    [{ "sec-fetch-dest": "empty" }, 403],
    [{ "sec-purpose": "prefetch" }, 403],
    [{ "sec-purpose": "prefetch;prerender" }, 403],
    [{ purpose: "prefetch" }, 403],
    [{ "x-moz": "prefetch" }, 403],
    [{ purpose: "other" }, 303],
  ])("a login that was opened with %j: %i", async (headers, status) => {
    const { routes } = startApp()
    const response = await routes(
      new Request(`${base}/login`, { headers: headers as Record<string, string> }),
    )
    expect(response.status).toBe(status)
    if (status === 403) {
      expect(await response.json()).toMatchObject({
        error: "forbidden",
        error_description: "Open this address in its own browser window, not in a frame or a script.",
      })
    }
  })

  const elsewhere = expect.not.stringContaining("must come from")
  const notOwn = `This request must come from a page at ${appOrigin}.`
  test.each([
    [{ "sec-fetch-site": "same-origin" }, 401, undefined],
    [{ origin: appOrigin }, 401, undefined],
    [{ origin: appOrigin, "sec-fetch-site": "same-origin" }, 401, undefined],
    [{ origin: appOrigin, "sec-fetch-site": "none" }, 401, undefined],
    [{ origin: appOrigin, "sec-fetch-site": "same-site" }, 403, notOwn],
    [{ origin: appOrigin, "sec-fetch-site": "cross-site" }, 403, notOwn],
    [{}, 403, notOwn],
    [{ "sec-fetch-site": "none" }, 403, notOwn],
    [{ "sec-fetch-site": "same-site" }, 403, notOwn],
    [{ origin: "null" }, 403, notOwn],
    [{ origin: "null", "sec-fetch-site": "same-origin" }, 403, notOwn],
    [{ origin: "https://evil.example" }, 403, notOwn],
    [{ origin: "https://evil.example", "sec-fetch-site": "cross-site" }, 403, notOwn],
    [{ origin: "https://www.your.app", "sec-fetch-site": "same-origin" }, 403, elsewhere],
  ])("a POST from %j: %i", async (headers, status, description) => {
    const { routes } = startApp()
    const init = { method: "POST", headers: headers as Record<string, string> }
    const response = await routes(new Request(`${base}/token`, init))
    expect(response.status).toBe(status)
    if (description !== undefined) {
      expect(await response.json()).toMatchObject({ error: "forbidden", error_description: description })
    }
  })

  test.each([
    [{ code: "ECONNREFUSED" }, "ECONNREFUSED"],
    [{ code: 42 }, "42"],
    [{ code: "a".repeat(40) }, "a".repeat(40)],
    [{ code: "a".repeat(41) }, undefined],
    [{ code: "canary!" }, undefined],
    [{ code: "" }, undefined],
    [{ code: undefined }, "undefined"],
    [{}, undefined],
    [null, undefined],
    [undefined, undefined],
    ["canary", undefined],
  ])("%j of a store: only its code is kept", async (fault, detail) => {
    const read = () => Promise.reject(fault)
    const { routes } = startApp({ client: { store: { ...memoryTokenStore(), read } } })
    const cookie = `__Host-ellipsis-session=${Date.now().toString(36)}.${"x".repeat(43)}`
    const error = (await rejection(routes.session({ headers: { cookie } }))) as TokenStoreError
    expect(error).toMatchObject({ _tag: "TokenStoreError", reason: "unavailable" })
    expect(error.detail).toBe(detail)
  })

  test.each([
    ["/api/maps?code=canary", "/api/maps"],
    ["https://your.app/api/maps?code=canary", "/api/maps"],
    [undefined, "/"],
    ["http://[", "/"],
  ])("in a request for %s is told with the path %s", async (url, path) => {
    const told: unknown[] = []
    const read = () => {
      throw new TokenStoreError({ reason: "corrupt", key: "k" })
    }
    const { routes } = startApp({
      client: { store: { ...memoryTokenStore(), read } },
      routes: { onError: (_, at) => told.push(at) },
    })
    const cookie = `__Host-ellipsis-session=${Date.now().toString(36)}.${"x".repeat(43)}`
    expect(await routes.session({ url, headers: { cookie } })).toBeUndefined()
    expect(told).toEqual([path])
  })
})

describe("a backend's own route", () => {
  test("gets the user's token from the request", async () => {
    const { signedIn, routes, server } = startApp()
    const own = await signedIn()
    const request = new Request(`${appOrigin}/api/maps`, { headers: { cookie: own.cookieHeader(appOrigin) } })
    const session = await routes.session(request)
    const authorization = `Bearer ${await session?.getAccessToken()}`
    expect((await server.fetch(`${server.url}/account`, { headers: { authorization } })).status).toBe(200)
    expect(await routes.session(new Request(`${appOrigin}/api/maps`))).toBeUndefined()
  })

  test("gets no session for a request that another site made the browser send", async () => {
    const { signedIn, routes } = startApp()
    const cookie = (await signedIn()).cookieHeader(appOrigin)
    const known = async (method: string, headers: Record<string, string>) =>
      (await routes.session({ method, headers: { cookie, ...headers } })) !== undefined
    expect(await known("POST", { origin: appOrigin, "sec-fetch-site": "same-origin" })).toBe(true)
    expect(await known("GET", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" })).toBe(true)
    expect(await known("GET", {})).toBe(true)
    expect(await known("POST", {})).toBe(false)
    expect(await known("POST", { origin: "https://evil.example" })).toBe(false)
    expect(await known("POST", { origin: "null" })).toBe(false)
    expect(await known("GET", { origin: "https://sibling.your.app" })).toBe(false)
    expect(await known("GET", { "sec-fetch-site": "same-site", "sec-fetch-mode": "cors" })).toBe(false)
    expect(await known("POST", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" })).toBe(false)
  })

  test("may pass the headers of any platform: any case, several values", async () => {
    const { signedIn, routes } = startApp()
    const cookie = (await signedIn()).cookieHeader(appOrigin)
    const known = async (method: string, headers: Record<string, string | string[]>) =>
      (await routes.session({ method, headers })) !== undefined
    expect(await known("GET", { Cookie: cookie })).toBe(true)
    expect(await known("GET", { cookie: ["a=1", cookie, "b=2"] })).toBe(true)
    expect(await known("POST", { cookie, Origin: appOrigin })).toBe(true)
    expect(await known("GET", { cookie, Origin: "https://evil.example" })).toBe(false)
    expect(await known("GET", { cookie, "Sec-Fetch-Site": "cross-site" })).toBe(false)
  })

  test("gets an error if the store is down", async () => {
    const down = () => {
      throw new Error("connect ECONNREFUSED")
    }
    const { routes } = startApp({ client: { store: { ...memoryTokenStore(), read: down } } })
    const cookie = `__Host-ellipsis-session=${Date.now().toString(36)}.${"x".repeat(43)}`
    await expect(routes.session({ headers: { cookie } })).rejects.toMatchObject({
      _tag: "TokenStoreError",
      action: "retry",
    })
  })
})

describe("options", () => {
  test("mountPath is the path of the routes behind a proxy that removes a prefix", async () => {
    const { routes } = startApp({ routes: { mountPath: "/" } })
    const at = async (path: string) => (await routes(new Request(`http://backend${path}`))).status
    expect([await at("/login"), await at("/auth/login"), await at("/callback")]).toEqual([303, 404, 400])
  })

  test("cookieName separates two apps on one host", async () => {
    const { signedIn } = startApp({ routes: { cookieName: "maps" } })
    expect((await signedIn()).cookieNames(appOrigin)).toEqual(["__Host-maps-session"])
  })

  test("onError gets the path, and neither cookie nor code", async () => {
    const told: unknown[] = []
    const { server, browser } = startApp({ routes: { onError: (...all) => told.push(...all) } })
    server.faults.next("token", { reply: { status: 401, body: { error: "invalid_client" } } })
    const { response } = await browser().visit(`${base}/login`)
    expect(response.status).toBe(500)
    expect(told).toMatchObject([{ _tag: "TokenErrorResponse", error: "invalid_client" }, "/auth/callback"])
  })

  test("without onError, a server error is logged, and nothing else", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {})
    onTestFinished(() => log.mockRestore())
    const { server, browser } = startApp({ routes: { onError: undefined } })
    server.faults.next("token", { reply: { status: 400, body: { error: "invalid_grant" } } })
    await browser().visit(`${base}/login`)
    expect(log.mock.calls).toEqual([])
    server.faults.next("token", { reply: { status: 401, body: { error: "invalid_client" } } })
    const { response } = await browser().visit(`${base}/login`)
    expect(await response.text()).toContain("See the server")
    expect(log.mock.calls).toEqual([["/auth/callback", expect.objectContaining({ error: "invalid_client" })]])
  })

  const client = createTokenClient({ clientId: "maps", redirectUri: `${base}/callback` })

  test("cookieSecret signs the logins of a public client", async () => {
    const clients = [{ clientId: "maps", redirectUris: [`${base}/callback`] }]
    const server = mockServerFor(appOrigin, { clients })
    onTestFinished(() => server.close())
    const publicClient = createTokenClient({
      server: ellipsisDrive({ baseUrl: server.url }),
      clientId: "maps",
      redirectUri: `${base}/callback`,
      fetch: (url, init) => server.fetch(url, init),
    })
    expect(() => createAuthRoutes(publicClient)).toThrow(/cookieSecret.* at least 32 characters/)
    const routes = createAuthRoutes(publicClient, { cookieSecret: "s".repeat(32), now: server.clock.now })
    const own = new Browser(server, { [appOrigin]: (request) => routes(request) })
    expect((await own.visit(`${base}/login?returnTo=/maps`)).url).toBe(`${appOrigin}/maps`)
    expect((await own.post(`${base}/token`)).status).toBe(200)
  })

  test.each([
    ["cookieSecret", { cookieSecret: "s".repeat(31) }],
    ["cookieSecret", { cookieSecret: ["s".repeat(32), "short"] }],
    ["cookieSecret", { cookieSecret: [] }],
    ["cookieSecret", { cookieSecret: 5 }],
    ["cookieSecret", { cookieSecret: null }],
    ["lifetime", { lifetime: "2 fortnights" }],
    ["lifetime", { lifetime: "401 days" }],
    ["idleLifetime", { idleLifetime: 0 }],
    ["cookieName", { cookieName: "__Host-x" }],
    ["mountPath", { mountPath: "auth" }],
    ["mountPath", { mountPath: "/a b" }],
    ["mountPath", { mountPath: "/auth?x" }],
    ["mountPath", { mountPath: "//auth" }],
    ["mountPath", { mountPath: 5 }],
    ["cookieName", { cookieName: "" }],
    ["cookieName", { cookieName: "1a" }],
    ["cookieName", { cookieName: "a b" }],
    ["cookieName", { cookieName: "a".repeat(41) }],
    ["cookieName", { cookieName: 5 }],
    ["allowedExtra", { allowedExtra: "prompt" }],
    ["allowedExtra", { allowedExtra: ["prompt", 7] }],
    ["allowedExtra", { allowedExtra: [7, "prompt"] }],
    ["extra.state", { allowedExtra: ["prompt", "state"] }],
    ["scope", { scope: 'a"b' }],
    ["renderError", { renderError: "<h1>" }],
    ["onError", { onError: {} }],
    ["now", { now: 5 }],
    ["options", null],
    ["idleLifetme", { idleLifetme: "1 day" }],
  ])("a bad %s fails at once", (option, options) => {
    const create = () => createAuthRoutes(client, options as never)
    expect(create).toThrow(expect.objectContaining({ _tag: "ConfigurationError", option }))
    expect(create).not.toThrow("sss")
  })

  test.each([
    [
      { mountPath: "auth" },
      'Option "mountPath" must be a path such as "/auth", or "" for none, got a string of 4 characters',
    ],
    [
      { cookieName: "1a" },
      'Option "cookieName" must be 1 to 40 letters, digits, - and _, with a letter first, got a string of 2 characters',
    ],
    [
      { allowedExtra: 7 },
      'Option "allowedExtra" must be a list of names, such as ["prompt", "login_hint"], got a number',
    ],
    [null, 'Option "options" must be an object, or nothing, got null'],
  ])("the error for %j says what is expected", (options, message) => {
    expect(() => createAuthRoutes(client, options as never)).toThrow(message)
  })

  test.each([
    { cookieName: "a" },
    { cookieName: "a".repeat(40) },
    { cookieName: "A_-1" },
    { mountPath: "" },
    { mountPath: "/" },
    { mountPath: "/auth/" },
    { mountPath: "/a.b~c/%20/d!$&'()*+,;=:@-" },
    { allowedExtra: [] },
    { allowedExtra: ["prompt", "max_age"] },
  ])("%j is taken", (options) => {
    expect(() => createAuthRoutes(client, { cookieSecret: "s".repeat(32), ...options })).not.toThrow()
  })

  test.each([undefined, null, {}, { endpoint: {} }, { endpoint: { client: {} } }])(
    "the client %j has no redirect URI, and the error says which one is needed",
    (other) => {
      expect(() => createAuthRoutes(other as never)).toThrow(
        'Option "redirectUri" must be an https: URL that ends in /callback, such as https://your.app/auth/callback (http: only on loopback), got missing',
      )
    },
  )

  test.each([
    undefined,
    "https://user@your.app/auth/callback",
    "http://your.app/auth/callback",
    "https://your.app/auth/return",
    "https://your.app/auth/callback?x=1",
    "myapp://callback",
    "http://localhost.your.app/callback",
  ])("a client with the redirect URI %s has no routes", (redirectUri) => {
    const other = createTokenClient({
      clientId: "maps",
      ...(redirectUri === undefined ? {} : { redirectUri }),
    })
    expect(() => createAuthRoutes(other)).toThrow(
      expect.objectContaining({ _tag: "ConfigurationError", option: "redirectUri" }),
    )
  })
})
