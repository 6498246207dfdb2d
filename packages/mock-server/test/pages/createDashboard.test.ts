import { describe, expect, it } from "vitest"
import { createMockServer, type MockServer } from "../../src/index.js"
import { account, exchange, login, post, refresh, stillServer } from "../tokens.js"

interface Feed {
  readonly generation: string
  readonly version: number
  readonly latest: number
  readonly entries: ReadonlyArray<Readonly<Record<string, unknown>>>
  readonly families: ReadonlyArray<{ readonly refreshTokens: readonly unknown[]; readonly older: number }>
  readonly olderFamilies: number
  readonly now: number
  readonly clockOffset: number
  readonly isClockStopped: boolean
}

const at = (server: MockServer, path: string) => new URL(path, server.url)

const ask = (server: MockServer, seen?: Partial<Feed>) => {
  const query = new URLSearchParams({
    generation: seen?.generation ?? "",
    version: String(seen?.version ?? -1),
    after: String(seen?.latest ?? 0),
  })
  return server.fetch(at(server, `/__page/feed?${query}`))
}

const feed = async (server: MockServer, seen?: Partial<Feed>) =>
  (await (await ask(server, seen)).json()) as Feed

const sha256 = async (text: string) => {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))
  return `'sha256-${Buffer.from(digest).toString("base64")}'`
}

describe("the page", () => {
  it("allows its own style and script, and nothing else", async () => {
    await using server = createMockServer()
    const response = await server.fetch(at(server, "/"))
    const html = await response.text()
    const policy = response.headers.get("content-security-policy") ?? ""
    expect(policy).toMatch(/^default-src 'none'; /)
    expect(policy).toContain(
      "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    )
    expect(policy).not.toMatch(/unsafe|https?:|\*/)
    for (const tag of ["style", "script"]) {
      const [, text = ""] = new RegExp(`<${tag}>([\\s\\S]*)</${tag}>`).exec(html) ?? []
      expect(policy).toContain(`${tag}-src ${await sha256(text)}`)
    }
    expect(html).not.toMatch(/ (on\w+|style)=|\bsrc=|@import|url\(/)
  })

  it("is in no log, and neither is its icon", async () => {
    await using server = createMockServer()
    const paths = ["/", "/?utm=1", "/favicon.ico", "/__page/feed"]
    const responses = await Promise.all(paths.map((path) => server.fetch(at(server, path))))
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 204, 200])
    expect(server.log).toEqual([])
  })

  it("takes only GET and HEAD", async () => {
    await using server = createMockServer()
    for (const path of ["/", "/__page/feed"]) {
      const response = await server.fetch(at(server, path), { method: "POST" })
      expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD"])
    }
  })

  it("cannot be read by other pages", async () => {
    await using server = createMockServer()
    const response = await server.fetch(at(server, "/__page/feed"), {
      headers: { origin: "http://localhost:1" },
    })
    expect(response.headers.get("access-control-allow-origin")).toBeNull()
  })
})

