import { describe, expect, it } from "vitest"
import { test } from "../src/vitest.js"
import { exchange, login, refresh, stillServer } from "./tokens.js"

/** What a person reads when the assertion fails. */
const messageOf = (assertion: () => void): string => {
  try {
    assertion()
  } catch (error) {
    if (error instanceof Error) return error.message
  }
  throw new Error("the assertion did not fail")
}

describe("the fixture", () => {
  const seen = new Set<object>()

  test("is a server for one test", async ({ mockServer }) => {
    seen.add(mockServer)
    await login(mockServer)
    expect(mockServer).toHaveIssuedCode()
  })

  test("and another one for the next", async ({ mockServer }) => {
    expect(seen.has(mockServer)).toBe(false)
    expect(mockServer.log).toEqual([])
    const [first] = seen
    await expect((first as typeof mockServer).fetch(mockServer.url)).rejects.toThrow("fetch failed")
  })

  describe("with options", () => {
    test.override("mockServerOptions", { now: Date.UTC(2026, 0, 1) })

    test("is created with them", ({ mockServer }) => {
      expect(mockServer.clock.now()).toBe(Date.UTC(2026, 0, 1))
    })
  })

  describe("under fixtures of a user", () => {
    const own = test.extend("tokens", ({ mockServer }) => login(mockServer))
    own.override("mockServerOptions", { rotation: "always" })

    own("is the same server", async ({ mockServer, tokens }) => {
      expect((await refresh(mockServer, tokens.refreshToken)).body.refresh_token).toEqual(expect.any(String))
      expect(mockServer).toHaveRefreshedOnce()
    })
  })

  test("does without them elsewhere", async ({ mockServer }) => {
    const { refreshToken } = await login(mockServer)
    expect((await refresh(mockServer, refreshToken)).body.refresh_token).toBeUndefined()
  })
})

describe("toHaveRefreshedOnce and toHaveRefreshedTimes", () => {
  it("count what was granted", async () => {
    await using server = stillServer()
    const { refreshToken } = await login(server)
    expect(server).not.toHaveRefreshedOnce()
    expect(server).toHaveRefreshedTimes(0)

    server.faults.next("token", { reply: { status: 503, body: {} } })
    await refresh(server, refreshToken)
    await refresh(server, "unknown")
    await refresh(server, refreshToken)
    expect(server).toHaveRefreshedOnce()
    expect(server).toHaveRefreshedTimes(1)
    expect(server).not.toHaveRefreshedTimes(2)
  })

  it("show every refresh request when the number is wrong", async () => {
    await using server = stillServer()
    const { refreshToken } = await login(server)
    expect(messageOf(() => expect(server).toHaveRefreshedOnce())).toBe(
      "The client should have refreshed once, but never did. There was no refresh request.",
    )
    await refresh(server, refreshToken)
    await refresh(server, "unknown")
    server.clock.advance("1 second")
    await refresh(server, refreshToken)
    expect(
      messageOf(() => expect(server).toHaveRefreshedOnce()),
    ).toBe(`The client should have refreshed once, but did twice; 1 more request was not granted.

#3 2026-01-01T00:00:00.000Z POST token -> 200
   grant_type=refresh_token refresh_token=<refresh_token 1> client_id=demo-app client_secret=<client_secret 1>
   client authentication: body
   granted: The refresh token was used for a new access token and stays valid.
#4 2026-01-01T00:00:00.000Z POST token -> 400 invalid_grant
   grant_type=refresh_token refresh_token=<refresh_token 2> client_id=demo-app client_secret=<client_secret 1>
   client authentication: body
   refused: This refresh token was never issued here, or so long ago that it was deleted.
#5 2026-01-01T00:00:01.000Z POST token -> 200
   grant_type=refresh_token refresh_token=<refresh_token 1> client_id=demo-app client_secret=<client_secret 1>
   client authentication: body
   granted: The refresh token was used for a new access token and stays valid.`)
    expect(messageOf(() => expect(server).toHaveRefreshedTimes(3))).toMatch(
      /^The client should have refreshed 3 times, but did twice;/,
    )
    expect(messageOf(() => expect(server).toHaveRefreshedTimes(0))).toMatch(
      /^The client should have refreshed never, but did twice;/,
    )
    expect(messageOf(() => expect(server).not.toHaveRefreshedTimes(2))).toMatch(
      /^The client should not have refreshed twice, but did; 1 more request was not granted\.\n\n#3 /,
    )
  })

  it("refuse an invalid number, and a log whose oldest entries were deleted", async () => {
    await using server = stillServer({ logSize: 1 })
    expect(() => expect(server).toHaveRefreshedTimes(-1)).toThrow("takes a whole number of at least 0")
    const { refreshToken } = await login(server)
    await refresh(server, refreshToken)
    expect(messageOf(() => expect(server).toHaveRefreshedOnce())).toBe(
      "toHaveRefreshedOnce: the oldest 2 requests are no longer in the log; create the server with a larger logSize",
    )
    expect(messageOf(() => expect(server).not.toHaveRefreshedOnce())).toMatch(/no longer in the log/)
  })
})

