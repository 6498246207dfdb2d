// Hostile browsers, pages and links. Each gets the right status, learns nothing, sends nothing to the
// provider and changes nothing in the store. SECURITY.md lists the kinds by the names of these describes.
import { createHash, createHmac } from "node:crypto"
import { inspect } from "node:util"
import { serializeTransaction } from "@ellipsis-oauth/core"
import { parseTransaction } from "@ellipsis-oauth/core/promise"
import { describe, expect, test } from "vitest"
import { createAuthRoutes, memoryTokenStore, restoreToken } from "../../src/index.js"
import type { Browser } from "./Browser.js"
import { type App, appOrigin, base, startApp } from "./fixtures.js"
import { records, watchedStore } from "./watchedStore.js"

const evil = "https://evil.example"
const navigation = { accept: "text/html", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" }

/** Ada is signed in and has a login under way; Eve has a session and an unused callback URL of her own. */
interface World {
  readonly app: App
  readonly ada: Browser
  readonly eve: Browser
  /** Where Ada's pending login wants to go next, and its cookie. */
  readonly adaCallback: string
  readonly eveCallback: string
  readonly eveTransaction: string
  /** As they stood before the attack. */
  readonly adaCookies: string
  readonly eveSession: string
}

const sessionCookie = "__Host-ellipsis-session"

const cookieValue = (cookies: string, prefix: string): string =>
  cookies
    .split("; ")
    .find((pair) => pair.startsWith(prefix))
    ?.split(/=(.*)/s)[1] ?? ""

/** A login that stops before its callback. */
const beginLogin = async ({ server }: App, own: Browser, username: string): Promise<string> => {
  const { headers } = await own.send(`${base}/login?returnTo=/secret-page`, { headers: navigation })
  server.authorize.next({ user: username })
  const redirect = await server.fetch(headers.get("location") ?? "", { redirect: "manual" })
  return redirect.headers.get("location") ?? ""
}

const open = async (): Promise<World> => {
  const app = startApp({ client: { store: watchedStore() } })
  const [ada, eve] = [await app.signedIn(), await app.signedIn()]
  const adaCallback = await beginLogin(app, ada, "ada")
  const eveCallback = await beginLogin(app, eve, "eve")
  const [adaCookies, eveCookies] = [ada.cookieHeader(appOrigin), eve.cookieHeader(appOrigin)]
  return {
    app,
    ada,
    eve,
    adaCallback,
    eveCallback,
    eveTransaction: cookieValue(eveCookies, "__Host-ellipsis-login-"),
    adaCookies,
    eveSession: cookieValue(eveCookies, sessionCookie),
  }
}

/** Everything that nobody but the app, the provider and the owner's browser may ever hold. */
const secretsOf = ({
  app,
  adaCookies,
  eveTransaction,
  adaCallback,
  eveCallback,
}: World): readonly string[] => {
  const transactions = [cookieValue(adaCookies, "__Host-ellipsis-login-"), eveTransaction]
  const verifiers = transactions.map(
    (transaction) => parseTransaction(transaction.split(".")[0])?.codeVerifier ?? "",
  )
  const codes = [adaCallback, eveCallback].map((url) => new URL(url).searchParams.get("code") ?? "")
  const tokens = records(app.store)
    .filter(([key]) => !key.endsWith(":used"))
    .map(([, { value }]) => restoreToken(JSON.parse(value).token))
    .flatMap(({ accessToken, refreshToken }) => [accessToken, refreshToken ?? ""])
  const session = cookieValue(adaCookies, sessionCookie)
  return ["maps-secret", session, ...transactions, ...verifiers, ...codes, ...tokens]
}

const expectNoSecret = async (world: World, response: Response, secrets: readonly string[]) => {
  const { errors } = world.app
  const reply = [...response.headers].join() + (await response.clone().text())
  const told = reply + JSON.stringify(errors) + inspect(errors, { depth: null, showHidden: true })
  expect(secrets).not.toContain("")
  expect(secrets.filter((secret) => told.includes(secret))).toEqual([])
}

interface Attack {
  readonly name: string
  readonly status: number
  /** What the victim's browser, or the attacker's, is made to send. */
  readonly attack: (world: World) => Promise<Response>
}

const refused = (attacks: readonly Attack[]) => {
  test.each(attacks)("$name: $status", async ({ attack, status }) => {
    const world = await open()
    const secrets = secretsOf(world)
    const before = { records: records(world.app.store), requests: world.app.server.log.length }
    const response = await attack(world)
    expect(response.status).toBe(status)
    await expectNoSecret(world, response, secrets)
    expect(response.headers.get("location")).toBeNull()
    expect(response.headers.get("cache-control")).toBe("no-store")
    expect({ records: records(world.app.store), requests: world.app.server.log.length }).toEqual(before)
    // Ada's session is what it was, and still hers.
    const cookie = world.adaCookies
    expect((await world.ada.post(`${base}/token`, { cookie })).status).toBe(200)
  })
}

describe("login CSRF", () => {
  refused([
    {
      name: "the attacker's callback URL in the victim's browser",
      status: 400,
      attack: ({ ada, eveCallback }) => ada.send(eveCallback, { headers: navigation }),
    },
    {
      name: "the attacker's code with no state",
      status: 400,
      attack: ({ ada, eveCallback }) => {
        const code = new URL(eveCallback).searchParams.get("code")
        return ada.send(`${base}/callback?code=${code}`, { headers: navigation })
      },
    },
    {
      name: "the victim's state, followed by the attacker's",
      status: 400,
      attack: ({ ada, adaCallback, eveCallback }) => {
        const state = new URL(eveCallback).searchParams.get("state")
        return ada.send(`${adaCallback}&state=${state}`, { headers: navigation })
      },
    },
    {
      name: "the victim's state with two codes",
      status: 400,
      attack: ({ ada, adaCallback, eveCallback }) => {
        const code = new URL(eveCallback).searchParams.get("code")
        return ada.send(`${adaCallback}&code=${code}`, { headers: navigation })
      },
    },
    {
      name: "the attacker's login cookie, planted without the prefix",
      status: 400,
      attack: ({ ada, adaCookies, eve, eveCallback }) => {
        const name = eve.cookieNames(appOrigin).find((cookie) => cookie.includes("login")) ?? ""
        const planted = `${name.replace("__Host-", "")}=${cookieValue(eve.cookieHeader(appOrigin), name)}`
        return ada.send(eveCallback, { headers: { ...navigation, cookie: `${adaCookies}; ${planted}` } })
      },
    },
    {
      name: "the attacker's login under the name of another state",
      status: 400,
      attack: ({ ada, adaCookies, adaCallback, eveTransaction }) => {
        const own = cookieValue(adaCookies, "__Host-ellipsis-login-")
        const cookie = adaCookies.replace(own, eveTransaction)
        return ada.send(adaCallback, { headers: { ...navigation, cookie } })
      },
    },
  ])

  test("the attacker's code with the victim's state is refused by its proof key", async () => {
    const world = await open()
    const { app, ada, adaCallback, eveCallback, adaCookies } = world
    const secrets = secretsOf(world)
    const url = new URL(adaCallback)
    url.searchParams.set("code", new URL(eveCallback).searchParams.get("code") ?? "")
    const response = await ada.send(url.href, { headers: navigation })
    expect(response.status).toBe(400)
    await expectNoSecret(world, response, secrets)
    expect(app.server.log.at(-1)).toMatchObject({ grantType: "authorization_code", status: 400 })
    expect(cookieValue(ada.cookieHeader(appOrigin), sessionCookie)).toBe(
      cookieValue(adaCookies, sessionCookie),
    )
  })
})

describe("made-up logins", () => {
  const state = "A".repeat(32)
  const name = `__Host-ellipsis-login-${createHash("sha256").update(state).digest("base64url").slice(0, 22)}`
  const transaction = serializeTransaction({
    state,
    codeVerifier: "B".repeat(43),
    redirectUri: `${base}/callback`,
    returnTo: "/",
    createdAt: Date.now(),
  })
  const callback = `${base}/callback?code=made-up&state=${state}`
  const send = ({ ada }: World, value: string) =>
    ada.send(callback, { headers: { ...navigation, cookie: `${name}=${value}` } })
  /** A signature by these keys over this text, as an attacker who knows the source could try. */
  const signed = (key: string, text: string) =>
    `${transaction}.${createHmac("sha256", key).update(text).digest("base64url")}`
  /** A cookie of the attacker's own login, for another state. */
  const signatureOf = (value: string) => value.split(".")[1] ?? ""
  refused([
    { name: "without a signature", status: 400, attack: (world) => send(world, transaction) },
    { name: "with an empty signature", status: 400, attack: (world) => send(world, `${transaction}.`) },
    { name: "of a signature alone", status: 400, attack: (world) => send(world, ".") },
    {
      name: "signed with no key",
      status: 400,
      attack: (world) => send(world, signed("", `${name}=${transaction}`)),
    },
    {
      name: "signed with the client's id",
      status: 400,
      attack: (world) => send(world, signed("maps", `${name}=${transaction}`)),
    },
    {
      name: "with the signature of another login",
      status: 400,
      attack: (world) => send(world, `${transaction}.${signatureOf(world.eveTransaction)}`),
    },
    {
      name: "with a signed login of another state",
      status: 400,
      attack: (world) => send(world, world.eveTransaction),
    },
    {
      name: "with a signature cut off",
      status: 400,
      attack: ({ eve, eveCallback, eveTransaction }) => {
        const own = eve.cookieHeader(appOrigin).replace(eveTransaction, eveTransaction.slice(0, -1))
        return eve.send(eveCallback, { headers: { ...navigation, cookie: own } })
      },
    },
  ])

  test("a thousand of them leave nothing in the store, and no leases", async () => {
    const touched: string[] = []
    const inner = memoryTokenStore()
    const note =
      <Args extends readonly unknown[], A>(name: string, call: (...args: Args) => A) =>
      (...args: Args): A => {
        touched.push(name)
        return call(...args)
      }
    const { write, lease, remove } = inner
    const store = {
      ...inner,
      write: note("write", write),
      lease: note("lease", lease),
      remove: note("remove", remove),
    }
    const { routes, server, errors } = startApp({ client: { store } })
    for (let i = 0; i < 1000; i++) {
      const cookie = `${name}=${transaction}; ${sessionCookie}=${Date.now().toString(36)}.${String(i).padStart(43, "A")}`
      const headers = { ...navigation, cookie }
      expect((await routes(new Request(callback, { headers }))).status).toBe(400)
    }
    expect([touched, server.log, errors]).toEqual([[], [], []])
  })

  test("a made-up code for a real login leaves nothing in the store, and no leases", async () => {
    const inner = watchedStore()
    const leases = new Set<string>()
    const lease: typeof inner.lease = (key, ...more) => {
      leases.add(key)
      return inner.lease(key, ...more)
    }
    const { routes, server } = startApp({ client: { store: { ...inner, lease } } })
    const login = await routes(new Request(`${base}/login`))
    const cookie = login.headers.getSetCookie()[0]?.split(";")[0] ?? ""
    const own = new URL(login.headers.get("location") ?? "").searchParams.get("state")
    const headers = { ...navigation, cookie }
    const response = await routes(new Request(`${base}/callback?code=made-up&state=${own}`, { headers }))
    expect(response.status).toBe(400)
    expect(server.log.filter(({ endpoint }) => endpoint === "token")).toHaveLength(1)
    expect(records(inner)).toEqual([])
    expect(leases.size).toBe(1)
    for (const key of leases) expect(await inner.lease(key, "another", 1)).toMatchObject({ acquired: true })
  })

  test.each([
    ["a letter that is not ASCII", "\u00e9"],
    ["NUL", "\0"],
    ["2,049 characters", "x".repeat(2049)],
  ])("a code that cannot be one is not sent: %s", async (_name, code) => {
    const { app, ada, adaCallback } = await open()
    const before = app.server.log.length
    const url = new URL(adaCallback)
    url.searchParams.set("code", code)
    expect((await ada.send(url.href, { headers: navigation })).status).toBe(400)
    expect(app.server.log.length).toBe(before)
  })

  test.each([
    ["another client secret", { clientSecret: "other-secret" }, {}, 400],
    ["another client id", { clientId: "other" }, {}, 400],
    ["another cookieSecret", {}, { cookieSecret: "2".repeat(32) }, 400],
    ["the new cookieSecret alone", {}, { cookieSecret: "3".repeat(32) }, 400],
    ["the new cookieSecret before the old one", {}, { cookieSecret: ["3".repeat(32), "1".repeat(32)] }, 303],
  ])("a login under way at a process with %s", async (_name, client, routes, status) => {
    const cookieSecret = _name.includes("cookieSecret") ? { cookieSecret: "1".repeat(32) } : {}
    const app = startApp({ routes: cookieSecret })
    const own = app.browser()
    const adaCallback = await beginLogin(app, own, "ada")
    const other = startApp({ server: app.server, client: { store: app.store, ...client }, routes })
    const headers = { ...navigation, cookie: own.cookieHeader(appOrigin) }
    expect((await other.routes(new Request(adaCallback, { headers }))).status).toBe(status)
  })

  test("the client secret signs with every way of client authentication", async () => {
    const app = startApp({ client: { clientAuthentication: "basic" } })
    const own = app.browser()
    const adaCallback = await beginLogin(app, own, "ada")
    const other = startApp({ server: app.server, client: { store: app.store } })
    const headers = { ...navigation, cookie: own.cookieHeader(appOrigin) }
    expect((await other.routes(new Request(adaCallback, { headers }))).status).toBe(303)
  })
})

describe("callback replay", () => {
  const replays: readonly (readonly [string, (world: World, cookies: string) => Promise<Response>])[] = [
    ["by the attacker", ({ eve, adaCallback }) => eve.send(adaCallback, { headers: navigation })],
    [
      "with the login's cookie kept",
      ({ ada, adaCallback }, cookie) => ada.send(adaCallback, { headers: { ...navigation, cookie } }),
    ],
    [
      "with its cookie, at another process",
      ({ app, adaCallback }, cookie) => {
        const other = startApp({ server: app.server, client: { store: app.store } })
        return other.routes(new Request(adaCallback, { headers: { ...navigation, cookie } }))
      },
    ],
  ]

  test.each(replays)("%s: 400", async (_name, replay) => {
    const world = await open()
    const { app, ada, adaCallback, adaCookies } = world
    expect((await ada.send(adaCallback, { headers: navigation })).status).toBe(303)
    const secrets = secretsOf(world)
    const before = { records: records(app.store), requests: app.server.log.length }
    const response = await replay(world, adaCookies)
    expect(response.status).toBe(400)
    await expectNoSecret(world, response, secrets)
    expect({ records: records(app.store), requests: app.server.log.length }).toEqual(before)
    expect((await ada.post(`${base}/token`)).status).toBe(200)
  })

  test("by the same browser, as the back button does: nothing is sent, and the user gets to returnTo", async () => {
    const world = await open()
    const { app, ada, adaCallback } = world
    expect((await ada.send(adaCallback, { headers: navigation })).status).toBe(303)
    const secrets = secretsOf(world)
    const before = { records: records(app.store), requests: app.server.log.length }
    const cookies = ada.cookieHeader(appOrigin)
    for (const headers of [navigation, { ...navigation, cookie: `${world.adaCookies}; ${cookies}` }]) {
      const response = await ada.send(adaCallback, { headers })
      await expectNoSecret(world, response, secrets)
      const location = response.headers.get("location")
      expect([response.status, location]).toEqual(
        headers === navigation ? [303, `${appOrigin}/secret-page`] : [400, null],
      )
    }
    expect({ records: records(app.store), requests: app.server.log.length }).toEqual(before)
    expect(ada.cookieHeader(appOrigin)).toBe(cookies)
  })

  test("twenty times at once, at two processes: one login", async () => {
    const { app, adaCallback, adaCookies: cookie } = await open()
    const other = startApp({ server: app.server, client: { store: app.store } })
    const before = app.server.log.length
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, index) => {
        const { routes } = index % 2 === 0 ? app : other
        return routes(new Request(adaCallback, { headers: { ...navigation, cookie } }))
      }),
    )
    const statuses = replies.map(({ status }) => status).sort()
    expect(statuses).toEqual([303, ...Array(19).fill(400)])
    expect(app.server.log.length - before).toBe(1)
  })
})

