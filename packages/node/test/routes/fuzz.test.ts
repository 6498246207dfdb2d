// What strangers and machines may send, by chance: seeded and bounded. The routes give it a proper HTTP response
// that is no fault of the server, tell no secret, and leave the store and the victim's session alone.
import { parseTransaction } from "@ellipsis-oauth/core/promise"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { restoreToken, toNodeListener } from "../../src/index.js"
import { type App, appOrigin, base, startApp } from "./fixtures.js"
import { records, watchedStore } from "./watchedStore.js"

const seed = 20_261_125
const session = "__Host-ellipsis-session"

interface World {
  readonly app: App
  readonly adaCookie: string
  /** A login that Eve has begun: the cookie is hers, and the state. */
  readonly eveCookie: string
  readonly eveState: string
  readonly secrets: readonly string[]
}

const open = async (): Promise<World> => {
  const app = startApp({ client: { store: watchedStore() } })
  const adaCookie = (await app.signedIn()).cookieHeader(appOrigin)
  const pending = async () => {
    const response = await app.routes(new Request(`${base}/login?returnTo=/secret-page`))
    const cookie = response.headers.getSetCookie()[0]?.split(";")[0] ?? ""
    const state = new URL(response.headers.get("location") ?? "").searchParams.get("state") ?? ""
    return { cookie, state, transaction: cookie.split("=")[1] ?? "" }
  }
  const [ada, eve] = [await pending(), await pending()]
  const tokens = records(app.store)
    .filter(([key]) => !key.endsWith(":used"))
    .map(([, { value }]) => restoreToken(JSON.parse(value).token))
    .flatMap(({ accessToken, refreshToken }) => [accessToken, refreshToken ?? ""])
  const verifiers = [ada, eve].map(
    ({ transaction }) => parseTransaction(transaction.split(".")[0])?.codeVerifier ?? "",
  )
  const adaSession = adaCookie.slice(session.length + 1)
  const secrets = ["maps-secret", adaSession, ada.transaction, ada.state, ...verifiers, ...tokens]
  expect(secrets).not.toContain("")
  return { app, adaCookie, eveCookie: eve.cookie, eveState: eve.state, secrets }
}

/** Any byte that a header of HTTP/1 can hold. */
const headerText = fc
  .array(
    fc.oneof(
      fc.constantFrom(0x09, 0x20, 0x22, 0x2c, 0x3b, 0x3d, 0x5c, 0xa0),
      fc.integer({ min: 0x20, max: 0xff }),
    ),
    {
      maxLength: 60,
    },
  )
  .map((codes) => String.fromCharCode(...codes.filter((code) => code !== 0x7f)))

const form = (value: string) =>
  fc.oneof(
    fc.constant(value),
    fc.constant(`"${value}"`),
    fc.nat({ max: value.length }).map((length) => value.slice(0, length)),
    fc
      .tuple(fc.nat({ max: value.length }), fc.constantFrom("A", ".", "=", "\u00a0", "\t", "%", ";", ","))
      .map(([at, text]) => value.slice(0, at) + text + value.slice(at + 1)),
  )

const cookieHeader = ({ eveCookie }: World) => {
  const [loginName = "", login = ""] = eveCookie.split(/=(.*)/s)
  const name = fc.oneof(
    form(session),
    form(loginName),
    fc.constantFrom("", "__Host-ellipsis-login-", "ellipsis-session", "__proto__", "constructor"),
    headerText,
  )
  const madeUp = `${Date.now().toString(36)}.${"A".repeat(43)}`
  const value = fc.oneof(form(login), form(madeUp), headerText)
  const pair = fc.oneof(
    fc.tuple(name, fc.constantFrom("=", " = ", "", "=="), value).map((parts) => parts.join("")),
    form(eveCookie),
  )
  return fc
    .tuple(fc.array(pair, { maxLength: 12 }), fc.constantFrom("; ", ";", ", ", "\t;"))
    .map(([pairs, by]) => pairs.join(by))
}

