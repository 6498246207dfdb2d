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
