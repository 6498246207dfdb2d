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

const many = Array.from({ length: 6 }, (_, index) => ({
  clientId: `app-${index + 1}`,
  redirectUris: [redirectUri],
}))

const bothClients = "demo-app or demo-spa"

const malformedText = "The authorization request is malformed."

const methodText = "The transform algorithm is not supported."

describe("the log of the authorization endpoint", () => {
  it("says who approved", async () => {
    await using server = stillServer()
    await visit(server, ask)
    expect(last(server)).toEqual({
      number: 1,
      time: server.clock.now(),
      endpoint: "authorize",
      method: "GET",
      path: "/v3/oauth/authorize",
      status: 302,
      parameters: ask,
      clientId: "demo-app",
      decision: "granted",
      reason: "demo approved; a code was issued.",
    })
  })

  it("says that the user refused", async () => {
    await using server = stillServer()
    server.authorize.deny()
    await visit(server, ask)
    expect(last(server)).toMatchObject({
      status: 302,
      parameters: ask,
      clientId: "demo-app",
      decision: "refused",
      error: "access_denied",
      reason: "The user refused.",
    })
  })

  it.each<[string, Record<string, string> | string, object, MockServerOptions?]>([
    [
      "no client",
      { response_type: "code" },
      {
        error: "invalid_request",
        field: "client_id",
        reason: "There is no client_id.",
        expected: bothClients,
        got: "nothing",
      },
    ],
    [
      "an unknown client, with the beginning of its id",
      { ...ask, client_id: "n".repeat(101) },
      {
        error: "unauthorized_client",
        clientId: "n".repeat(100),
        field: "client_id",
        reason: "No client with this id is registered.",
        expected: bothClients,
        got: "n".repeat(100),
      },
    ],
    [
      "an unknown client of many, with the first five",
      ask,
      { expected: "app-1 or app-2 or app-3 or app-4 or app-5", got: "demo-app" },
      { clients: many },
    ],
    [
      "two clients",
      `${new URLSearchParams(ask)}&client_id=demo-spa`,
      {
        error: "invalid_request",
        field: "client_id",
        reason: "client_id was sent more than once.",
        expected: "one",
        got: "several",
      },
    ],
    [
      "two redirect URIs",
      `${new URLSearchParams({ ...ask, redirect_uri: redirectUri })}&redirect_uri=x`,
      {
        error: "invalid_request",
        field: "redirect_uri",
        reason: "redirect_uri was sent more than once.",
        expected: "one",
        got: "several",
      },
    ],
    [
      "another redirect URI, with its beginning",
      { ...ask, redirect_uri: `https://evil.example/${"e".repeat(200)}` },
      {
        error: "invalid_request",
        field: "redirect_uri",
        reason: "redirect_uri is not registered for this client. It must match exactly.",
        expected:
          "http://localhost:3000/callback or http://localhost:<any port>/callback or http://localhost:<any port>/auth/callback",
        got: `https://evil.example/${"e".repeat(179)}`,
      },
    ],
    [
      "another redirect URI, for a client with two",
      { ...ask, redirect_uri: "https://evil.example/" },
      { expected: `${redirectUri} or myapp://done?keep=1`, got: "https://evil.example/" },
      { clients: twoUris },
    ],
    [
      "none of several redirect URIs",
      ask,
      {
        error: "invalid_request",
        field: "redirect_uri",
        reason: "There is no redirect_uri, and this client has several registered.",
        expected: `${redirectUri} or myapp://done?keep=1`,
        got: "nothing",
      },
      { clients: twoUris },
    ],
    ["a redirect URI that is no URL", { ...ask, redirect_uri: "callback" }, { got: "callback" }],
    [
      "a redirect URI that is no URL, where any port will do",
      { ...ask, redirect_uri: "callback" },
      { got: "callback" },
      { loopbackRedirect: "anyPort" },
    ],
    [
      "broken percent-encoding",
      `${new URLSearchParams(ask)}&x=%zz`,
      {
        error: "invalid_request",
        parameters: {},
        field: "x",
        reason: "The percent-encoding is invalid, or the decoded bytes are not UTF-8.",
      },
    ],
  ])("and the page say what is wrong with %s", async (_, parameters, entry, options) => {
    await using server = stillServer(options)
    const { text, headers } = await visit(server, parameters)
    expect(last(server)).toMatchObject({ decision: "refused", status: 400, ...entry })
    const { reason, field = "", got } = last(server)
    expect(text).toContain(`<p>${reason}</p>`)
    expect(text).toContain(`<dt>Parameter</dt><dd>${field}</dd>`)
    if (got !== undefined) expect(text).toContain(`<dt>Got</dt><dd>${got}</dd>`)
    expect(headers.get("cache-control")).toBe("no-store")
  })

  it.each<[string, Record<string, string> | string, string, string, object, MockServerOptions?]>([
    [
      "no response type",
      { client_id: "demo-app" },
      "invalid_request",
      malformedText,
      { field: "response_type", reason: "response_type must be code.", expected: "code", got: "nothing" },
    ],
    [
      "another response type, with its beginning",
      { ...ask, response_type: "t".repeat(51) },
      "unsupported_response_type",
      "The authorization server does not support this response type.",
      {
        field: "response_type",
        reason: "response_type must be code.",
        expected: "code",
        got: "t".repeat(50),
      },
    ],
    [
      "an unknown scope, with its beginning",
      { ...ask, scope: `projects ${"e".repeat(51)}` },
      "invalid_scope",
      "The scope is unknown or malformed.",
      { field: "scope", reason: "A scope is unknown.", expected: "projects or maps", got: "e".repeat(50) },
      { scopes: ["projects", "maps"] },
    ],
    [
      "a repeated parameter",
      `${new URLSearchParams(ask)}&scope=projects&scope=projects`,
      "invalid_request",
      malformedText,
      { field: "scope", reason: "A parameter was sent more than once.", expected: "one", got: "several" },
    ],
    [
      "a long state",
      { ...ask, state: "s".repeat(51) },
      "invalid_request",
      malformedText,
      {
        field: "state",
        reason: "state is longer than the provider can store.",
        expected: "at most 50 characters",
        got: "51 characters",
      },
    ],
    [
      "a long redirect URI",
      { ...ask, redirect_uri: `http://localhost:3000/${"p".repeat(79)}` },
      "invalid_request",
      malformedText,
      {
        field: "redirect_uri",
        reason: "redirect_uri is longer than the provider can store.",
        expected: "at most 100 characters",
        got: "101 characters",
      },
      {
        clients: [
          { clientId: "demo-app", redirectUris: [redirectUri], loopbackPaths: [`/${"p".repeat(79)}`] },
        ],
      },
    ],
    [
      "a method without a challenge",
      { ...ask, code_challenge_method: "S256" },
      "invalid_request",
      malformedText,
      {
        field: "code_challenge",
        reason: "There is a code_challenge_method but no code_challenge.",
        expected: "both or neither",
      },
    ],
    [
      "no challenge where PKCE is required",
      ask,
      "invalid_request",
      malformedText,
      {
        field: "code_challenge",
        reason: "This server requires PKCE (RFC 7636 section 4.4.1).",
        expected: "a challenge",
        got: "nothing",
      },
      { pkce: "required" },
    ],
    [
      "an unknown method, with its beginning",
      { ...ask, code_challenge: "a".repeat(43), code_challenge_method: "m".repeat(51) },
      "invalid_request",
      methodText,
      {
        field: "code_challenge_method",
        reason: methodText,
        expected: "S256 or plain",
        got: "m".repeat(50),
      },
    ],
    [
      "a missing method where plain is refused",
      { ...ask, code_challenge: "a".repeat(43) },
      "invalid_request",
      methodText,
      {
        field: "code_challenge_method",
        reason: "This server does not accept this method (option pkceMethods).",
        expected: "S256",
        got: "nothing, which means plain",
      },
      { pkceMethods: ["S256"] },
    ],
    [
      "the method S256 where it is refused",
      { ...ask, code_challenge: "a".repeat(43), code_challenge_method: "S256" },
      "invalid_request",
      methodText,
      { field: "code_challenge_method", expected: "plain", got: "S256" },
      { pkceMethods: ["plain"] },
    ],
    [
      "a short plain challenge",
      { ...ask, code_challenge: "a".repeat(42) },
      "invalid_request",
      malformedText,
      {
        field: "code_challenge",
        reason: "code_challenge is malformed, or longer than the provider can store.",
        expected: "43 to 50 unreserved characters (method plain)",
        got: "42 characters",
      },
    ],
    [
      "a long S256 challenge",
      { ...ask, code_challenge: "a".repeat(44), code_challenge_method: "S256" },
      "invalid_request",
      malformedText,
      { field: "code_challenge", expected: "43 characters of base64url", got: "44 characters" },
    ],
  ])("says what is wrong with %s", async (_, parameters, error, description, entry, options) => {
    await using server = stillServer(options)
    const { query } = await visit(server, parameters)
    expect(query).toMatchObject({ error, error_description: description })
    expect(last(server)).toMatchObject({
      decision: "refused",
      status: 302,
      error,
      clientId: "demo-app",
      ...entry,
    })
  })
})

