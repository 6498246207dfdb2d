import { describe, expect, it } from "vitest"
import type { MockServer, MockServerOptions } from "../../src/index.js"
import { account, exchange, last, login, post, refresh, stillServer } from "../tokens.js"

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

describe("a refused refresh", () => {
  const invalidGrant = {
    error: "invalid_grant",
    error_description: "The refresh token is invalid, expired, revoked or was issued to another client.",
  }
  const refusal = async (server: MockServer, refreshToken: string, more = {}) => {
    const { status, body } = await refresh(server, refreshToken, more)
    expect(status).toBe(400)
    const { reason, field, expected, got } = last(server)
    return { body, entry: { reason, field, expected, got } }
  }
  const field = "refresh_token"
  const nothing = { expected: undefined, got: undefined }

  it("says in the log what is wrong with the token, and never to the client", async () => {
    await using server = stillServer({ refreshTokenLifetime: "1 day" })
    const [first, second, third] = [await login(server), await login(server), await login(server)]
    const foreign = await post(server, {
      grant_type: "authorization_code",
      authorization_code: server.authorize({ clientId: "demo-spa" }).code,
      client_id: "demo-spa",
    })
    server.revoke(first.refreshToken)
    server.revokeFamily(second.refreshToken)
    server.clock.advance("1 minute")
    const refused: ReadonlyArray<[string, object]> = [
      [
        "a".repeat(256),
        {
          ...nothing,
          reason: "This refresh token was never issued here, or so long ago that it was deleted.",
          got: "256 characters",
        },
      ],
      [
        first.accessToken,
        {
          reason: "This is an access token, not a refresh token.",
          expected: "a refresh token",
          got: "an access token",
        },
      ],
      [
        foreign.body.refresh_token ?? "",
        {
          reason: "The refresh token was issued to another client.",
          expected: "demo-spa",
          got: "demo-app",
        },
      ],
      [first.refreshToken, { ...nothing, reason: "The refresh token was revoked 1 minute ago." }],
      [
        second.refreshToken,
        {
          ...nothing,
          reason: "The family of this refresh token was revoked 1 minute ago: the test revoked it.",
        },
      ],
    ]
    for (const [token, entry] of refused) {
      expect(await refusal(server, token)).toEqual({ body: invalidGrant, entry: { field, ...entry } })
    }
    server.clock.advance("1 day")
    expect(await refusal(server, third.refreshToken)).toEqual({
      body: invalidGrant,
      entry: {
        field,
        reason: "The refresh token is 1 day 1 minute old; refresh tokens are valid for 1 day.",
        expected: "less than 1 day old",
        got: "1 day 1 minute old",
      },
    })
  })

  it("says in the log that the token is missing or too long", async () => {
    await using server = stillServer()
    expect(await refusal(server, "")).toEqual({
      body: { error: "invalid_request", error_description: "A required parameter is missing." },
      entry: { field, reason: "There is no refresh_token.", expected: "a value", got: "nothing" },
    })
    expect(await refusal(server, "a".repeat(257))).toEqual({
      body: { error: "invalid_request", error_description: "The request is malformed." },
      entry: {
        field,
        reason: "refresh_token is longer than the provider can store.",
        expected: "at most 256 characters",
        got: "257 characters",
      },
    })
  })

  it("says in the log which token was used again, and what follows", async () => {
    const replay = async (rotation: NonNullable<MockServerOptions["rotation"]>) => {
      await using server = stillServer({ rotation })
      const { refreshToken } = await login(server)
      await rotate(server, await rotate(server, refreshToken))
      server.clock.advance("5 minutes")
      const { body, entry } = await refusal(server, refreshToken)
      expect(body).toEqual(invalidGrant)
      return { ...entry, revokedBecause: server.families[0]?.revokedBecause }
    }
    const facts = { field, expected: "the newest refresh token of the family", got: "number 1 of 3" }
    expect(await replay("always")).toEqual({
      ...facts,
      reason:
        "The refresh token was rotated 5 minutes ago by request 3, and was used again. The whole family is now revoked.",
      revokedBecause: "a rotated refresh token was used again",
    })
    expect(await replay({ grace: "1 minute", reuse: "reject" })).toEqual({
      ...facts,
      reason:
        "The refresh token was rotated 5 minutes ago by request 3, longer than the grace period of 1 minute, and was used again.",
      revokedBecause: undefined,
    })
  })

  it("counts from the first rotation, and names its request", async () => {
    await using server = stillServer({ rotation: { grace: "1 minute", reuse: "reject" } })
    const { refreshToken } = await login(server)
    await rotate(server, refreshToken)
    server.clock.advance("30 seconds")
    await rotate(server, refreshToken)
    server.clock.advance("30 seconds")
    expect((await refusal(server, refreshToken)).entry).toEqual({
      field,
      expected: "the newest refresh token of the family",
      got: "number 1 of 3",
      reason:
        "The refresh token was rotated 1 minute ago by request 3, longer than the grace period of 1 minute, and was used again.",
    })
  })

  it("does not come a millisecond too early", async () => {
    await using server = stillServer({ refreshTokenLifetime: "1 day" })
    const { refreshToken } = await login(server)
    server.clock.advance(86_399_999)
    expect((await refresh(server, refreshToken)).status).toBe(200)
  })
})

describe("the scope of a refresh", () => {
  const scopes = ["projects", "maps", "layers"]

  it.each([
    [undefined, "projects maps"],
    ["maps", "maps"],
    ["maps projects", "maps projects"],
  ])("may be a part of what was granted: %s", async (scope, granted) => {
    await using server = stillServer({ scopes })
    const { code } = server.authorize({ clientId: "demo-app", scope: "projects maps" })
    const { body } = await exchange(server, code)
    const renewed = await refresh(server, body.refresh_token ?? "", scope === undefined ? {} : { scope })
    expect(renewed.body["scope"]).toBe(granted)
  })

  it("may not be more, and the refusal does not use the token", async () => {
    await using server = stillServer({ scopes, rotation: "always" })
    const { refreshToken } = await login(server)
    const { body } = await refresh(server, refreshToken, { scope: `projects ${"m".repeat(51)}` })
    expect(body).toEqual({
      error: "invalid_scope",
      error_description: "The scope is unknown, malformed or more than was granted.",
    })
    expect(last(server)).toMatchObject({
      reason: "A refresh must not request more scope than was granted (RFC 6749 section 6).",
      field: "scope",
      expected: "projects",
      got: "m".repeat(50),
    })
    expect(server.families[0]?.refreshTokens[0]).toMatchObject({ uses: 0, state: "active" })
  })
})

describe("a server that accepts unknown refresh tokens", () => {
  it("starts a family for the first user, with the first scope", async () => {
    await using server = stillServer({
      unknownRefreshTokens: "accept",
      scopes: ["maps", "projects"],
      users: [
        { id: "1", username: "ada" },
        { id: "2", username: "grace" },
      ],
    })
    const { status, body } = await refresh(server, "never-issued")
    expect([status, body["scope"]]).toEqual([200, "maps"])
    expect(server.families).toMatchObject([
      {
        clientId: "demo-app",
        username: "ada",
        scope: "maps",
        issuedAt: server.clock.now(),
        refreshTokens: [{ number: 1, issuedAt: server.clock.now(), uses: 1 }],
      },
    ])
    expect((await account(server, body.access_token ?? "")).body).toEqual({ id: "1", username: "ada" })
  })
})
