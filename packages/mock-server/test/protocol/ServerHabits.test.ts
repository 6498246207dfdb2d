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

  it("has the other side of each habit, and defaults for those that are left out", async () => {
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

  it.each([
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