describe("toHaveNoReuse", () => {
  it("holds while each code and token is used once", async () => {
    await using server = stillServer({ rotation: "always" })
    const { refreshToken } = await login(server)
    await refresh(server, refreshToken)
    expect(server).toHaveNoReuse()
    expect(messageOf(() => expect(server).not.toHaveNoReuse())).toBe(
      "The client should have sent a code or a refresh token after it was used up, but did not.",
    )
  })

  it("accepts a repeated token if the client did not receive the response", async () => {
    await using server = stillServer({ rotation: "always" })
    const { refreshToken } = await login(server)
    server.faults.next("token", { at: "afterCommit", reply: { status: 502 } })
    await server.fetch(`${server.url}/oauth/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "refresh_token",
        refresh_token: refreshToken,
        client_id: "demo-app",
        client_secret: "demo-secret",
      }),
    })
    await refresh(server, refreshToken)
    expect(server).toHaveNoReuse()
  })

  it("names the request that reused a code or token", async () => {
    await using server = stillServer({ rotation: "always" })
    const { code } = server.authorize({ clientId: "demo-app" })
    const { body } = await exchange(server, code)
    await refresh(server, body.refresh_token ?? "")
    await refresh(server, body.refresh_token ?? "")
    await exchange(server, code)
    expect(server).not.toHaveNoReuse()
    const message = messageOf(() => expect(server).toHaveNoReuse())
    expect(message).toMatch(
      /^The client should have sent no code and no refresh token after it was used up, but did:\n\n- rotated-token-used, request 4: .*\(RFC 9700 section 4\.14\.2\)\n- code-used-twice, request 5: .*\n\n#4 /,
    )
    expect(message).not.toContain(code)
  })
})

describe("toHaveCleanLint", () => {
  it("lists the findings, except those of the rules in `except`", async () => {
    await using server = stillServer()
    expect(server).toHaveCleanLint()
    expect(messageOf(() => expect(server).not.toHaveCleanLint())).toBe(
      "The client should have done something that an RFC advises against, but lint() finds nothing.",
    )
    await server.fetch(`${server.url}/oauth/authorize?response_type=code&client_id=demo-app&state=x`)
    expect(server).not.toHaveCleanLint()
    expect(server).toHaveCleanLint({ except: ["missing-pkce"] })
    expect(messageOf(() => expect(server).toHaveCleanLint({ except: ["reused-state"] }))).toBe(
      `The client should have done nothing that an RFC advises against, but did:

- missing-pkce, request 1: The authorization request has no code_challenge. (RFC 9700 section 2.1.1)

#1 2026-01-01T00:00:00.000Z GET authorize -> 302
   response_type=code client_id=demo-app state=<state 1>
   granted: ${server.log[0]?.reason}`,
    )
  })
})

describe("toHaveIssuedCode", () => {
  it("is about any client, or one", async () => {
    await using server = stillServer()
    expect(server).not.toHaveIssuedCode()
    expect(messageOf(() => expect(server).toHaveIssuedCode())).toBe(
      "The server should have issued a code, but did not. There was no authorization request.",
    )
    server.authorize.deny({ clientId: "demo-app" })
    expect(messageOf(() => expect(server).toHaveIssuedCode("demo-app"))).toMatch(
      /^The server should have issued a code to demo-app, but did not\.\n\n#1 .*access_denied/,
    )
    server.authorize({ clientId: "demo-app" })
    expect(server).toHaveIssuedCode("demo-app")
    expect(server).not.toHaveIssuedCode("demo-spa")
    expect(messageOf(() => expect(server).not.toHaveIssuedCode())).toMatch(
      /^The server should have issued no code, but issued 1\.\n\n#2 /,
    )
  })
})

it("every matcher refuses a value that is not a server", () => {
  expect(() => expect("no server").toHaveCleanLint()).toThrow(
    "toHaveCleanLint: expect takes a mock server, created by createMockServer",
  )
  expect(() => expect(null).not.toHaveRefreshedOnce()).toThrow(/toHaveRefreshedOnce: expect takes/)
})