const query = ({ eveState }: World) => {
  const name = fc.constantFrom(
    "code",
    "state",
    "error",
    "error_description",
    "returnTo",
    "rejected",
    "scope",
    "x",
  )
  const value = fc.oneof(
    fc.constantFrom(
      eveState,
      "/",
      "//evil.example",
      "access_denied",
      "invalid_scope",
      "server_error",
      "\0",
      "%",
    ),
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.nat({ max: 3000 }).map((length) => "x".repeat(length)),
  )
  const pair = fc.oneof(
    fc.tuple(name, value).map(([key, text]) => `${key}=${encodeURIComponent(text.toWellFormed())}`),
    headerText.map((text) => text.replaceAll(/[^\x21-\x7e]|#/g, "%")),
  )
  return fc.array(pair, { maxLength: 5 }).map((pairs) => pairs.join("&"))
}

const headers = fc.record(
  {
    accept: fc.constantFrom("text/html", "*/*"),
    origin: fc.oneof(fc.constantFrom(appOrigin, "null", "https://evil.example"), headerText),
    host: fc.oneof(fc.constantFrom("your.app", "127.0.0.1"), headerText),
    "sec-fetch-site": fc.constantFrom("none", "same-origin", "same-site", "cross-site", "x"),
    "sec-fetch-mode": fc.constantFrom("navigate", "cors", "x"),
    "x-forwarded-host": headerText,
    "x-forwarded-proto": headerText,
  },
  { requiredKeys: [] },
)

const route = fc.constantFrom("login", "callback", "token", "logout", "", "x")
const method = fc.constantFrom("GET", "POST", "HEAD", "PUT", "OPTIONS", "PROPFIND")

const expectHarmless = async (world: World, response: Response): Promise<void> => {
  expect(response.status).toBeGreaterThanOrEqual(200)
  expect(response.status).toBeLessThan(500)
  const location = response.headers.get("location")
  if (location !== null) {
    expect([new URL(world.app.server.url).origin, appOrigin]).toContain(new URL(location).origin)
  }
  for (const line of response.headers.getSetCookie()) {
    expect(line).toMatch(
      /^__Host-ellipsis-(signed-in=; Path=\/; Max-Age=0|[\w-]+=[\w.-]*; Path=\/; Max-Age=\d+; HttpOnly); SameSite=Lax; Secure$/,
    )
  }
  const told = [...response.headers].join() + (await response.text()) + world.app.errors.map(String).join()
  expect(world.secrets.filter((secret) => told.includes(secret))).toEqual([])
}

const expectNothingChanged = async (world: World, before: unknown): Promise<void> => {
  expect(records(world.app.store)).toEqual(before)
  const headers = { cookie: world.adaCookie, origin: appOrigin }
  const token = await world.app.routes(new Request(`${base}/token`, { method: "POST", headers }))
  expect(token.status).toBe(200)
}

describe("any request without a session", () => {
  test("gets a well-formed HTTP response, and changes nothing", { timeout: 60_000 }, async () => {
    const world = await open()
    const before = records(world.app.store)
    const statuses = new Set<number>()
    await fc.assert(
      fc.asyncProperty(
        fc.record({ method, route, query: query(world), headers, cookie: cookieHeader(world) }),
        async ({ method, route, query, headers, cookie }) => {
          const request = new Request(`${base}/${route}?${query}`, {
            method,
            headers: { ...headers, cookie },
          })
          const response = await world.app.routes(request)
          statuses.add(response.status)
          await expectHarmless(world, response)
          expect(response.status).not.toBe(200)
          expect(await world.app.routes.session(request)).toBeUndefined()
        },
      ),
      { seed, numRuns: 1500 },
    )
    // The requests reach every part of the routes.
    expect([...statuses].sort()).toEqual(expect.arrayContaining([204, 303, 400, 401, 403, 404, 405]))
    await expectNothingChanged(world, before)
  })

  test("the same with a login and any callback", { timeout: 60_000 }, async () => {
    const world = await open()
    const before = records(world.app.store)
    await fc.assert(
      fc.asyncProperty(query(world), headers, async (query, headers) => {
        const login = await world.app.routes(new Request(`${base}/login`))
        const cookie = login.headers.getSetCookie()[0]?.split(";")[0] ?? ""
        const state = new URL(login.headers.get("location") ?? "").searchParams.get("state")
        const url = `${base}/callback?state=${state}&${query.replaceAll(/(^|&)state=/g, "$1x=")}`
        await expectHarmless(
          world,
          await world.app.routes(new Request(url, { headers: { ...headers, cookie } })),
        )
      }),
      { seed, numRuns: 500 },
    )
    await expectNothingChanged(world, before)
  })
})

describe("any request of a Node.js server", () => {
  const token = fc.string({ unit: "binary", maxLength: 20 })
  const target = fc.oneof(
    fc.constantFrom(
      "*",
      "//",
      "/auth/callback#x",
      "/auth/login?",
      "http://evil.example/",
      "/auth/\\..\\token",
      "/auth/%00",
    ),
    fc.string({ unit: "binary", maxLength: 80 }),
    fc.string({ unit: "binary", maxLength: 80 }).map((text) => `/auth/callback?${text}`),
  )

  test("gets a status, for any method, target and headers", { timeout: 60_000 }, async () => {
    const listener = toNodeListener((await open()).app.routes)
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          method: fc.oneof(method, token),
          url: target,
          version: fc.constantFrom(1, 2),
          headers: fc.dictionary(
            fc.oneof(fc.constantFrom(":path", ":authority", "cookie", "host", "origin"), token),
            fc.oneof(headerText, fc.array(headerText, { maxLength: 3 }), token),
            { maxKeys: 6 },
          ),
          complete: fc.boolean(),
        }),
        async ({ version, ...incoming }) => {
          const set: Record<string, unknown> = {}
          const outgoing = { statusCode: 0, setHeader: (name: string, value: unknown) => (set[name] = value) }
          const ended = await new Promise<boolean>((resolve) => {
            const end = () => resolve(true)
            const destroy = () => resolve(false)
            listener(
              { ...incoming, httpVersionMajor: version },
              {
                ...outgoing,
                end,
                destroy,
                get statusCode() {
                  return outgoing.statusCode
                },
                set statusCode(status) {
                  outgoing.statusCode = status
                },
              },
            )
          })
          expect([ended, outgoing.statusCode >= 300 && outgoing.statusCode < 500]).toEqual([true, true])
          expect(version === 2 && "connection" in set).toBe(false)
        },
      ),
      { seed, numRuns: 1500 },
    )
  })
})