describe("session fixation", () => {
  test("an id that the attacker knows is not the id after the login, and ends with it", async () => {
    const { app, ada, eveSession, adaCallback, adaCookies } = await open()
    const own = cookieValue(adaCookies, sessionCookie)
    const cookie = adaCookies.replace(own, eveSession)
    const response = await ada.send(adaCallback, { headers: { ...navigation, cookie } })
    expect(response.status).toBe(303)
    const after = cookieValue(ada.cookieHeader(appOrigin), sessionCookie)
    expect([own, eveSession]).not.toContain(after)
    const known = (value: string) => app.routes.session({ headers: { cookie: `${sessionCookie}=${value}` } })
    expect(await known(eveSession)).toBeUndefined()
    expect(await known(after)).toBeDefined()
  })

  test("a made-up id is never used", async () => {
    const { app, ada, adaCallback, adaCookies } = await open()
    const made = `${Date.now().toString(36)}.${"A".repeat(43)}`
    const cookie = adaCookies.replace(cookieValue(adaCookies, sessionCookie), made)
    expect((await ada.post(`${base}/token`, { cookie })).status).toBe(401)
    expect((await ada.send(adaCallback, { headers: { ...navigation, cookie } })).status).toBe(303)
    expect(await app.routes.session({ headers: { cookie: `${sessionCookie}=${made}` } })).toBeUndefined()
  })

  const withId = (change: (value: string) => string) => (world: World) => {
    const value = cookieValue(world.adaCookies, sessionCookie)
    return world.ada.post(`${base}/token`, { cookie: world.adaCookies.replace(value, change(value)) })
  }
  refused([
    {
      name: "an id with a later creation time",
      status: 401,
      attack: withId((value) => `zzzzzzzz.${value.split(".")[1]}`),
    },
    { name: "an id with more after it", status: 401, attack: withId((value) => `${value}A`) },
    { name: "half an id", status: 401, attack: withId((value) => value.slice(0, 30)) },
    { name: "an id of another form", status: 401, attack: withId(() => "1") },
    { name: "an id in quotes", status: 401, attack: withId((value) => `"${value}"`) },
    { name: "an id that looks like a path", status: 401, attack: withId(() => "../../auth") },
  ])
})

