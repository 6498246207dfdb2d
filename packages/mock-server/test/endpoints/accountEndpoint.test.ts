import { describe, expect, it } from "vitest"
import { account, last, login, stillServer } from "../tokens.js"

describe("the account", () => {
  it("is served for a valid token, to the millisecond", async () => {
    await using server = stillServer({ users: [{ id: "u1", username: "ada" }] })
    const { accessToken } = await login(server)
    server.clock.advance(3_599_999)
    expect((await account(server, accessToken)).body).toEqual({ id: "u1", username: "ada" })
    server.clock.advance(1)
    const { status, headers } = await account(server, accessToken)
    expect(status).toBe(401)
    expect(headers.get("www-authenticate")).toBe(
      'Bearer realm="ellipsis-drive-mock", error="invalid_token", error_description="The access token is invalid, expired or revoked."',
    )
    expect(last(server).reason).toBe("The access token expired 0 ms ago.")
  })

  it("is refused without an error code when no token was sent (RFC 6750 section 3.1)", async () => {
    await using server = stillServer()
    for (const headers of [
      {},
      { authorization: "Basic abc" },
      { authorization: "Bearer" },
      { authorization: "Bearer a b" },
    ]) {
      const response = await server.fetch(`${server.url}/account`, { headers: { ...headers } })
      expect([response.status, response.headers.get("www-authenticate")]).toEqual([
        401,
        'Bearer realm="ellipsis-drive-mock"',
      ])
    }
  })

  it("is refused for a refresh token and for a token in the URL", async () => {
    await using server = stillServer()
    const { accessToken, refreshToken } = await login(server)
    expect((await account(server, refreshToken)).status).toBe(401)
    expect(last(server).reason).toBe("This is a refresh token, not an access token.")
    const response = await server.fetch(`${server.url}/account?access_token=${accessToken}`)
    expect(response.status).toBe(400)
    expect(last(server).field).toBe("access_token")
  })

  it("takes only GET", async () => {
    await using server = stillServer()
    const response = await server.fetch(`${server.url}/account`, { method: "POST" })
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET"])
  })
})
