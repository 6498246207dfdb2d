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

describe("the log of the account", () => {
  it("says to which user a valid token belongs", async () => {
    await using server = stillServer()
    const { accessToken } = await login(server)
    const { headers } = await account(server, accessToken)
    expect(headers.get("content-type")).toBe("application/json")
    expect(last(server)).toEqual({
      number: 3,
      time: server.clock.now(),
      endpoint: "account",
      method: "GET",
      path: "/v3/account",
      status: 200,
      parameters: {},
      clientId: "demo-app",
      familyId: server.families[0]?.id,
      decision: "served",
      reason: "The access token is valid; it belongs to demo.",
    })
  })

  it.each([
    [undefined, "There is no Authorization header.", "nothing"],
    [
      "",
      "The Authorization header is not a Bearer header (RFC 6750 section 2.1).",
      "a header without a scheme",
    ],
    [
      "Bearer",
      "The Authorization header is not a Bearer header (RFC 6750 section 2.1).",
      "the scheme Bearer",
    ],
    [
      "Basic abc",
      "The Authorization header is not a Bearer header (RFC 6750 section 2.1).",
      "the scheme Basic",
    ],
    [
      `${"S".repeat(20)} abc`,
      "The Authorization header is not a Bearer header (RFC 6750 section 2.1).",
      `the scheme ${"S".repeat(20)}`,
    ],
    [
      `${"S".repeat(21)} abc`,
      "The Authorization header is not a Bearer header (RFC 6750 section 2.1).",
      "a header without a scheme",
    ],
    [
      "kanary-token-abcdefgh",
      "The Authorization header is not a Bearer header (RFC 6750 section 2.1).",
      "a header without a scheme",
    ],
    [
      "k4nary abc",
      "The Authorization header is not a Bearer header (RFC 6750 section 2.1).",
      "a header without a scheme",
    ],
  ])("says which token is missing with the header %s", async (authorization, reason, got) => {
    await using server = stillServer()
    const headers = authorization === undefined ? {} : { authorization }
    const response = await server.fetch(`${server.url}/account`, { headers: { ...headers } })
    expect(await response.json()).toEqual({
      error: "invalid_token",
      error_description: "An access token is required.",
    })
    expect(last(server)).toMatchObject({
      decision: "refused",
      error: "invalid_token",
      field: "Authorization",
      expected: "Bearer and an access token",
      got,
      reason,
    })
  })

  it.each([
    ["Bearer a.b-c_d~e+f/g==", true],
    ["bearer   a", true],
    ["BEARER 0", true],
    ["xBearer a", false],
    ["Bearer a!", false],
    ["Bearer a=b", false],
    ["Bearer !a", false],
    ["Bearer =", false],
    ["Bearera", false],
  ])("reads %j as a token: %s", async (authorization, isToken) => {
    await using server = stillServer()
    const response = await server.fetch(`${server.url}/account`, { headers: { authorization } })
    expect(response.status).toBe(401)
    expect(response.headers.get("www-authenticate")?.includes("invalid_token")).toBe(isToken)
  })

  it("says why a token is refused, and of which family it is", async () => {
    await using server = stillServer()
    const [first, second] = [await login(server), await login(server)]
    const ids = server.families.map(({ id }) => id)
    const refusal = async (token: string) => {
      const { status, body } = await account(server, token)
      expect([status, body]).toEqual([
        401,
        { error: "invalid_token", error_description: "The access token is invalid, expired or revoked." },
      ])
      const { reason, error, field, expected, got, familyId, clientId } = last(server)
      expect([error, field]).toEqual(["invalid_token", "Authorization"])
      return { reason, expected, got, familyId, clientId }
    }
    const nothing = { expected: undefined, got: undefined }
    expect(await refusal("unknown")).toEqual({
      ...nothing,
      reason: "This access token was never issued here, or so long ago that it was deleted.",
    })
    expect(await refusal(first.refreshToken)).toEqual({
      ...nothing,
      reason: "This is a refresh token, not an access token.",
    })
    server.revoke(first.accessToken)
    server.clock.advance("2 seconds")
    expect(await refusal(first.accessToken)).toEqual({
      ...nothing,
      reason: "The access token was revoked 2 seconds ago.",
      familyId: ids[0],
      clientId: "demo-app",
    })
    server.clock.advance("1 hour")
    expect(await refusal(second.accessToken)).toEqual({
      reason: "The access token expired 2 seconds ago.",
      expected: "less than 1 hour old",
      got: "1 hour 2 seconds old",
      familyId: ids[1],
      clientId: "demo-app",
    })
    server.revokeFamily(second.accessToken)
    server.clock.advance("3 seconds")
    expect(await refusal(second.accessToken)).toEqual({
      ...nothing,
      reason: "The family of this access token was revoked 3 seconds ago: the test revoked it.",
      familyId: ids[1],
      clientId: "demo-app",
    })
  })

  it.each([
    [
      { method: "PUT" },
      "",
      { error_description: "The account takes GET." },
      { status: 405, reason: "The account takes GET.", expected: "GET", got: "PUT" },
    ],
    [
      { method: "GET" },
      "?access_token=x",
      { error_description: "The request is malformed." },
      {
        status: 400,
        reason: "The access token is in the URL, where logs and histories keep it (RFC 9700 section 4.3.2).",
        field: "access_token",
        expected: "in the Authorization header",
        got: "in the query",
      },
    ],
  ])("says what is wrong with %j and the query %j", async (init, query, body, entry) => {
    await using server = stillServer()
    const response = await server.fetch(`${server.url}/account${query}`, init)
    expect(await response.json()).toEqual({ error: "invalid_request", ...body })
    expect(last(server)).toMatchObject({
      ...entry,
      parameters: {},
      decision: "refused",
      error: "invalid_request",
    })
  })
})