const targets = [
  "//evil.example",
  "///evil.example",
  "\\evil.example",
  "\\\\evil.example",
  "/\\evil.example",
  "/\t/evil.example",
  "/\n/evil.example",
  " //evil.example",
  "https://evil.example",
  "https:evil.example",
  "https:/evil.example",
  "http://your.app/maps",
  "https://your.app:8443/",
  "https://your.app.evil.example/",
  "https://your.app@evil.example/",
  "https://eve:pass@your.app/",
  "//eve@your.app/",
  "https://your.app",
  "javascript:alert(1)",
  "JaVaScRiPt:alert(1)",
  "java\nscript:alert(1)",
  "\u0001javascript:alert(1)",
  "data:text/html,<script>alert(1)</script>",
  "blob:https://your.app/0",
  "%2f%2fevil.example",
  "/%2fevil.example",
  "/%5cevil.example",
  "/.//evil.example",
  "/..//evil.example",
  "/maps/..//evil.example",
  "/%2e//evil.example",
  "/\u2028/evil.example",
  "/maps\r\nSet-Cookie: evil=1",
  "/maps\0",
  "evil.example",
  "?x",
  "",
  `/${"x".repeat(2048)}`,
  "/auth/login?returnTo=/auth/login",
  "/auth/./logout",
] as const

