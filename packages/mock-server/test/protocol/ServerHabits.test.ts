import { describe, expect, it } from "vitest"
import { createMockServer, optionsFromHabits } from "../../src/index.js"
import { exchange, login, post, refresh } from "../tokens.js"

const format = "ellipsis-oauth/server-habits@1"

describe("optionsFromHabits", () => {
  it("makes a server that behaves as described", async () => {
    await using server = createMockServer(
      optionsFromHabits({
        format,
        bodyEncoding: ["form"],
        rotation: "always",
        expiresIn: "string",
        tokenType: "absent",
        publicClients: "refused",
        errorBody: "message",
        accessTokenLifetime: 900,
        server: "https://drive.example/v3",
        observedAt: "2026-01-01T00:00:00Z",
        notes: ["scope is absent"],
      }),
    )
    const { code } = server.authorize({ clientId: "demo-app" })
    const { body } = await exchange(server, code)
    expect(body).toMatchObject({ expires_in: "900", refresh_token: expect.any(String) })
    expect(body).not.toHaveProperty("token_type")
    const refreshed = await refresh(server, body.refresh_token ?? "")
    expect(refreshed.body.refresh_token).not.toBe(body.refresh_token)
    expect((await exchange(server, code)).body).toEqual({ message: expect.any(String) })
    const json = await server.fetch(`${server.url}/oauth/token`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    })
    expect(json.status).toBe(400)
    expect((await post(server, { client_id: "demo-spa", grant_type: "refresh_token" })).status).toBe(401)
  })

  it("converts the other value of each habit, and uses defaults for those that are left out", async () => {
    expect(
      optionsFromHabits({
        format,
        bodyEncoding: ["json", "form"],
        rotation: "never",
        expiresIn: "absent",
        tokenType: "present",
        publicClients: "allowed",
        errorBody: "text",
      }),
    ).toEqual({
      bodyEncoding: "both",
      rotation: "off",
      expiresIn: "omit",
      tokenType: "Bearer",
      publicClients: "allow",
      errorFormat: "text",
    })
    await using server = createMockServer(optionsFromHabits({ format }))
    expect((await login(server)).accessToken).toHaveLength(40)
  })

  it("makes a strict server that a client can see as such", async () => {
    const options = optionsFromHabits({
      format,
      clientAuthentication: ["basic-raw"],
      codeParameter: "code",
      pkce: "required",
      pkceMethods: ["S256"],
      rotation: "always",
      spentRefreshToken: "accepted",
      tokenType: "bearer",
      scope: "login",
      scopes: ["maps"],
      tokenStatus: 201,
      grantErrorStatus: 403,
      clientErrorStatus: 400,
    })
    expect(options).toEqual({
      clientAuthentication: "basic",
      basicDecoding: "raw",
      codeParameter: "code",
      pkce: "required",
      pkceMethods: ["S256"],
      rotation: { grace: "1 minute", reuse: "reject" },
      tokenType: "bearer",
      scopeInReply: "login",
      scopes: ["maps"],
      tokenStatus: 201,
      errorStatus: { invalid_grant: 403, invalid_client: 400 },
    })
    await using server = createMockServer({ ...options, pkce: "optional" })
    const authorization = `Basic ${btoa("demo-app:demo-secret")}`
    const send = async (parameters: Record<string, string>, headers: Record<string, string>) => {
      const body = new URLSearchParams(parameters)
      const response = await server.fetch(`${server.url}/oauth/token`, { method: "POST", headers, body })
      return { status: response.status, body: (await response.json()) as Record<string, string> }
    }
    const { code } = server.authorize({ clientId: "demo-app" })
    const parameters = { grant_type: "authorization_code", code }
    const inBody = { ...parameters, client_id: "demo-app", client_secret: "demo-secret" }
    expect(await send(inBody, {})).toMatchObject({ status: 400, body: { error: "invalid_client" } })
    const login = await send(parameters, { authorization })
    expect(login).toMatchObject({ status: 201, body: { token_type: "bearer", scope: "maps" } })
    const grant = { grant_type: "refresh_token", refresh_token: login.body["refresh_token"] ?? "" }
    const refreshed = await send(grant, { authorization })
    expect(refreshed).toMatchObject({ status: 201, body: { refresh_token: expect.any(String) } })
    expect(refreshed.body).not.toHaveProperty("scope")
    expect((await send(grant, { authorization })).status).toBe(201)
    server.clock.advance("1 minute")
    expect(await send(grant, { authorization })).toMatchObject({
      status: 403,
      body: { error: "invalid_grant" },
    })
    expect(
      (await send({ ...grant, refresh_token: refreshed.body["refresh_token"] ?? "" }, { authorization }))
        .status,
    ).toBe(201)
    await using strict = createMockServer(options)
    const plain = new URLSearchParams({
      response_type: "code",
      client_id: "demo-app",
      redirect_uri: "http://localhost:3000/callback",
      code_challenge: "x".repeat(43),
      code_challenge_method: "plain",
    })
    const refused = await strict.fetch(`${strict.url}/oauth/authorize?${plain}`)
    expect(refused.headers.get("location")).toContain("error=invalid_request")
  })

  it("makes a lenient server that a client can see as such", async () => {
    const options = optionsFromHabits({
      format,
      withoutSecret: "allowed",
      unknownRefreshToken: "accepted",
      rotation: "always",
      spentRefreshToken: "refused",
    })
    await using server = createMockServer(options)
    const refreshed = await post(server, {
      grant_type: "refresh_token",
      client_id: "demo-app",
      refresh_token: "any",
    })
    expect(refreshed).toMatchObject({ status: 200, body: { refresh_token: expect.any(String) } })
    const none = createMockServer(optionsFromHabits({ format, refreshToken: "absent" }))
    const { code } = none.authorize({ clientId: "demo-app" })
    expect((await exchange(none, code)).body).not.toHaveProperty("refresh_token")
  })

  it.each([
    ["clientAuthentication", { format, clientAuthentication: [] }],
    ["clientAuthentication[0]", { format, clientAuthentication: ["jwt"] }],
    ["withoutSecret", { format, withoutSecret: true }],
    ["codeParameter", { format, codeParameter: "kode" }],
    ["pkceMethods[0]", { format, pkceMethods: ["S512"] }],
    ["rotation", { format, rotation: "never", spentRefreshToken: "refused" }],
    ["spentRefreshToken", { format, rotation: "always", spentRefreshToken: "maybe" }],
    ["scopes", { format, scopes: "maps" }],
    ["tokenStatus", { format, tokenStatus: 404 }],
    ["grantErrorStatus", { format, grantErrorStatus: "400" }],
    ["clientErrorStatus", { format, clientErrorStatus: 99 }],
    ["habits", null],
    ["habits", []],
    ["format", {}],
    ["format", { format: "ellipsis-oauth/server-habits@2" }],
    ["bodyEncoding", { format, bodyEncoding: "form" }],
    ["bodyEncoding[0]", { format, bodyEncoding: ["xml"] }],
    ["rotation", { format, rotation: "sometimes" }],
    ["expiresIn", { format, expiresIn: 3600 }],
    ["tokenType", { format, tokenType: true }],
    ["publicClients", { format, publicClients: "allow" }],
    ["errorBody", { format, errorBody: "html" }],
    ["accessTokenLifetime", { format, accessTokenLifetime: 0 }],
    ["rotates", { format, rotates: true }],
  ])("names %s when it cannot be used: %j", (option, habits) => {
    expect(() => optionsFromHabits(habits)).toThrow(expect.objectContaining({ option }))
  })
})