// In quadratic time, each of these takes longer than the runner lets a test take.
describe("200 kB of", () => {
  const size = 200_000
  test.each([
    ["blanks", " \t".repeat(size / 2)],
    ["blanks inside a value", `${session}=a${" ".repeat(size)}b`],
    ["blanks inside a name", `a${" ".repeat(size)}b=1`],
    ["separators", ";".repeat(size)],
    ["signs of equality", "=".repeat(size)],
    ["quotes", `${session}="${'\\"'.repeat(size / 2)}`],
    ["one name", `${session}=;`.repeat(size / 25)],
    ["many names", Array.from({ length: size / 10 }, (_, index) => `a${index}=1`).join(";")],
    ["dots", `${session}=${".".repeat(size)}`],
    ["digits", `${session}=${"1".repeat(size)}.`],
  ])("%s takes time in proportion, and opens no session", async (_name, cookie) => {
    const { routes } = startApp()
    expect(await routes.session({ headers: { cookie } })).toBeUndefined()
    const response = await routes(new Request(`${base}/login`, { headers: { cookie } }))
    // Spaces and tabs around a header's value are not part of it.
    expect(response.status).toBe(cookie.trim() === "" ? 303 : 431)
  })

  test.each([
    ["a state", "state", "A"],
    ["a code", "code", "A"],
    ["slashes", "returnTo", "/"],
    ["dots and slashes", "returnTo", "/."],
    ["percent signs", "returnTo", "%"],
  ])("%s in a query takes time in proportion", async (_name, name, text) => {
    const { routes } = startApp()
    const value = text.repeat(size / text.length)
    for (const route of ["login", "callback"]) {
      const response = await routes(new Request(`${base}/${route}?${name}=${value}`))
      expect([303, 400]).toContain(response.status)
    }
  })
})