describe("open redirects", () => {
  const name = (target: string) => JSON.stringify(target.length > 60 ? `${target.slice(0, 20)}…` : target)
  const urlOf = (route: string, target: string) => `${base}/${route}?returnTo=${encodeURIComponent(target)}`

  refused(
    targets.flatMap((target) => [
      {
        name: `login to ${name(target)}`,
        status: 400,
        attack: ({ ada }) => ada.send(urlOf("login", target), { headers: navigation }),
      },
      {
        name: `logout to ${name(target)}`,
        status: 400,
        attack: ({ ada }) => ada.post(urlOf("logout", target), navigation),
      },
    ]),
  )
  refused([
    {
      name: "two targets, the second of them bad",
      status: 400,
      attack: ({ ada }) =>
        ada.send(`${base}/login?returnTo=/&returnTo=//evil.example`, { headers: navigation }),
    },
    {
      name: "two targets, both of this app",
      status: 400,
      attack: ({ ada }) => ada.send(`${base}/login?returnTo=/one&returnTo=/two`, { headers: navigation }),
    },
  ])

  refused(
    targets.map((target) => ({
      name: `a login's cookie that was changed to go to ${name(target)}`,
      status: 400,
      attack: ({ ada, adaCallback, adaCookies }) => {
        const own = cookieValue(adaCookies, "__Host-ellipsis-login-")
        const [transaction = "", signature] = own.split(".")
        const fields = JSON.parse(Buffer.from(transaction, "base64url").toString())
        fields[6] = target
        const changed = Buffer.from(JSON.stringify(fields)).toString("base64url")
        const cookie = adaCookies.replace(own, `${changed}.${signature}`)
        return ada.send(adaCallback, { headers: { ...navigation, cookie } })
      },
    })),
  )

  test.each(["/", "/maps?open=1#here", "/a//b", `${appOrigin}/maps`, "/maps%20of%20me", "/ä"])(
    "%s is a page of the app",
    async (target) => {
      const own = startApp().browser()
      const { url } = await own.visit(`${base}/login?returnTo=${encodeURIComponent(target)}`)
      expect(url).toBe(new URL(target, appOrigin).href)
    },
  )
})