describe("the feed of the page", () => {
  it("contains no token, code, verifier or wrong secret, but equal ones have equal fingerprints", async () => {
    await using server = stillServer({ rotation: "always" })
    const verifier = "v".repeat(43)
    const { code } = server.authorize({
      clientId: "demo-app",
      codeChallenge: verifier,
      state: "s3cret-state",
    })
    const { body } = await exchange(server, code, { code_verifier: verifier })
    const refreshed = await refresh(server, String(body.refresh_token))
    await account(server, String(refreshed.body.access_token))
    await exchange(server, code, { client_secret: "wrong-secret" })
    await post(server, {
      grant_type: "refresh_token",
      refresh_token: "made-up",
      odd: "surprise",
      ["n".repeat(50)]: "x",
    })
    await server.fetch(`${server.url}/oauth/token?refresh_token=in-the-query`, { method: "POST" })
    await server.fetch(
      `${server.url}/oauth/authorize?client_id=demo-app&redirect_uri=http://localhost:3000/callback?hidden=1`,
    )

    const text = await (await ask(server)).text()
    const secrets = [
      body.access_token,
      body.refresh_token,
      refreshed.body.access_token,
      refreshed.body.refresh_token,
    ]
    const more = [
      code,
      verifier,
      "s3cret-state",
      "wrong-secret",
      "made-up",
      "surprise",
      "in-the-query",
      "n".repeat(50),
    ]
    for (const secret of [...secrets, ...more]) expect(text).not.toContain(String(secret))
    const fingerprints = [...text.matchAll(/"authorization_code","secret":"([0-9a-f]{6})"/g)].map(
      ([, print]) => print,
    )
    expect(fingerprints).toHaveLength(2)
    expect(new Set(fingerprints).size).toBe(1)
  })

  it("contains the configuration for an app", async () => {
    await using server = createMockServer()
    const { clients } = (await (await ask(server)).json()) as { clients: unknown[] }
    expect(clients).toEqual([
      {
        clientId: "demo-app",
        clientSecret: "demo-secret",
        name: "Demo app",
        redirectUris: ["http://localhost:3000/callback"],
        loopbackPaths: ["/callback", "/auth/callback"],
      },
      {
        clientId: "demo-spa",
        name: "Demo single-page app",
        redirectUris: ["http://localhost:3000/callback"],
        loopbackPaths: ["/callback", "/auth/callback"],
      },
    ])
  })

  it("waits for changes: a request, the clock, a revocation, a reset", async () => {
    await using server = stillServer()
    const { accessToken } = await login(server)
    let seen = await feed(server)
    expect(seen).toMatchObject({ latest: 2, isClockStopped: true, clockOffset: 0 })

    const told = async (change: () => unknown) => {
      const next = feed(server, seen)
      await change()
      seen = await next
      return seen
    }
    expect(await told(() => account(server, accessToken))).toMatchObject({ entries: [{ number: 3 }] })
    expect(await told(() => server.clock.advance("1 hour"))).toMatchObject({
      entries: [],
      clockOffset: 3_600_000,
    })
    expect(await told(() => server.revoke(accessToken))).toMatchObject({
      families: [{ refreshTokens: [{ accessTokens: [{ state: "revoked" }] }] }],
    })
    const { generation } = seen
    await told(() => server.reset())
    expect(seen).toMatchObject({ latest: 0, entries: [], families: [] })
    expect(seen.generation).not.toBe(generation)
  })

  it("responds at once if there were changes in between", async () => {
    await using server = stillServer()
    const seen = await feed(server)
    await login(server)
    expect((await feed(server, seen)).entries).toMatchObject([{ number: 1 }, { number: 2 }])
    server.reset()
    await login(server)
    await login(server)
    expect((await feed(server, { ...seen, latest: 3 })).entries).toHaveLength(4)
  })

  it("accepts any text as its numbers", async () => {
    await using server = stillServer()
    for (const query of ["", "?after=x&version=-", "?after=1e999", "?generation=%F0&version=%"]) {
      expect((await server.fetch(at(server, `/__page/feed${query}`))).status).toBe(200)
    }
  })

  it("stays small even with a long log", async () => {
    await using server = stillServer({ rotation: "always" })
    for (let i = 0; i < 25; i++) await login(server)
    let { refreshToken } = await login(server)
    for (let i = 0; i < 400; i++)
      refreshToken = String((await refresh(server, refreshToken)).body.refresh_token)
    const response = await ask(server)
    const text = await response.text()
    expect(text.length).toBeLessThan(250_000)
    const seen = JSON.parse(text) as Feed
    expect(seen.entries).toHaveLength(250)
    expect(seen).toMatchObject({ latest: 452, olderFamilies: 6 })
    expect(seen.families.at(-1)).toMatchObject({ older: 389 })
  })
})

describe("an action of the page", () => {
  const act = (server: MockServer, action: unknown, headers: Record<string, string> = {}) =>
    server.fetch(at(server, "/__page/action"), {
      method: "POST",
      headers: { "content-type": "application/json", origin: new URL(server.url).origin, ...headers },
      body: typeof action === "string" ? action : JSON.stringify(action),
    })

  it("is carried out, and is in no log", async () => {
    await using server = stillServer()
    const { accessToken } = await login(server)
    const requests = server.log.length
    expect((await act(server, { type: "expireAccessTokens" })).status).toBe(200)
    expect(server.log).toHaveLength(requests)
    expect((await account(server, accessToken)).status).toBe(401)
  })

  it.each<[string, Record<string, string>, number]>([
    ["another site", { origin: "https://evil.example" }, 403],
    ["another port of this machine", { origin: "http://localhost:3000" }, 403],
    ["a sandboxed frame", { origin: "null" }, 403],
    ["a form", { "content-type": "text/plain" }, 415],
  ])("of %s is refused", async (_, headers, status) => {
    await using server = stillServer()
    await login(server)
    expect((await act(server, { type: "reset" }, headers)).status).toBe(status)
    expect(server.log).not.toEqual([])
  })

  it("needs an Origin, which a browser always sends", async () => {
    await using server = stillServer()
    const headers = { "content-type": "application/json" }
    const response = await server.fetch(at(server, "/__page/action"), { method: "POST", headers, body: "{}" })
    expect(response.status).toBe(403)
  })

  it.each([
    ["{", /not JSON/],
    [null, /^Option "action" /],
    [{}, /^Option "action\.type" /],
    [{ type: "close" }, /^Option "action\.type" /],
    [{ type: "failNextRefresh", fault: "toString" }, /^Option "action\.fault" /],
    [{ type: "failNextRefresh" }, /^Option "action\.fault" /],
    [{ type: "revokeFamily", family: "unknown" }, /^Option "revokeFamily" /],
    [{ type: "nextLogin", user: "nobody" }, /^Option "authorize\.next\.user" /],
    [{ type: "advanceClock", by: -1 }, /^Option "clock\.advance" /],
    [{ type: "advanceClock" }, /^Option "action\.by" /],
  ])("%j is refused", async (action, message) => {
    await using server = stillServer()
    const response = await act(server, action)
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({ message: expect.stringMatching(message) })
  })
})
