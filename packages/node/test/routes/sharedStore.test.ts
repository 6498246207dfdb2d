// Two apps on one store: neither finds, ends or damages what belongs to the other.
import type { MockServer } from "@ellipsis-oauth/mock-server"
import { describe, expect, onTestFinished, test } from "vitest"
import { ellipsisDrive, memoryTokenStore } from "../../src/index.js"
import { type App, type AppOptions, appOrigin, base, mockServerFor, startApp } from "./fixtures.js"

const redirectUris = [`${base}/callback`]
const clients = [
  { clientId: "maps", clientSecret: "maps-secret", redirectUris },
  // The same secret: it is the client that counts.
  { clientId: "photos", clientSecret: "maps-secret", redirectUris },
]

/** Another address of the same mock server: a server that does the same and has another name. */
const otherUrl = "https://other.example/v3"

const twoApps = (
  other: (server: MockServer) => AppOptions["client"],
): { readonly one: App; readonly two: App } => {
  const server = mockServerFor(appOrigin, { clients })
  onTestFinished(() => server.close())
  const store = memoryTokenStore()
  const one = startApp({ server, client: { store } })
  const two = startApp({ server, client: { store, ...other(server) } })
  return { one, two }
}

/** Where the provider sends a browser that was sent to it. */
const authorize = async ({ server }: App, login: Response): Promise<string> => {
  const url = (login.headers.get("location") ?? "").replace(otherUrl, server.url)
  return (await server.fetch(url, { redirect: "manual" })).headers.get("location") ?? ""
}

const others: readonly (readonly [string, (server: MockServer) => AppOptions["client"]])[] = [
  ["another client id", () => ({ clientId: "photos" })],
  [
    "another server",
    ({ url, fetch }) => ({
      server: ellipsisDrive({ baseUrl: otherUrl }),
      fetch: (input, init) => fetch(String(input).replace(otherUrl, url), init),
    }),
  ],
]

describe.each(others)("an app with %s, on the same store and host", (_name, options) => {
  const post = (app: App, route: string, cookie: string) =>
    app.routes(new Request(`${base}/${route}`, { method: "POST", headers: { cookie, origin: appOrigin } }))

  test("finds no session for the first app's cookie, and the user stays signed in there", async () => {
    const { one, two } = twoApps(options)
    const own = await one.signedIn()
    const cookie = own.cookieHeader(appOrigin)
    expect(await two.routes.session({ headers: { cookie } })).toBeUndefined()
    const token = await post(two, "token", cookie)
    expect([token.status, token.headers.getSetCookie()]).toEqual([401, []])
    // The cookie may be the first app's, on the same host.
    const logout = await post(two, "logout", cookie)
    expect([logout.status, logout.headers.getSetCookie()]).toEqual([204, []])
    expect((await post(one, "token", cookie)).status).toBe(200)
    expect(two.errors).toEqual([])
  })

  test("accepts no login of the first app", async () => {
    const { one, two } = twoApps(options)
    const own = one.browser()
    const login = await own.send(`${base}/login`, {})
    const callback = await authorize(one, login)
    const headers = { cookie: own.cookieHeader(appOrigin) }
    expect((await two.routes(new Request(callback, { headers }))).status).toBe(400)
    expect(one.server.log.filter(({ endpoint }) => endpoint === "token")).toEqual([])
    expect((await one.routes(new Request(callback, { headers }))).status).toBe(303)
  })

  test("ends no session of the first app at its own login", async () => {
    const { one, two } = twoApps(options)
    const cookie = (await one.signedIn()).cookieHeader(appOrigin)
    const own = two.browser()
    const login = await own.send(`${base}/login`, {})
    const callback = await authorize(two, login)
    const headers = { cookie: `${cookie}; ${own.cookieHeader(appOrigin)}` }
    const done = await two.routes(new Request(callback, { headers }))
    expect(done.status).toBe(303)
    expect((await post(one, "token", cookie)).status).toBe(200)
  })
})

test("after a change of the client id, users have to log in, and can", async () => {
  const { one, two } = twoApps(() => ({ clientId: "photos" }))
  const own = await one.signedIn()
  const cookie = own.cookieHeader(appOrigin)
  const headers = { cookie, origin: appOrigin }
  const refused = await two.routes(new Request(`${base}/token`, { method: "POST", headers }))
  expect(await refused.json()).toMatchObject({ error: "login_required", action: "login" })
  const again = await two.signedIn()
  expect((await again.post(`${base}/token`)).status).toBe(200)
})
