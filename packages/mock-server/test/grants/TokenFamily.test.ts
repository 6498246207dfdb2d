import { describe, expect, it } from "vitest"
import { createClock } from "../../src/common/Clock.js"
import { createRandom } from "../../src/common/RandomSource.js"
import { createApprovals } from "../../src/grants/Approvals.js"
import { createGrants } from "../../src/grants/Grants.js"
import { listFamilies } from "../../src/grants/TokenFamily.js"
import { type MockServer, OptionError } from "../../src/index.js"
import { createLog } from "../../src/log/Log.js"
import { resolveOptions } from "../../src/protocol/Settings.js"
import { account, exchange, login, refresh, stillServer } from "../tokens.js"

describe("server.families", () => {
  it("shows the tokens of a user as a tree with a branch for each sibling", async () => {
    await using server = stillServer({ rotation: { grace: "1 minute" } })
    const { refreshToken } = await login(server)
    server.clock.advance("10 seconds")
    const second = (await refresh(server, refreshToken)).body.refresh_token ?? ""
    await refresh(server, refreshToken)
    await refresh(server, second)
    server.clock.advance("1 minute")

    const [family, ...others] = server.families
    expect(others).toEqual([])
    expect(family).toMatchObject({
      clientId: "demo-app",
      username: "demo",
      scope: "projects",
      revokedAt: undefined,
    })
    const [root, ...otherRoots] = family?.refreshTokens ?? []
    expect(otherRoots).toEqual([])
    expect(root).toMatchObject({
      token: refreshToken,
      number: 1,
      state: "rotated",
      uses: 2,
      accessTokens: [{ state: "active" }],
    })
    expect(root?.children.map(({ number, state }) => [number, state])).toEqual([
      [2, "rotated"],
      [3, "active"],
    ])
    expect(root?.children[0]?.children.map(({ number, state }) => [number, state])).toEqual([[4, "active"]])
    server.clock.advance("1 hour")
    expect(server.families[0]?.refreshTokens[0]?.accessTokens[0]?.state).toBe("expired")
  })

  it("forgets the oldest tokens of a long family, and stays a tree", async () => {
    await using server = stillServer({ rotation: "always" })
    let { refreshToken } = await login(server)
    for (let i = 0; i < 1_100; i++)
      refreshToken = (await refresh(server, refreshToken)).body.refresh_token ?? ""
    let node = server.families[0]?.refreshTokens[0]
    let depth = 0
    for (; node !== undefined; node = node.children[0]) depth += 1
    expect(depth).toBeGreaterThan(750)
    expect(depth).toBeLessThanOrEqual(1_000)
    expect((await refresh(server, refreshToken)).status).toBe(200)
  })
})

describe("revocation", () => {
  it("revokes one token but not its family", async () => {
    await using server = stillServer()
    const { accessToken, refreshToken } = await login(server)
    server.revoke(accessToken)
    expect((await account(server, accessToken)).status).toBe(401)
    const renewed = (await refresh(server, refreshToken)).body.access_token ?? ""
    server.revoke(refreshToken)
    expect((await refresh(server, refreshToken)).body.error).toBe("invalid_grant")
    expect((await account(server, renewed)).status).toBe(200)
  })

  it("revokes a family by its id or by any token of it, and no other family", async () => {
    await using server = stillServer()
    const [first, second, third] = [await login(server), await login(server), await login(server)]
    server.revokeFamily(first.accessToken)
    server.revokeFamily(server.families[1]?.id ?? "")
    for (const { accessToken, refreshToken } of [first, second]) {
      expect((await account(server, accessToken)).status).toBe(401)
      expect((await refresh(server, refreshToken)).body.error).toBe("invalid_grant")
    }
    expect(server.log.at(-1)?.reason).toBe(
      "The family of this refresh token was revoked 0 ms ago: the test revoked it.",
    )
    expect((await account(server, third.accessToken)).status).toBe(200)
    expect(server.families.map(({ revokedBecause }) => revokedBecause)).toEqual([
      "the test revoked it",
      "the test revoked it",
      undefined,
    ])
  })

  it("fails for an unknown token, without repeating it", () => {
    const server = stillServer()
    for (const revoke of [server.revoke, server.revokeFamily]) {
      expect(() => revoke("canary")).toThrow(OptionError)
      expect(() => revoke("canary")).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining("canary") }),
      )
    }
  })
})

