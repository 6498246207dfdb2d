import { describe, expect, it } from "vitest"
import type { MockServer, MockServerOptions } from "../../src/index.js"
import { app, exchange, last, login, refresh, stillServer } from "../tokens.js"

const send = async (server: MockServer, init: RequestInit, query = "") => {
  const response = await server.fetch(`${server.url}/oauth/token${query}`, { method: "POST", ...init })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

const form = { "content-type": "application/x-www-form-urlencoded" }
const json = { "content-type": "application/json" }

describe("the token endpoint", () => {
  it("sends token responses as in RFC 6749 section 5.1", async () => {
    await using server = stillServer()
    const { status, headers, body } = await exchange(server, server.authorize({ clientId: "demo-app" }).code)
    expect(status).toBe(200)
    expect(body).toEqual({
      access_token: expect.stringMatching(/^[\w-]{40}$/),
      token_type: "Bearer",
      expires_in: 3600,
      refresh_token: expect.stringMatching(/^[\w-]{40}$/),
      scope: "projects",
    })
    expect(headers.get("content-type")).toBe("application/json")
    expect(headers.get("cache-control")).toBe("no-store")
    expect(headers.get("pragma")).toBe("no-cache")
    expect(headers.get("date")).toBe("Thu, 01 Jan 2026 00:00:00 GMT")
  })

  it("sends the same headers with a refusal", async () => {
    await using server = stillServer()
    const { status, headers, body } = await exchange(server, "unknown")
    expect(status).toBe(400)
    expect(Object.keys(body)).toEqual(["error", "error_description"])
    // RFC 6749 section 5.2: neither quotes nor backslashes, and nothing beyond ASCII.
    expect(body["error_description"]).toMatch(/^[ !#-[\]-~]+$/)
    expect([headers.get("cache-control"), headers.get("pragma")]).toEqual(["no-store", "no-cache"])
  })

  it.each<[MockServerOptions, object]>([
    [{ expiresIn: "string" }, { expires_in: "3600" }],
    [{ tokenType: "bearer" }, { token_type: "bearer" }],
    [{ accessTokenLifetime: "90.9 seconds" }, { expires_in: 90 }],
  ])("writes its reply as %j says", async (options, members) => {
    await using server = stillServer(options)
    expect((await exchange(server, server.authorize({ clientId: "demo-app" }).code)).body).toMatchObject(
      members,
    )
  })

  it("leaves out the members that options omit", async () => {
    await using server = stillServer({ expiresIn: "omit", tokenType: "omit", scopeInReply: "omit" })
    const { body } = await exchange(server, server.authorize({ clientId: "demo-app" }).code)
    expect(Object.keys(body)).toEqual(["access_token", "refresh_token"])
  })

  it("reads forms and JSON, or only one of them", async () => {
    for (const [bodyEncoding, asForm, asJson] of [
      ["both", 200, 200],
      ["form", 200, 400],
      ["json", 400, 200],
    ] as const) {
      await using server = stillServer({ bodyEncoding })
      const parameters = () => ({
        grant_type: "authorization_code",
        authorization_code: server.authorize({ clientId: "demo-app" }).code,
        ...app,
      })
      const body = new URLSearchParams(parameters())
      expect(
        (
          await send(server, {
            headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
            body,
          })
        ).status,
      ).toBe(asForm)
      expect((await send(server, { headers: json, body: JSON.stringify(parameters()) })).status).toBe(asJson)
    }
  })

  it.each<[string, RequestInit, number, string]>([
    ["no content type", { body: new Uint8Array([97]) }, 400, "Content-Type"],
    [
      "a multipart body",
      { headers: { "content-type": "multipart/form-data; boundary=x" }, body: "--x--" },
      400,
      "Content-Type",
    ],
    [
      "another charset",
      { headers: { "content-type": `${form["content-type"]}; charset=latin1` }, body: "a=b" },
      400,
      "Content-Type",
    ],
    [
      "a compressed body",
      { headers: { ...form, "content-encoding": "gzip" }, body: "a=b" },
      415,
      "Content-Encoding",
    ],
    ["GET", { method: "GET" }, 405, ""],
    ["PUT", { method: "PUT", headers: form, body: "a=b" }, 405, ""],
    [
      "a repeated parameter",
      { headers: form, body: "client_id=demo-spa&grant_type=x&grant_type=x" },
      400,
      "grant_type",
    ],
    ["a repeated unknown parameter", { headers: form, body: "client_id=demo-spa&x=1&x=1" }, 400, "x"],
    [
      "a repeated JSON member",
      { headers: json, body: '{"client_id":"demo-spa","client_id":"demo-spa"}' },
      400,
      "client_id",
    ],
    ["a number in JSON", { headers: json, body: '{"client_id":7}' }, 400, "client_id"],
    ["no grant type", { headers: form, body: "client_id=demo-spa" }, 400, "grant_type"],
  ])("refuses %s", async (_, init, status, field) => {
    await using server = stillServer()
    const reply = await send(server, init)
    expect(reply.status).toBe(status)
    expect(JSON.parse(reply.text).error).toBe("invalid_request")
    expect(last(server).field ?? "").toBe(field)
    if (status === 405) expect(reply.headers.get("allow")).toBe("POST")
  })

  it("refuses other grant types with unsupported_grant_type", async () => {
    await using server = stillServer()
    const { text } = await send(server, { headers: form, body: "client_id=demo-spa&grant_type=password" })
    expect(JSON.parse(text).error).toBe("unsupported_grant_type")
  })

  it("refuses credentials in the URL but ignores unknown parameters", async () => {
    await using server = stillServer()
    const { refreshToken } = await login(server)
    const body = new URLSearchParams({
      grant_type: "refresh_token",
      ...app,
      refresh_token: refreshToken,
      unknown: "1",
    })
    expect((await send(server, { headers: form, body }, "?client_secret=x")).status).toBe(400)
    expect(last(server)).toMatchObject({
      field: "client_secret",
      got: "in the query",
      query: { client_secret: "x" },
    })
    expect((await send(server, { headers: form, body }, "?tracking=1")).status).toBe(200)
  })

  it.each([
    ["rfc6749", "application/json", '{"error":"invalid_grant","error_description":'],
    ["message", "application/json", '{"message":"The refresh token is invalid'],
    ["text", "text/plain; charset=utf-8", "The refresh token is invalid"],
  ] as const)("writes errors as %s", async (errorFormat, contentType, start) => {
    await using server = stillServer({ errorFormat })
    const body = new URLSearchParams({ grant_type: "refresh_token", refresh_token: "unknown", ...app })
    const { status, headers, text } = await send(server, { headers: form, body })
    expect([status, headers.get("content-type")]).toEqual([400, contentType])
    expect(text.startsWith(start)).toBe(true)
    expect(last(server).error).toBe("invalid_grant")
  })

  it("repeats nothing of a request in its errors", async () => {
    await using server = stillServer()
    const canary = `"><script>canary</script>`
    for (const name of [
      "client_id",
      "grant_type",
      "refresh_token",
      "authorization_code",
      "client_secret",
      "redirect_uri",
    ]) {
      const { text } = await send(server, {
        headers: form,
        body: new URLSearchParams({ grant_type: "refresh_token", ...app, [name]: canary }),
      })
      expect(text).not.toContain("canary")
    }
  })

  it("logs how long the newest access token was still valid", async () => {
    await using server = stillServer()
    const { refreshToken } = await login(server)
    server.clock.advance("20 minutes")
    await refresh(server, refreshToken)
    expect(last(server).accessTokenLeft).toBe(2_400_000)
  })

  it.each([
    ["/oauth/token", "/v3/oauth/token"],
    ["/v3/token", "/v3/oauth/token"],
    ["/v3/v3/oauth/token", "/v3/oauth/token"],
    ["/v3/oauth/tokens/", "/v3/oauth/token"],
    ["/v1/oauth/authorise", "/v3/oauth/authorize"],
    ["/v3/Account", "/v3/account"],
  ])("at %s says that %s is meant", async (path, meant) => {
    await using server = stillServer()
    const response = await server.fetch(new URL(path, server.url))
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({
      error_description: `There is nothing at this path. Did you mean ${meant}?`,
    })
    expect(last(server).reason).toContain(meant)
  })

  it.each(["/v3/nothing", "/v3", `/v3/${"x".repeat(5_000)}`])("at %s suggests nothing", async (path) => {
    await using server = stillServer()
    const { error_description } = (await (await server.fetch(new URL(path, server.url))).json()) as {
      error_description: string
    }
    expect(error_description).toBe("There is nothing at this path.")
  })

  it("responds with 404 at other paths", async () => {
    await using server = stillServer()
    for (const path of ["/", "/oauth/token/", "/../oauth/token", "/oauth/revoke"]) {
      expect((await server.fetch(server.url + path, { method: "POST" })).status).toBe(404)
    }
  })
})

describe("the log of the token endpoint", () => {
  const client = { client_id: "demo-spa" }

  it("tells an exchange and a refresh", async () => {
    await using server = stillServer()
    const { refreshToken } = await login(server)
    const familyId = server.families[0]?.id
    expect(last(server)).toEqual({
      number: 2,
      time: server.clock.now(),
      endpoint: "token",
      method: "POST",
      path: "/v3/oauth/token",
      status: 200,
      parameters: {
        grant_type: "authorization_code",
        authorization_code: expect.any(String),
        ...app,
      },
      clientId: "demo-app",
      clientAuthentication: "body",
      grantType: "authorization_code",
      familyId,
      decision: "granted",
      reason: "The code was exchanged for tokens.",
    })
    await refresh(server, refreshToken)
    expect(last(server)).toMatchObject({
      clientId: "demo-app",
      clientAuthentication: "body",
      grantType: "refresh_token",
      familyId,
      accessTokenLeft: 3_600_000,
      decision: "granted",
      reason: "The refresh token was used for a new access token and stays valid.",
    })
    expect(last(server).query).toBeUndefined()
  })

  it("tells a rotation with the numbers of both tokens", async () => {
    await using server = stillServer({ rotation: "always" })
    const { refreshToken } = await login(server)
    const second = (await refresh(server, refreshToken)).body.refresh_token ?? ""
    await refresh(server, second)
    expect(last(server).reason).toBe(
      "The refresh token was used and rotated: number 3 of its family replaces number 2.",
    )
  })

  it("tells the family of a refused refresh, and no time left of an expired access token", async () => {
    await using server = stillServer()
    const { refreshToken } = await login(server)
    server.revoke(refreshToken)
    server.clock.advance("2 hours")
    await refresh(server, refreshToken)
    expect(last(server)).toMatchObject({
      decision: "refused",
      error: "invalid_grant",
      familyId: server.families[0]?.id,
      accessTokenLeft: 0,
    })
    await refresh(server, "unknown")
    const { familyId, accessTokenLeft } = last(server)
    expect([familyId, accessTokenLeft]).toEqual([undefined, undefined])
  })

  it.each<[string, Record<string, string>, Record<string, string>, string | undefined, string | undefined]>([
    ["the body", app, {}, "body", "demo-app"],
    ["the header", {}, { authorization: `Basic ${btoa("demo-app:demo-secret")}` }, "basic", "demo-app"],
    ["no secret", client, {}, "none", "demo-spa"],
    ["both", app, { authorization: "Basic x" }, "body and basic", "demo-app"],
    ["a broken header", client, { authorization: "Basic x" }, undefined, "demo-spa"],
    ["a long client id", { client_id: "c".repeat(101) }, {}, "none", "c".repeat(100)],
    ["nothing", {}, {}, undefined, undefined],
  ])("tells how the client identified itself: %s", async (_, parameters, headers, method, clientId) => {
    await using server = stillServer()
    const body = new URLSearchParams({ grant_type: "g".repeat(101), ...parameters })
    await send(server, { headers: { ...form, ...headers }, body })
    const entry = last(server)
    expect([entry.clientAuthentication, entry.clientId, entry.grantType]).toEqual([
      method,
      clientId,
      "g".repeat(100),
    ])
    expect(entry.parameters).toEqual(Object.fromEntries(body))
  })

  it.each<[string, RequestInit, string, number, object, object]>([
    [
      "PUT",
      { method: "PUT" },
      "",
      405,
      {
        error: "invalid_request",
        error_description: "The token endpoint takes POST (RFC 6749 section 3.2).",
      },
      {
        parameters: {},
        reason: "The token endpoint takes POST (RFC 6749 section 3.2).",
        expected: "POST",
        got: "PUT",
      },
    ],
    [
      "a broken query",
      { headers: form, body: "client_id=demo-spa" },
      "?x=%zz",
      400,
      { error: "invalid_request", error_description: "The request is malformed." },
      {
        parameters: client,
        reason: "The percent-encoding is invalid, or the decoded bytes are not UTF-8.",
      },
    ],
    [
      "a broken body",
      { headers: form, body: "x=%zz" },
      "?tracking=1",
      400,
      { error: "invalid_request", error_description: "The request is malformed." },
      {
        parameters: {},
        query: { tracking: "1" },
        reason: "The percent-encoding is invalid, or the decoded bytes are not UTF-8.",
      },
    ],
    [
      "a repeated parameter, with the beginning of its name",
      { headers: form, body: `client_id=demo-spa&${"x".repeat(51)}=1&${"x".repeat(51)}=1` },
      "",
      400,
      { error: "invalid_request", error_description: "The request is malformed." },
      {
        clientId: "demo-spa",
        reason: "A parameter was sent more than once (RFC 6749 section 3.2).",
        field: "x".repeat(50),
        expected: "one",
        got: "several",
      },
    ],
    [
      "no grant type",
      { headers: form, body: "client_id=demo-spa" },
      "",
      400,
      { error: "invalid_request", error_description: "A required parameter is missing." },
      {
        clientId: "demo-spa",
        reason: "There is no grant_type.",
        field: "grant_type",
        expected: "authorization_code or refresh_token",
        got: "nothing",
      },
    ],
    [
      "another grant type, with its beginning",
      { headers: form, body: `client_id=demo-spa&grant_type=${"g".repeat(51)}` },
      "",
      400,
      { error: "unsupported_grant_type", error_description: "The grant type is not supported." },
      {
        clientId: "demo-spa",
        reason: "The provider supports only two grant types, and not this one.",
        field: "grant_type",
        expected: "authorization_code or refresh_token",
        got: "g".repeat(50),
      },
    ],
  ])("tells what is wrong with %s", async (_, init, query, status, body, entry) => {
    await using server = stillServer()
    const reply = await send(server, init, query)
    expect([reply.status, JSON.parse(reply.text)]).toEqual([status, body])
    const { error } = body as { readonly error?: string }
    expect(last(server)).toMatchObject({ decision: "refused", status, error, ...entry })
  })

  it.each([
    "client_id",
    "client_secret",
    "authorization_code",
    "code",
    "refresh_token",
    "code_verifier",
    "grant_type",
  ])("tells that %s does not belong in the URL", async (name) => {
    await using server = stillServer()
    const reply = await send(server, { headers: form, body: "client_id=demo-spa" }, `?${name}=x`)
    expect(reply.status).toBe(400)
    expect(last(server)).toMatchObject({
      error: "invalid_request",
      reason: "Parameters of a token request belong in its body, never in the URL (RFC 6749 section 2.3.1).",
      clientId: "demo-spa",
      query: { [name]: "x" },
      field: name,
      expected: "in the body",
      got: "in the query",
    })
  })
})

describe("the options of the token endpoint", () => {
  const bodyOf = async (options: MockServerOptions) => {
    await using server = stillServer(options)
    const { body } = await exchange(server, server.authorize({ clientId: "demo-app" }).code)
    const { refresh_token: refreshToken } = body
    return {
      login: body,
      refresh: refreshToken === undefined ? undefined : (await refresh(server, refreshToken)).body,
    }
  }

  it.each([
    ["always", "projects", "projects"],
    ["login", "projects", undefined],
    ["omit", undefined, undefined],
  ] as const)("write the scope with scopeInReply: %s", async (scopeInReply, atLogin, atRefresh) => {
    const bodies = await bodyOf({ scopeInReply })
    expect([bodies.login["scope"], bodies.refresh?.["scope"]]).toEqual([atLogin, atRefresh])
  })

  it("leave out the refresh token with refreshTokens: omit", async () => {
    expect((await bodyOf({ refreshTokens: "omit" })).login).not.toHaveProperty("refresh_token")
  })

  it.each<[MockServerOptions, number, number]>([
    [{}, 400, 401],
    [{ errorStatus: { invalid_grant: 403 } }, 403, 401],
    [{ errorStatus: { invalid_client: 418 } }, 400, 418],
    [{ errorStatus: { invalid_grant: 401, invalid_client: 400 } }, 401, 400],
  ])("set the status of two errors: %j", async (options, invalidGrant, invalidClient) => {
    await using server = stillServer(options)
    const status = async (parameters: Record<string, string>) =>
      (await send(server, { headers: form, body: new URLSearchParams(parameters) })).status
    expect(await status({ grant_type: "refresh_token", refresh_token: "x", ...app })).toBe(invalidGrant)
    expect(await status({ grant_type: "authorization_code", authorization_code: "x", ...app })).toBe(
      invalidGrant,
    )
    expect(await status({ client_id: "nobody" })).toBe(invalidClient)
    expect(await status({ authorization: "x" })).toBe(400)
    expect(await status({ grant_type: "password", ...app })).toBe(400)
  })

  it("set the status of that error when the header is broken", async () => {
    await using server = stillServer({ errorStatus: { invalid_client: 418 } })
    expect((await send(server, { headers: { ...form, authorization: "Basic x" }, body: "a=b" })).status).toBe(
      418,
    )
  })
})

describe("the log of a request that a fault replaced", () => {
  const replaced = async (
    endpoint: "token" | "authorize" | "account" | "path",
    path: string,
    init?: RequestInit,
  ) => {
    await using server = stillServer()
    server.faults.next(endpoint, { reply: { status: 503 } })
    expect((await server.fetch(server.url + path, init)).status).toBe(503)
    const { decision, parameters, clientId, clientAuthentication, grantType } = last(server)
    expect(decision).toBe("skipped")
    return { parameters, clientId, clientAuthentication, grantType }
  }
  const unknown = {
    parameters: {},
    clientId: undefined,
    clientAuthentication: undefined,
    grantType: undefined,
  }
  const long = { client_id: "c".repeat(101), grant_type: "g".repeat(101) }

  it.each<[string, RequestInit, object]>([
    [
      "a form",
      { body: new URLSearchParams({ ...app, grant_type: "x" }) },
      {
        parameters: { ...app, grant_type: "x" },
        clientId: "demo-app",
        clientAuthentication: "body",
        grantType: "x",
      },
    ],
    [
      "JSON",
      { body: ' {"client_id":"demo-spa"}' },
      {
        ...unknown,
        parameters: { client_id: "demo-spa" },
        clientId: "demo-spa",
        clientAuthentication: "none",
      },
    ],
    [
      "a Basic header",
      { body: "grant_type=x", headers: { authorization: `Basic ${btoa("demo-app:x")}` } },
      {
        parameters: { grant_type: "x" },
        clientId: "demo-app",
        clientAuthentication: "basic",
        grantType: "x",
      },
    ],
    [
      "a broken Basic header",
      { body: "a=b", headers: { authorization: "Basic x" } },
      { ...unknown, parameters: { a: "b" } },
    ],
    [
      "long values",
      { body: new URLSearchParams(long) },
      {
        parameters: long,
        clientId: "c".repeat(100),
        clientAuthentication: "none",
        grantType: "g".repeat(100),
      },
    ],
    ["bytes that are not UTF-8", { body: new Uint8Array([0xff]) }, unknown],
    ["broken JSON", { body: "{" }, unknown],
    ["a body that is too large", { body: `a=${"b".repeat(65_536)}` }, unknown],
  ])("tells what the token request contained: %s", async (_, init, entry) => {
    expect(await replaced("token", "/oauth/token", { method: "POST", ...init })).toEqual(entry)
  })

  it("tells the query of an authorization request, with the beginning of the client id", async () => {
    expect(await replaced("authorize", `/oauth/authorize?client_id=${long.client_id}`)).toEqual({
      ...unknown,
      parameters: { client_id: long.client_id },
      clientId: "c".repeat(100),
    })
    expect(await replaced("authorize", "/oauth/authorize")).toEqual(unknown)
  })

  it("reads nothing of an API request", async () => {
    expect(await replaced("account", "/account", { method: "POST", body: "a=b" })).toEqual(unknown)
    expect(await replaced("path", "/path/a", { method: "POST", body: "a=b" })).toEqual(unknown)
  })
})

it.each([
  ["/v3/", ""],
  ["/v3/to", ""],
  ["/v3/oauth/authors", ""],
  ["/v3/tok", " Did you mean /v3/oauth/token?"],
  ["/v3/oauth/token//", " Did you mean /v3/oauth/token?"],
  ["/v3/oauth/TOKENS", " Did you mean /v3/oauth/token?"],
  ["/v3/accounts", " Did you mean /v3/account?"],
])("a request for %s is told that there is nothing%s", async (path, suggestion) => {
  await using server = stillServer()
  const response = await server.fetch(new URL(path, server.url))
  expect(await response.json()).toEqual({
    error: "invalid_request",
    error_description: `There is nothing at this path.${suggestion}`,
  })
})