describe("an authorization request at a limit", () => {
  const longPath = `/${"p".repeat(78)}`

  it.each<[string, Record<string, string>, MockServerOptions?]>([
    ["a state of 50 characters", { state: "s".repeat(50) }],
    [
      "a redirect URI of 100 characters",
      { redirect_uri: `http://localhost:3000${longPath}` },
      { clients: [{ clientId: "demo-app", redirectUris: [redirectUri], loopbackPaths: [longPath] }] },
    ],
    ["a plain challenge of 43 characters", { code_challenge: "a".repeat(43) }],
    [
      "a plain challenge of 50 characters",
      { code_challenge: "a".repeat(50), code_challenge_method: "plain" },
    ],
    ["an S256 challenge of 43 characters", { code_challenge: "a".repeat(43), code_challenge_method: "S256" }],
    ["every scope of the server", { scope: "maps projects" }, { scopes: ["projects", "maps"] }],
    ["a challenge where PKCE is required", { code_challenge: "a".repeat(43) }, { pkce: "required" }],
  ])("is accepted with %s", async (_, parameters, options) => {
    await using server = stillServer(options)
    expect((await visit(server, { ...ask, ...parameters })).query).toHaveProperty("code")
  })
})

describe("a loopback redirect URI with any port", () => {
  const registered = [
    "http://127.0.0.1/callback",
    "http://[::1]:1/callback",
    "http://localhost:1/callback",
    "https://localhost:1/secure",
    "http://app.example:1/callback",
    "myapp://done",
  ]

  it.each([
    ["http://127.0.0.1:2/callback", true],
    ["http://[::1]:2/callback", true],
    ["http://[::1]/callback", true],
    ["http://localhost:2/callback", true],
    ["http://localhost:2/callback?a=b", false],
    ["https://localhost:2/callback", false],
    ["https://localhost:2/secure", false],
    ["http://app.example:2/callback", false],
    ["myapp://other", false],
  ])("may be %s: %s", async (uri, isAccepted) => {
    await using server = stillServer({
      clients: [{ clientId: "demo-app", redirectUris: registered }],
      loopbackRedirect: "anyPort",
    })
    const { status } = await visit(server, { ...ask, redirect_uri: uri })
    expect(status).toBe(isAccepted ? 302 : 400)
  })
})

describe("a request to the authorization endpoint by another method", () => {
  it.each([
    ["GET", { autoApprove: true }],
    ["GET, POST", { autoApprove: false }],
  ])("is told to use %s", async (allow, options) => {
    await using server = stillServer(options)
    const method = "M".repeat(21)
    const response = await server.fetch(`${server.url}/oauth/authorize`, { method })
    expect([response.status, response.headers.get("allow")]).toEqual([405, allow])
    const reason = `The authorization endpoint takes ${allow}.`
    expect(await response.json()).toEqual({ error: "invalid_request", error_description: reason })
    expect(last(server)).toMatchObject({
      decision: "refused",
      parameters: {},
      reason,
      expected: allow,
      got: "M".repeat(20),
    })
  })
})