describe("server.reset", () => {
  it("resets the server, and issues the same tokens again for a seed", async () => {
    await using server = stillServer()
    const first = await login(server)
    server.clock.advance("1 day")
    server.faults.next("token", { reply: { status: 500 } })
    server.authorize.deny()
    server.reset()
    expect([server.log.length, server.families.length, server.clock.now()]).toEqual([
      0,
      0,
      Date.UTC(2026, 0, 1),
    ])
    expect((await account(server, first.accessToken)).status).toBe(401)
    server.reset()
    expect(await login(server)).toEqual(first)
    expect(server.log.map(({ number }) => number)).toEqual([1, 2])
    const visit = await server.fetch(`${server.url}/oauth/authorize?response_type=code&client_id=demo-app`)
    expect(visit.headers.get("location")).toContain("code=")
  })
})

it("treats a used code that was deleted like an unknown code", async () => {
  await using server = stillServer()
  const { code } = server.authorize({ clientId: "demo-app" })
  for (let i = 0; i < 10_000; i++) server.authorize({ clientId: "demo-app" })
  expect((await exchange(server, code)).body.error).toBe("invalid_grant")
  expect(server.log.at(-1)?.reason).toContain("so long ago that it was deleted")
})

describe("server.expireAccessTokens", () => {
  it("expires every access token and no refresh token, without moving the clock", async () => {
    await using server = stillServer()
    const { accessToken, refreshToken } = await login(server)
    const before = server.clock.now()
    server.expireAccessTokens()
    expect(server.clock.now()).toBe(before)
    const refused = await account(server, accessToken)
    expect(refused.status).toBe(401)
    expect(server.families[0]?.refreshTokens[0]?.accessTokens[0]?.state).toBe("expired")

    const { body } = await refresh(server, refreshToken)
    expect((await account(server, body.access_token ?? "")).status).toBe(200)
    expect(server.lint()).toEqual([])
  })
})