/** What `trim` takes away and a browser keeps as part of a cookie's name. */
const blanks = [
  ["a non-breaking space", "\u00a0"],
  ["a next-line character", "\u0085"],
  ["a vertical tab", "\v"],
  ["a form feed", "\f"],
] as const

describe("cookie tossing", () => {
  const ask = (world: World, cookie: string) => world.ada.post(`${base}/token`, { cookie })
  refused([
    {
      name: "the session cookie twice, the attacker's first",
      status: 401,
      attack: (world) => ask(world, `${sessionCookie}=${world.eveSession}; ${world.adaCookies}`),
    },
    {
      name: "the session cookie twice, the attacker's last",
      status: 401,
      attack: (world) => ask(world, `${world.adaCookies}; ${sessionCookie}=${world.eveSession}`),
    },
    {
      name: "the attacker's session without the prefix, and no other",
      status: 401,
      attack: (world) => ask(world, `ellipsis-session=${world.eveSession}`),
    },
    {
      name: "the attacker's session under the prefix in small letters",
      status: 401,
      attack: (world) => ask(world, `__host-ellipsis-session=${world.eveSession}`),
    },
    {
      name: "a cookie with no name, whose value looks like the session's",
      status: 401,
      attack: (world) => ask(world, `=${sessionCookie}=${world.eveSession}`),
    },
    ...blanks.map(([blank, text]) => ({
      name: `the attacker's session with ${blank} before its name`,
      status: 401,
      attack: (world: World) => ask(world, `${text}${sessionCookie}=${world.eveSession}`),
    })),
    ...blanks.map(([blank, text]) => ({
      name: `the attacker's session with ${blank} after its name`,
      status: 401,
      attack: (world: World) => ask(world, `${sessionCookie}${text}=${world.eveSession}`),
    })),
    ...blanks.map(([blank, text]) => ({
      name: `the attacker's session with ${blank} after its value`,
      status: 401,
      attack: (world: World) => ask(world, `${sessionCookie}=${world.eveSession}${text}`),
    })),
    ...blanks.map(([blank, text]) => ({
      name: `the attacker's login with ${blank} before its name`,
      status: 400,
      attack: ({ ada, adaCookies, eve, eveCallback }: World) => {
        const name = eve.cookieNames(appOrigin).find((cookie) => cookie.includes("login")) ?? ""
        const planted = `${text}${name}=${cookieValue(eve.cookieHeader(appOrigin), name)}`
        return ada.send(eveCallback, { headers: { ...navigation, cookie: `${adaCookies}; ${planted}` } })
      },
    })),
    {
      name: "the session cookie twice, one of them in quotes",
      status: 401,
      attack: (world) => ask(world, `${world.adaCookies}; ${sessionCookie}="${world.eveSession}"`),
    },
    {
      name: "the session cookie twice, one of them empty",
      status: 401,
      attack: (world) => ask(world, `${sessionCookie}=; ${world.adaCookies}`),
    },
    {
      name: "the attacker's session behind a comma",
      status: 401,
      attack: (world) => ask(world, `x=1, ${sessionCookie}=${world.eveSession}`),
    },
    {
      name: "the attacker's session inside a quoted value",
      status: 401,
      attack: (world) => ask(world, `x="1\\"; y="${sessionCookie}=${world.eveSession}"`),
    },
    {
      name: "the attacker's session under an encoded name",
      status: 401,
      attack: (world) => ask(world, `__Host%2dellipsis-session=${world.eveSession}`),
    },
    {
      name: "a login's cookie twice",
      status: 400,
      attack: ({ ada, adaCallback, adaCookies, eveTransaction }) => {
        const name = ada.cookieNames(appOrigin).find((cookie) => cookie.includes("login"))
        const cookie = `${name}=${eveTransaction}; ${adaCookies}`
        return ada.send(adaCallback, { headers: { ...navigation, cookie } })
      },
    },
    {
      name: "a login's cookie that is no transaction",
      status: 400,
      attack: ({ ada, adaCallback, adaCookies }) => {
        const cookie = adaCookies.replace(cookieValue(adaCookies, "__Host-ellipsis-login-"), "nonsense")
        return ada.send(adaCallback, { headers: { ...navigation, cookie } })
      },
    },
  ])

  test("spaces and tabs around a pair are not part of it", async () => {
    const world = await open()
    const cookie = `a=1;\t ${sessionCookie} \t=  ${cookieValue(world.adaCookies, sessionCookie)}\t ;b=2`
    expect((await ask(world, cookie)).status).toBe(200)
  })

  test("a plain cookie of a sibling subdomain changes nothing", async () => {
    const world = await open()
    const reply = await ask(world, `ellipsis-session=${world.eveSession}; ${world.adaCookies}`)
    const alone = await ask(world, world.adaCookies)
    expect(await reply.json()).toEqual(await alone.json())
  })

  test("in development, where names have no prefix, a planted duplicate does not sign in", async () => {
    const origin = "http://localhost:3000"
    const { browser } = startApp({ origin })
    const [ada, eve] = [browser(), browser()]
    await ada.visit(`${origin}/auth/login`)
    await eve.visit(`${origin}/auth/login`)
    const cookie = `${eve.cookieHeader(origin)}; ${ada.cookieHeader(origin)}`
    expect((await ada.post(`${origin}/auth/token`, { cookie })).status).toBe(401)
  })
})

