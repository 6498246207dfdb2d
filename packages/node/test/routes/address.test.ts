// Callbacks that come a second time, and apps that are opened at another address than the configured one.
import { describe, expect, test } from "vitest"
import { createAuthRoutes, createTokenClient } from "../../src/index.js"
import { type App, appOrigin, base, startApp } from "./fixtures.js"

const navigation = { accept: "text/html", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" }

/** A login up to its callback URL, and the cookies that the browser has for the app's own origin. */
const login = async (
  { routes, server }: App,
  url: string,
  headers: Record<string, string> = {},
): Promise<{ readonly callback: string; readonly cookie: string }> => {
  const response = await routes(new Request(url, { headers: { accept: "text/html", ...headers } }))
  expect(response.status).toBe(303)
  const redirect = await server.fetch(response.headers.get("location") ?? "", { redirect: "manual" })
  const cookie = response.headers.getSetCookie().map((line) => line.split(";")[0])
  return { callback: redirect.headers.get("location") ?? "", cookie: cookie.join("; ") }
}

describe("a callback that was already handled", () => {
  const done = async () => {
    const app = startApp()
    const own = app.browser()
    const { callback, cookie } = await login(app, `${base}/login?returnTo=/maps`)
    const first = await own.send(callback, { headers: { ...navigation, cookie } })
    expect(first.headers.get("location")).toBe(`${appOrigin}/maps`)
    return { app, own, callback }
  }

  test("leads a signed-in user to the returnTo of that login", async () => {
    const { app, own, callback } = await done()
    app.server.clock.advance("2 hours")
    for (let i = 0; i < 2; i++) expect((await own.visit(callback)).url).toBe(`${appOrigin}/maps`)
    expect((await own.post(`${base}/token`)).status).toBe(200)
    expect(app.errors).toEqual([])
    expect(app.server.log.filter(({ grantType }) => grantType === "authorization_code")).toHaveLength(1)
  })

  test("the same after the time of the last use was written", async () => {
    const { app, own, callback } = await done()
    app.server.clock.advance("3 hours")
    expect((await own.post(`${base}/token`)).status).toBe(200)
    expect((await own.visit(callback)).url).toBe(`${appOrigin}/maps`)
  })

  test("shows a user who has logged out since that the link is not valid", async () => {
    const { own, callback } = await done()
    await own.post(`${base}/logout`)
    const { response, body } = await own.visit(callback)
    expect(response.status).toBe(400)
    expect(body).toContain("This sign-in link is not valid.")
    expect(body).toContain('href="/auth/login"')
  })

  test("leads to the home page if the target is now one of the routes", async () => {
    const app = startApp()
    const own = app.browser()
    const { callback, cookie } = await login(app, `${base}/login?returnTo=/other/logout`)
    await own.send(callback, { headers: { ...navigation, cookie } })
    const client = createTokenClient({
      server: app.client.endpoint.server,
      clientId: "maps",
      clientSecret: "maps-secret",
      redirectUri: `${appOrigin}/other/callback`,
      store: app.store,
    })
    const moved = createAuthRoutes(client, { now: () => app.server.clock.now() })
    const headers = { ...navigation, cookie: own.cookieHeader(appOrigin) }
    const again = await moved(new Request(callback.replace("/auth/", "/other/"), { headers }))
    expect([again.status, again.headers.get("location")]).toEqual([303, `${appOrigin}/`])
  })
})

interface Opening {
  readonly at: string
  readonly redirectUri: string
  readonly headers?: Record<string, string>
  readonly told: string
}

/** A browser sends Sec-Fetch-… over HTTPS and to this machine. */
const trusted = { ...navigation, "sec-fetch-site": "none" }

const openings: readonly Opening[] = [
  {
    at: "http://127.0.0.1:3000",
    redirectUri: "http://localhost:3000",
    headers: trusted,
    told: "http://127.0.0.1:3000",
  },
  {
    at: "http://localhost:3000",
    redirectUri: "http://127.0.0.1:3000",
    headers: trusted,
    told: "http://localhost:3000",
  },
  {
    at: "http://[::1]:3000",
    redirectUri: "http://localhost:3000",
    headers: trusted,
    told: "http://[::1]:3000",
  },
  {
    at: "http://localhost:5173",
    redirectUri: "http://localhost:3000",
    headers: trusted,
    told: "http://localhost:5173",
  },
  { at: "http://your.app", redirectUri: "https://your.app", told: "http://your.app" },
  {
    at: "https://www.your.app",
    redirectUri: "https://your.app",
    headers: trusted,
    told: "https://www.your.app",
  },
  { at: "https://your.app", redirectUri: "https://www.your.app", headers: trusted, told: "https://your.app" },
  // Behind a listener of Node.js, or a proxy, the request's URL tells nothing.
  {
    at: "http://localhost",
    redirectUri: "http://localhost:3000",
    headers: { ...trusted, host: "127.0.0.1:3000" },
    told: "http://127.0.0.1:3000",
  },
  {
    at: "http://backend:8080",
    redirectUri: "https://your.app",
    headers: { ...trusted, "x-forwarded-host": "www.your.app, proxy", "x-forwarded-proto": "https, http" },
    told: "https://www.your.app",
  },
  {
    at: "http://backend:8080",
    redirectUri: "https://your.app",
    headers: { "x-forwarded-host": "your.app", "x-forwarded-proto": "http" },
    told: "http://your.app",
  },
]

describe.each(openings)(
  "an app at $redirectUri, opened at $at ($told)",
  ({ at, redirectUri, headers, told }) => {
    test("explains it at the callback, on the page and to onError", async () => {
      const app = startApp({ origin: redirectUri })
      const { callback } = await login(app, `${at}/auth/login`, headers)
      const response = await app.routes(new Request(callback, { headers: trusted }))
      expect(response.status).toBe(400)
      const body = await response.text()
      expect(body).toContain(
        `This app was opened at another address than ${redirectUri}. Open ${redirectUri}, then log in again.`,
      )
      expect(app.errors).toMatchObject([{ _tag: "ConfigurationError", option: "redirectUri" }])
      expect(String(app.errors)).toContain(`(${told})`)
      expect(app.server.log.filter(({ endpoint }) => endpoint === "token")).toEqual([])
    })
  },
)

describe("a page at another address than the configured one", () => {
  test.each(["token", "logout"])("gets the explanation from %s, and so does onError", async (route) => {
    const app = startApp({ origin: "http://localhost:3000" })
    const headers = { origin: "http://127.0.0.1:3000", "sec-fetch-site": "same-origin" }
    const response = await app.routes(
      new Request(`http://127.0.0.1:3000/auth/${route}`, { method: "POST", headers }),
    )
    expect(response.status).toBe(403)
    expect(await response.json()).toMatchObject({
      error: "forbidden",
      error_description:
        "This app was opened at another address than http://localhost:3000. Open http://localhost:3000, then log in again.",
    })
    expect(app.errors).toMatchObject([{ _tag: "ConfigurationError", option: "redirectUri" }])
  })

  test.each(["https://evil.example/<script>", `https://${"a".repeat(300)}`])(
    "passes no control characters of the origin %s to onError",
    async (origin) => {
      const app = startApp()
      const headers = { origin, "sec-fetch-site": "same-origin" }
      await app.routes(new Request(`${base}/token`, { method: "POST", headers }))
      expect(String(app.errors)).not.toContain(origin.slice(10))
    },
  )
})

describe("an app behind a proxy that changes the Host header", () => {
  const proxies: readonly (readonly [string, Record<string, string>])[] = [
    ["to the backend's own", { ...trusted, host: "127.0.0.1:3000" }],
    ["and ends TLS, without a word", { ...navigation, host: "backend:8080" }],
    ["to something that is none", { ...trusted, host: "a/b?c=d#e" }],
  ]

  test.each(proxies)("%s: works, without an error", async (_name, headers) => {
    const app = startApp()
    const { callback, cookie } = await login(app, "http://backend:8080/auth/login", headers)
    const response = await app.routes(new Request(callback, { headers: { ...headers, cookie } }))
    expect(response.status).toBe(303)
    expect(app.errors).toEqual([])
  })

  test("names no address for a link of another browser if the address is right", async () => {
    const app = startApp()
    const inOrder = { ...trusted, host: "your.app:443" }
    const { callback } = await login(app, "http://localhost/auth/login", inOrder)
    const response = await app.routes(new Request(callback, { headers: inOrder }))
    expect(await response.text()).toContain("This sign-in link is not valid.")
    expect(app.errors).toEqual([])
  })

  test("keeps a limited number of such logins", async () => {
    const app = startApp()
    const first = await login(app, `${base}/login`, { ...trusted, host: "other.example" })
    for (let i = 0; i < 1000; i++) {
      await app.routes(new Request(`${base}/login`, { headers: { ...trusted, host: "other.example" } }))
    }
    const last = await login(app, `${base}/login`, { ...trusted, host: "other.example" })
    const text = async (callback: string) =>
      (await app.routes(new Request(callback, { headers: trusted }))).text()
    expect(await text(first.callback)).toContain("This sign-in link is not valid.")
    expect(await text(last.callback)).toContain("opened at another address")
  })
})