describe("a token family", () => {
  const start = Date.UTC(2026, 0, 1)

  it("tells everything about its tokens", async () => {
    await using server = stillServer({ rotation: "always", users: [{ id: "1", username: "ada" }] })
    const { accessToken, refreshToken } = await login(server)
    server.clock.advance("10 seconds")
    const { body } = await refresh(server, refreshToken)
    expect(server.families).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        clientId: "demo-app",
        username: "ada",
        scope: "projects",
        issuedAt: start,
        revokedAt: undefined,
        revokedBecause: undefined,
        refreshTokens: [
          {
            token: refreshToken,
            number: 1,
            state: "rotated",
            issuedAt: start,
            uses: 1,
            lastUsedAt: start + 10_000,
            rotatedAt: start + 10_000,
            accessTokens: [
              { token: accessToken, state: "active", issuedAt: start, expiresAt: start + 3_600_000 },
            ],
            children: [
              {
                token: body.refresh_token,
                number: 2,
                state: "active",
                issuedAt: start + 10_000,
                uses: 0,
                lastUsedAt: undefined,
                rotatedAt: undefined,
                accessTokens: [
                  {
                    token: body.access_token,
                    state: "active",
                    issuedAt: start + 10_000,
                    expiresAt: start + 3_610_000,
                  },
                ],
                children: [],
              },
            ],
          },
        ],
      },
    ])
  })

  const states = (server: MockServer) => {
    const [token] = server.families[0]?.refreshTokens ?? []
    return [token?.state, token?.accessTokens[0]?.state]
  }

  it("tells which tokens are active, rotated, expired and revoked, to the millisecond", async () => {
    await using server = stillServer({
      rotation: { grace: "1 minute" },
      accessTokenLifetime: "1 hour",
      refreshTokenLifetime: "1 day",
    })
    const { refreshToken } = await login(server)
    expect(states(server)).toEqual(["active", "active"])
    await refresh(server, refreshToken)
    server.clock.advance(59_999)
    expect(states(server)).toEqual(["active", "active"])
    server.clock.advance(1)
    expect(states(server)).toEqual(["rotated", "active"])
    server.clock.advance(3_540_000 - 1)
    expect(states(server)).toEqual(["rotated", "active"])
    server.clock.advance(1)
    expect(states(server)).toEqual(["rotated", "expired"])
    server.clock.advance(23 * 3_600_000 - 1)
    expect(states(server)).toEqual(["rotated", "expired"])
    server.clock.advance(1)
    expect(states(server)).toEqual(["expired", "expired"])
    server.revoke(refreshToken)
    expect(states(server)).toEqual(["revoked", "expired"])
  })

  it("stays active without rotation however often it is used", async () => {
    await using server = stillServer()
    const { refreshToken } = await login(server)
    await refresh(server, refreshToken)
    server.clock.advance("1 week")
    expect(states(server)).toEqual(["active", "expired"])
    expect(server.families[0]?.refreshTokens[0]).toMatchObject({ uses: 1, rotatedAt: undefined })
  })

  it("tells one revoked token from a revoked family, and keeps the first time", async () => {
    await using server = stillServer()
    const { accessToken } = await login(server)
    server.revoke(accessToken)
    expect(states(server)).toEqual(["active", "revoked"])
    server.clock.advance("1 minute")
    server.revoke(accessToken)
    await account(server, accessToken)
    expect(server.log.at(-1)?.reason).toBe("The access token was revoked 1 minute ago.")
    server.revokeFamily(accessToken)
    expect(states(server)).toEqual(["revoked", "revoked"])
    server.clock.advance("1 minute")
    server.revokeFamily(accessToken)
    expect(server.families[0]).toMatchObject({
      revokedAt: start + 60_000,
      revokedBecause: "the test revoked it",
    })
  })

  it("tells that all its tokens are revoked when the family is", async () => {
    await using server = stillServer()
    const { refreshToken } = await login(server)
    server.revokeFamily(refreshToken)
    expect(states(server)).toEqual(["revoked", "revoked"])
  })

  it("has no code after a reset", async () => {
    await using server = stillServer()
    const { code } = server.authorize({ clientId: "demo-app" })
    server.reset()
    expect((await exchange(server, code)).body.error).toBe("invalid_grant")
    expect(server.log.at(-1)?.reason).toContain("This code was never issued here")
  })

  it("keeps the end of an access token that has already expired", async () => {
    await using server = stillServer()
    const { accessToken } = await login(server)
    server.clock.advance("2 hours")
    server.expireAccessTokens()
    await account(server, accessToken)
    expect(server.log.at(-1)?.reason).toBe("The access token expired 1 hour ago.")
  })

  it("must be known to be revoked", () => {
    const server = stillServer()
    expect(() => server.revoke("x")).toThrow(
      'Option "revoke" must be an access or refresh token of this server, got "a token that this server does not know".',
    )
    expect(() => server.revokeFamily("x")).toThrow(
      'Option "revokeFamily" must be the id of a family, or a token of it, got "a token or an id that this server does not know".',
    )
  })
})

describe("listFamilies", () => {
  const settings = resolveOptions()
  const grants = createGrants(createRandom(1))
  const provider = {
    settings,
    grants,
    clock: createClock(0),
    log: createLog(1),
    approvals: createApprovals(settings),
  }
  for (const clientId of ["a", "b", "c"]) {
    grants.addFamily({ clientId, user: settings.users[0], scope: "projects", issuedAt: 0 })
  }

  it.each([
    [undefined, ["a", "b", "c"]],
    [1, ["c"]],
    [2, ["b", "c"]],
    [4, ["a", "b", "c"]],
  ])("lists the newest %s families, oldest first", (newest, clientIds) => {
    expect(listFamilies(provider, newest).map(({ clientId }) => clientId)).toEqual(clientIds)
  })
})