describe("cross-site POST", () => {
  const senders: readonly (readonly [string, Record<string, string>])[] = [
    ["of another site's form", { ...navigation, origin: evil, "sec-fetch-site": "cross-site" }],
    [
      "of another site's script",
      { origin: evil, "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" },
    ],
    ["of another site, in a browser without Sec-Fetch", { origin: evil }],
    ["of a sandboxed frame", { origin: "null", "sec-fetch-site": "cross-site" }],
    ["of a sandboxed frame of this app", { origin: "null", "sec-fetch-site": "same-origin" }],
    ["of a sibling subdomain", { origin: "https://blog.your.app", "sec-fetch-site": "same-site" }],
    ["of this host over http", { origin: "http://your.app", "sec-fetch-site": "cross-site" }],
    ["of another port", { origin: "https://your.app:8443", "sec-fetch-site": "same-site" }],
    ["of a host whose name begins alike", { origin: "https://your.app.evil.example" }],
    ["of an origin in capitals", { origin: "HTTPS://YOUR.APP" }],
    ["of two origins", { origin: `${appOrigin}, ${evil}` }],
    [
      "with this app's Origin, but sent by another site",
      { origin: appOrigin, "sec-fetch-site": "cross-site" },
    ],
    ["that tells nothing of its sender", {}],
    ["that only refers to this app", { referer: `${appOrigin}/` }],
    ["that a person is said to have sent", { "sec-fetch-site": "none" }],
    [
      "of a host that the attacker names",
      { origin: evil, host: "evil.example", "x-forwarded-host": "evil.example" },
    ],
  ]
  refused(
    senders.flatMap(([sender, headers]) =>
      ["token", "logout"].map((route) => ({
        name: `${route} ${sender}`,
        status: 403,
        attack: ({ ada }: World) => ada.send(`${base}/${route}`, { method: "POST", headers }),
      })),
    ),
  )
})

describe("method confusion", () => {
  const own = { origin: appOrigin, "sec-fetch-site": "same-origin" }
  const wrong = ["token", "logout"].flatMap((route) =>
    ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "post"].map((method) => [route, method] as const),
  )
  const alsoWrong = ["login", "callback"].flatMap((route) =>
    ["POST", "HEAD", "PUT", "DELETE", "OPTIONS", "QUERY"].map((method) => [route, method] as const),
  )
  refused([
    ...[...wrong.filter(([, method]) => method !== "post"), ...alsoWrong].map(([route, method]) => ({
      name: `${method} ${route}`,
      status: 405,
      attack: ({ ada, adaCallback }: World) =>
        ada.send(route === "callback" ? adaCallback : `${base}/${route}`, { method, headers: own }),
    })),
    ...["x-http-method-override", "x-method-override", "x-http-method"].map((header) => ({
      name: `GET logout with ${header}: POST`,
      status: 405,
      attack: ({ ada }: World) =>
        ada.send(`${base}/logout?_method=POST`, { headers: { ...own, [header]: "POST" } }),
    })),
    ...["//token", "/token/", "/%74oken", "/Token", "/token;x=1", "/token%2f", "/x/token"].map((path) => ({
      name: `POST ${JSON.stringify(path)}`,
      status: 404,
      attack: ({ ada }: World) => ada.send(`${base}${path}`, { method: "POST", headers: own }),
    })),
    ...["x-original-url", "x-rewrite-url", "x-forwarded-prefix"].map((header) => ({
      name: `GET of nothing with ${header}`,
      status: 404,
      attack: ({ ada }: World) =>
        ada.send(`${base}/nothing`, { method: "POST", headers: { ...own, [header]: "/auth/token" } }),
    })),
  ])

  test("the response names the method that is right", async () => {
    const { ada, adaCallback } = await open()
    const allowed = async (url: string, method: string) =>
      (await ada.send(url, { method, headers: own })).headers.get("allow")
    expect(await allowed(`${base}/token`, "OPTIONS")).toBe("POST")
    expect(await allowed(adaCallback, "POST")).toBe("GET")
  })
})

