import { describe, expect, it } from "vitest"
import type { MockServer } from "../../src/index.js"
import { account, last, login, post, refresh, stillServer } from "../tokens.js"

const rotate = async (server: MockServer, refreshToken: string): Promise<string> => {
  const { body } = await refresh(server, refreshToken)
  if (body.refresh_token === undefined) throw new Error(JSON.stringify(body))
  return body.refresh_token
}

describe("the refresh token grant", () => {
  it("issues a new access token, and the old one stays valid", async () => {
    await using server = stillServer()
    const { accessToken, refreshToken } = await login(server)
    const { body } = await refresh(server, refreshToken)
    expect(body.access_token).not.toBe(accessToken)
    expect((await account(server, accessToken)).status).toBe(200)
    expect((await account(server, body.access_token ?? "")).status).toBe(200)
  })

  it("keeps the refresh token without rotation, and does not send it again", async () => {
    await using server = stillServer()
    const { refreshToken } = await login(server)
    for (let i = 0; i < 3; i++) {
      const { status, body } = await refresh(server, refreshToken)
      expect([status, "refresh_token" in body]).toEqual([200, false])
    }
    server.clock.advance("52 weeks")
    expect((await refresh(server, refreshToken)).status).toBe(200)
  })

  it("rotates with `always`, and a replay ends the family", async () => {
    await using server = stillServer({ rotation: "always" })
    const { accessToken, refreshToken } = await login(server)
    const second = await rotate(server, refreshToken)
    const third = await rotate(server, second)
    server.clock.advance("2 minutes")
    expect((await refresh(server, refreshToken)).body.error).toBe("invalid_grant")
    expect(last(server).reason).toBe(
      "The refresh token was rotated 2 minutes ago by request 3, and was used again. The whole family is now revoked.",
    )
    expect((await refresh(server, third)).body.error).toBe("invalid_grant")
    expect(last(server).reason).toContain("a rotated refresh token was used again")
    expect((await account(server, accessToken)).status).toBe(401)
  })

  it("only refuses a replay with `reject`", async () => {
    await using server = stillServer({ rotation: { reuse: "reject" } })
    const { refreshToken } = await login(server)
    const second = await rotate(server, refreshToken)
    expect((await refresh(server, refreshToken)).body.error).toBe("invalid_grant")
    expect((await refresh(server, second)).status).toBe(200)
  })

  it("accepts the old token within its grace period, counted from its first use, and issues a sibling", async () => {
    await using server = stillServer({ rotation: { grace: "10 seconds", reuse: "revokeFamily" } })
    const { refreshToken } = await login(server)
    const second = await rotate(server, refreshToken)
    server.clock.advance(9_999)
    const sibling = await rotate(server, refreshToken)
    expect(sibling).not.toBe(second)
    server.clock.advance(1)
    expect((await refresh(server, refreshToken)).body.error).toBe("invalid_grant")
    expect(last(server).reason).toContain("longer than the grace period of 10 seconds")
    expect((await refresh(server, second)).body.error).toBe("invalid_grant")
  })

  it("binds the token to its client", async () => {
    await using server = stillServer()
    const { refreshToken } = await login(server)
    const { body } = await post(server, {
      grant_type: "refresh_token",
      refresh_token: refreshToken,
      client_id: "demo-spa",
    })
    expect(body.error).toBe("invalid_grant")
    expect(last(server)).toMatchObject({ expected: "demo-app", got: "demo-spa" })
    expect((await refresh(server, refreshToken)).status).toBe(200)
  })

  it("refuses invalid refresh tokens, each with its reason", async () => {
    await using server = stillServer()
    const { accessToken } = await login(server)
    const attempt = async (token: string) => [(await refresh(server, token)).body.error, last(server).reason]
    expect(await attempt(accessToken)).toEqual([
      "invalid_grant",
      "This is an access token, not a refresh token.",
    ])
    expect(await attempt("never-issued")).toEqual([
      "invalid_grant",
      expect.stringContaining("never issued here"),
    ])
    expect(await attempt("")).toEqual(["invalid_request", "There is no refresh_token."])
    expect(await attempt("a".repeat(257))).toEqual([
      "invalid_request",
      expect.stringContaining("longer than"),
    ])
  })

  it("refuses expired refresh tokens with refreshTokenLifetime", async () => {
    await using server = stillServer({ refreshTokenLifetime: "1 day" })
    const { refreshToken } = await login(server)
    server.clock.advance("1 day")
    expect((await refresh(server, refreshToken)).body.error).toBe("invalid_grant")
    expect(last(server).reason).toBe("The refresh token is 1 day old; refresh tokens are valid for 1 day.")
  })

  it("grants no more scope than before", async () => {
    await using server = stillServer({ scopes: ["projects", "maps"] })
    const code = server.authorize({ clientId: "demo-app", scope: "maps" }).code
    const first = await post(server, {
      grant_type: "authorization_code",
      authorization_code: code,
      client_id: "demo-app",
      client_secret: "demo-secret",
    })
    expect(first.body["scope"]).toBe("maps")
    const refreshToken = first.body.refresh_token ?? ""
    expect((await refresh(server, refreshToken, { scope: "projects" })).body.error).toBe("invalid_scope")
    expect((await refresh(server, refreshToken, { scope: "maps" })).body["scope"]).toBe("maps")
  })
})
