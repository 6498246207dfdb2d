import { describe, expect, it } from "vitest"
import type { MockServer, MockServerOptions } from "../../src/index.js"
import { exchange, last, redirectUri, stillServer } from "../tokens.js"

const visit = async (server: MockServer, parameters: Record<string, string> | string) => {
  const query = typeof parameters === "string" ? parameters : new URLSearchParams(parameters).toString()
  const response = await server.fetch(`${server.url}/oauth/authorize?${query}`)
  const location = response.headers.get("location")
  return {
    status: response.status,
    headers: response.headers,
    text: await response.text(),
    location,
    query: Object.fromEntries(location === null ? [] : new URL(location).searchParams),
  }
}

const ask = { response_type: "code", client_id: "demo-app", state: "a-state" }

const twoUris = [{ clientId: "demo-app", redirectUris: [redirectUri, "myapp://done?keep=1"] }]

describe("the authorization endpoint", () => {
  it("redirects with a code and the state", async () => {
    await using server = stillServer()
    const { status, headers, query, location } = await visit(server, { ...ask, redirect_uri: redirectUri })
    expect(status).toBe(302)
    expect(location?.startsWith(`${redirectUri}?`)).toBe(true)
    expect(query).toEqual({ code: expect.stringMatching(/^[0-9a-f]{8}-/), state: "a-state" })
    expect(headers.get("cache-control")).toBe("no-store")
    expect(headers.get("referrer-policy")).toBe("no-referrer")
    expect((await exchange(server, query["code"] ?? "", { redirect_uri: redirectUri })).status).toBe(200)
  })

  it("uses the only registered redirect URI if the request has none", async () => {
    await using server = stillServer()
    const { query } = await visit(server, ask)
    expect((await exchange(server, query["code"] ?? "")).status).toBe(200)
  })

  it.each([
    "http://localhost:3000/auth/callback",
    "http://localhost:5173/callback",
    "http://localhost/callback",
    "http://127.0.0.1:41234/callback",
    "http://[::1]:8080/auth/callback",
  ])("redirects the default clients to %s, which the documentation uses", async (uri) => {
    await using server = stillServer()
    const { location, query } = await visit(server, { ...ask, redirect_uri: uri })
    expect(location).toMatch(uri)
    expect((await exchange(server, query["code"] ?? "", { redirect_uri: uri })).status).toBe(200)
  })

  it("keeps the query and the scheme of a registered redirect URI", async () => {
    await using server = stillServer({ clients: twoUris })
    const { location } = await visit(server, { ...ask, redirect_uri: "myapp://done?keep=1" })
    expect(location).toMatch(/^myapp:\/\/done\?keep=1&code=[0-9a-f-]{36}&state=a-state$/)
  })

  it.each<[string, Record<string, string> | string, MockServerOptions]>([
    ["no client", { response_type: "code" }, {}],
    ["an unknown client", { ...ask, client_id: "nobody" }, {}],
    ["another redirect URI", { ...ask, redirect_uri: "https://evil.example/" }, {}],
    ["a longer redirect URI", { ...ask, redirect_uri: `${redirectUri}/more` }, {}],
    ["a redirect URI in another case", { ...ask, redirect_uri: redirectUri.toUpperCase() }, {}],
    [
      "a redirect URI with another port",
      { ...ask, redirect_uri: "http://localhost:3001/callback" },
      { clients: [{ clientId: "demo-app", redirectUris: [redirectUri] }] },
    ],
    ["a loopback path with a query", { ...ask, redirect_uri: "http://localhost:3001/callback?a=b" }, {}],
    ["a loopback path with a user", { ...ask, redirect_uri: "http://a@localhost:3001/callback" }, {}],
    ["a loopback path with HTTPS", { ...ask, redirect_uri: "https://localhost:3001/callback" }, {}],
    ["a path of another host", { ...ask, redirect_uri: "http://localhost.evil.example/callback" }, {}],
    [
      "a redirect URI with a user",
      { ...ask, redirect_uri: "http://localhost:3000@evil.example/callback" },
      {},
    ],
    ["none of several redirect URIs", ask, { clients: twoUris }],
    ["two clients", `${new URLSearchParams(ask)}&client_id=demo-spa`, {}],
    [
      "two redirect URIs",
      `${new URLSearchParams({ ...ask, redirect_uri: redirectUri })}&redirect_uri=https%3A%2F%2Fevil.example`,
      {},
    ],
    ["broken percent-encoding", `${new URLSearchParams(ask)}&x=%zz`, {}],
  ])("shows a page and never redirects with %s", async (_, parameters, options) => {
    await using server = stillServer(options)
    const { status, headers, location, text } = await visit(server, parameters)
    expect([status, location]).toEqual([400, null])
    expect(headers.get("content-type")).toContain("text/html")
    expect(text).toContain("This sign-in link does not work")
    expect(last(server)).toMatchObject({ endpoint: "authorize", decision: "refused", status: 400 })
  })

  it.each<[string, Record<string, string> | string, string, MockServerOptions?]>([
    ["no response type", { client_id: "demo-app", state: "a-state" }, "invalid_request"],
    ["another response type", { ...ask, response_type: "token" }, "unsupported_response_type"],
    ["an unknown scope", { ...ask, scope: "everything" }, "invalid_scope"],
    ["a repeated parameter", `${new URLSearchParams(ask)}&scope=projects&scope=projects`, "invalid_request"],
    ["a long state", { ...ask, state: "s".repeat(51) }, "invalid_request"],
    ["a method without a challenge", { ...ask, code_challenge_method: "S256" }, "invalid_request"],
    [
      "an unknown method",
      { ...ask, code_challenge: "a".repeat(43), code_challenge_method: "s256" },
      "invalid_request",
    ],
    ["a short challenge", { ...ask, code_challenge: "a".repeat(42) }, "invalid_request"],
    ["a plain challenge over 50 characters", { ...ask, code_challenge: "a".repeat(51) }, "invalid_request"],
    [
      "an S256 challenge of 44 characters",
      { ...ask, code_challenge: "a".repeat(44), code_challenge_method: "S256" },
      "invalid_request",
    ],
    ["no PKCE where it is required", ask, "invalid_request", { pkce: "required" }],
  ])("redirects %s as an error", async (_, parameters, error, options) => {
    await using server = stillServer(options)
    const { status, query } = await visit(server, parameters)
    expect(status).toBe(302)
    expect(query).toMatchObject({ error, error_description: expect.any(String) })
    expect(query["state"]).toBe(new URLSearchParams(parameters).get("state"))
    expect(query).not.toHaveProperty("code")
  })

  it("sends no state if it was sent twice", async () => {
    await using server = stillServer()
    const { query } = await visit(server, `${new URLSearchParams(ask)}&state=other`)
    expect(query["error"]).toBe("invalid_request")
    expect(query).not.toHaveProperty("state")
  })

  it("accepts any port of a loopback redirect URI with loopbackRedirect (RFC 8252)", async () => {
    const clients = [
      { clientId: "demo-app", redirectUris: ["http://127.0.0.1/callback", "https://app.example/cb"] },
    ]
    await using server = stillServer({ clients, loopbackRedirect: "anyPort" })
    const { location } = await visit(server, { ...ask, redirect_uri: "http://127.0.0.1:49152/callback" })
    expect(location).toMatch(/^http:\/\/127\.0\.0\.1:49152\/callback\?code=/)
    for (const uri of [
      "http://127.0.0.1:49152/other",
      "http://localhost:49152/callback",
      "https://app.example:444/cb",
    ]) {
      expect((await visit(server, { ...ask, redirect_uri: uri })).status).toBe(400)
    }
  })

  it("takes only GET with autoApprove", async () => {
    await using server = stillServer()
    const response = await server.fetch(`${server.url}/oauth/authorize`, {
      method: "POST",
      body: new URLSearchParams(ask),
    })
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET"])
  })

  it("uses the decisions that a test planned", async () => {
    const users = [
      { id: "1", username: "ada" },
      { id: "2", username: "grace" },
    ]
    await using server = stillServer({ users })
    server.authorize.deny()
    server.authorize.next({ user: "grace" })
    expect((await visit(server, ask)).query).toEqual({
      error: "access_denied",
      error_description: "The user has refused access.",
      state: "a-state",
    })
    await visit(server, ask)
    expect(last(server).reason).toBe("grace approved; a code was issued.")
    await visit(server, ask)
    expect(last(server).reason).toBe("ada approved; a code was issued.")
  })
})