describe("frames, images, scripts and prefetches", () => {
  const loads: readonly (readonly [string, Record<string, string>])[] = [
    ["a frame", { ...navigation, "sec-fetch-dest": "iframe" }],
    ["an image", { "sec-fetch-dest": "image", "sec-fetch-mode": "no-cors" }],
    ["a script's fetch", { "sec-fetch-dest": "empty", "sec-fetch-mode": "cors" }],
    ["an object", { ...navigation, "sec-fetch-dest": "object" }],
    ["a prefetch", { ...navigation, "sec-purpose": "prefetch" }],
    ["a prerendering", { ...navigation, "sec-purpose": "prefetch;prerender" }],
    ["an older browser's prefetch", { purpose: "prefetch" }],
  ]
  refused(
    loads.flatMap(([load, headers]) => [
      {
        name: `login by ${load}`,
        status: 403,
        attack: ({ ada }: World) => ada.send(`${base}/login`, { headers }),
      },
      {
        name: `callback by ${load}`,
        status: 403,
        attack: ({ ada, adaCallback }: World) => ada.send(adaCallback, { headers }),
      },
    ]),
  )

  test("no response may be framed, cached or sniffed, or send a referrer", async () => {
    const { ada, adaCallback } = await open()
    const replies = [
      await ada.send(`${base}/login`, { headers: navigation }),
      await ada.send(adaCallback, { headers: navigation }),
      await ada.send(`${base}/callback`, { headers: navigation }),
      await ada.post(`${base}/token`),
      await ada.post(`${base}/logout`),
    ]
    expect(replies.map(({ status }) => status)).toEqual([303, 303, 400, 200, 204])
    for (const { headers } of replies) {
      expect(Object.fromEntries(headers)).toMatchObject({
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "cross-origin-resource-policy": "same-origin",
        "content-security-policy": expect.stringMatching(/^default-src 'none';.*frame-ancestors 'none'/),
      })
    }
  })
})

describe("oversized and malformed cookies", () => {
  const padded = (cookie: string, length: number) => `${cookie}; padding=${"x".repeat(length)}`
  refused([
    {
      name: "20 kB of cookies, for a token",
      status: 431,
      attack: ({ ada, adaCookies }) => ada.post(`${base}/token`, { cookie: padded(adaCookies, 20_000) }),
    },
    {
      name: "20 kB of cookies, for a login",
      status: 431,
      attack: ({ ada, adaCookies }) =>
        ada.send(`${base}/login`, { headers: { ...navigation, cookie: padded(adaCookies, 20_000) } }),
    },
    {
      name: "1 MB of cookies, for a logout",
      status: 431,
      attack: ({ ada, adaCookies }) => ada.post(`${base}/logout`, { cookie: padded(adaCookies, 1_000_000) }),
    },
    {
      name: "nothing but separators",
      status: 401,
      attack: ({ ada }) => ada.post(`${base}/token`, { cookie: "; ;=;==;;;" }),
    },
    {
      name: "a session that is not ASCII",
      status: 401,
      attack: ({ ada }) => ada.post(`${base}/token`, { cookie: `${sessionCookie}=\u00ff\u0080` }),
    },
    {
      name: "names of every object",
      status: 401,
      attack: ({ ada }) => ada.post(`${base}/token`, { cookie: "__proto__=1; constructor=2; toString=3" }),
    },
  ])
})

describe("header injection", () => {
  test("no name of a request's cookies gets into Set-Cookie, unless it is one of these routes", async () => {
    const { ada } = await open()
    const odd = ["", "x", "x, evil", "x\u0085", `${"x".repeat(22)} `, "\u00e9".repeat(22), "x".repeat(23)]
    const cookie = odd.map((name) => `__Host-ellipsis-login-${name}\u00a0=1`).join("; ")
    const login = await ada.send(`${base}/login`, { headers: { ...navigation, cookie } })
    expect(login.status).toBe(303)
    expect(login.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-ellipsis-login-[\w-]{22}=[\w.-]+; Path/),
    ])
  })

  const forged = {
    host: "evil.example",
    "x-forwarded-host": "evil.example",
    "x-forwarded-proto": "http",
    "x-forwarded-port": "80",
    forwarded: "host=evil.example;proto=http",
  }

  test("no forged host or scheme gets into a redirect, a cookie or a page", async () => {
    const { app, ada } = await open()
    const login = await app.routes(
      new Request("http://evil.example/auth/login", { headers: { ...navigation, ...forged } }),
    )
    const location = new URL(login.headers.get("location") ?? "")
    expect(location.searchParams.get("redirect_uri")).toBe(`${base}/callback`)
    expect(
      login.headers
        .getSetCookie()
        .every((cookie) => cookie.startsWith("__Host-") && cookie.endsWith("; Secure")),
    ).toBe(true)
    const page = await ada.send(`${base}/callback`, { headers: { ...navigation, ...forged } })
    expect(await page.text()).not.toContain("evil")
    const logout = await ada.post(`${base}/logout`, { ...navigation, ...forged })
    expect(logout.headers.get("location")).toBe(`${appOrigin}/`)
  })

  refused(
    ["x\r\nSet-Cookie: a=1", "x%0d%0aSet-Cookie:%20a=1", "\u2028", "<script>"].map((text) => ({
      name: `a callback with the state ${JSON.stringify(text)}`,
      status: 400,
      attack: ({ ada }: World) =>
        ada.send(`${base}/callback?code=1&state=${encodeURIComponent(text)}`, { headers: navigation }),
    })),
  )

  test("the provider's text is not on the page", async () => {
    const { ada, adaCallback } = await open()
    const url = new URL(adaCallback)
    url.searchParams.delete("code")
    url.searchParams.set("error", "<img src=x onerror=alert(1)>")
    url.searchParams.set("error_description", "<script>alert(document.cookie)</script>")
    const response = await ada.send(url.href, { headers: navigation })
    expect(response.status).toBe(400)
    expect(await response.text()).not.toMatch(/script|onerror|alert/)
  })
})

describe("the app's own code", () => {
  const broken = () => {
    throw new Error("broken")
  }

  test.each<[string, object]>([
    ["an onError that throws", { onError: broken }],
    ["an onError that rejects", { onError: async () => broken() }],
    ["a renderError that throws", { renderError: broken }],
    ["a renderError that rejects", { renderError: async () => broken() }],
    ["a renderError that gives nothing", { renderError: () => undefined }],
  ])("%s costs nobody the response", async (_name, options) => {
    const { browser, server } = startApp({ routes: options })
    server.authorize.deny()
    const { response, body } = await browser().visit(`${base}/login`)
    expect(response.status).toBe(403)
    expect(body).toContain("Access was refused")
  })

  test("renderError returns a page, under a policy without scripts, or a redirect", async () => {
    const html = startApp({ routes: { renderError: ({ error, status }) => `<p>${status} ${error}</p>` } })
    html.server.authorize.deny()
    const page = await html.browser().visit(`${base}/login`)
    expect([page.response.status, page.body]).toEqual([403, "<p>403 access_denied</p>"])
    expect(page.response.headers.get("content-security-policy")).not.toContain("script-src")
    const location = `${appOrigin}/sorry`
    const redirect = startApp({ routes: { renderError: () => Response.redirect(location, 303) } })
    redirect.server.authorize.deny()
    const own = redirect.browser()
    const gone = await own.visit(`${base}/login`)
    expect(gone.url).toBe(location)
    expect(own.cookieNames(appOrigin)).toEqual([])
  })

  test("a store whose errors contain records does not leak them", async () => {
    const store = watchedStore()
    const { routes, signedIn, errors } = startApp({ client: { store } })
    const own = await signedIn()
    const secrets = records(store).map(([, { value }]) => value)
    store.read = () => {
      throw new Error(secrets.join())
    }
    const reply = await own.post(`${base}/token`)
    expect(reply.status).toBe(503)
    const told = (await reply.text()) + JSON.stringify(errors) + errors.map(String).join()
    expect(secrets.filter((secret) => told.includes(secret))).toEqual([])
    expect(errors).toHaveLength(1)
    expect(routes.name).not.toContain("secret")
  })

  test("no object of the routes prints a secret", async () => {
    const { client } = startApp()
    const routes = createAuthRoutes(client)
    expect(JSON.stringify([routes, { ...routes }])).not.toContain("maps-secret")
  })
})

test.each(["access_denied", "server_error", "no_such_code"])(
  "nothing that a callback URL says is on the page of the error %s",
  async (error) => {
    const { ada, adaCallback } = await open()
    const url = new URL(adaCallback)
    const { searchParams } = url
    searchParams.delete("code")
    searchParams.set("error", error)
    searchParams.set("error_description", "Call this number: 555")
    searchParams.set("error_uri", "https://evil.example/help")
    const response = await ada.send(url.href, { headers: navigation })
    expect(response.status).toBe(error === "access_denied" ? 403 : 400)
    expect(await response.text()).not.toMatch(/555|evil|no_such_code/)
  },
)

test("a copy of the store opens no browser's session", async () => {
  const { app, adaCookies } = await open()
  const cookie = cookieValue(adaCookies, sessionCookie)
  const stored = JSON.stringify(records(app.store))
  const [, random = ""] = cookie.split(".")
  expect(random).toHaveLength(43)
  expect(stored).not.toContain(random)
  const parts = records(app.store).flatMap(([key, { version }]) => [version, ...key.split(/[: ]/)])
  expect(parts.length).toBeGreaterThan(8)
  for (const part of parts) {
    for (const value of [part, cookie.replace(random, part)]) {
      const headers = { cookie: `${sessionCookie}=${value}`, origin: appOrigin }
      const response = await app.routes(new Request(`${base}/token`, { method: "POST", headers }))
      expect(response.status).toBe(401)
    }
  }
})
