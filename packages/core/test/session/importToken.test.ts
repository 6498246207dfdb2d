// cspell:ignore replac
// Tokens from elsewhere, whole tokens, and the keys of sessions.
import { inspect } from "node:util"
import { describe, expect, expectTypeOf, test } from "vitest"
import { type PromiseTokenClient, restoreToken, serializeToken, type Token } from "../../src/promise/index.js"
import { rejection, World } from "../sessions.js"

const hour = 3_600_000

/** A refresh token that another library got. */
const fromElsewhere = async (world: World): Promise<Token> => {
  const client = world.client()
  const { url, transaction } = await client.createAuthorizationRequest()
  const response = await world.server.fetch(url, { redirect: "manual" })
  const code = await client.parseAuthorizationResponse(response.headers.get("location") ?? "", transaction)
  return client.exchangeAuthorizationCode(code)
}

describe("importToken", () => {
  test("a refresh token alone is enough: the first call refreshes, and the new token is stored", async () => {
    const world = new World()
    const { refreshToken } = await fromElsewhere(world)
    const session = world.client().session("ci")
    await session.importToken({ refreshToken })
    expect(session.getSnapshot()).toEqual({ status: "stale", refresh: { phase: "idle" } })
    expect(session.peekAccessToken()).toBeUndefined()
    const accessToken = await session.getAccessToken()
    expect(accessToken).not.toBe("")
    expect(world.refreshes()).toBe(1)
    expect(await world.client().session("ci").getAccessToken()).toBe(accessToken)
  })

  test("the same token at each start of a job changes nothing, also after it was rotated", async () => {
    const world = new World({ rotation: { grace: 0, reuse: "revokeFamily" } })
    const { refreshToken } = await fromElsewhere(world)
    const start = async () => {
      const session = world.client().session("ci")
      await session.importToken({ refreshToken })
      return session.getAccessToken()
    }
    const first = await start()
    world.server.clock.advance("2 hours")
    const second = await start()
    expect(second).not.toBe(first)
    expect(await start()).toBe(second)
    expect(world.server.families.map(({ revokedAt }) => revokedAt)).toEqual([undefined])
    expect(world.refreshes()).toBe(2)
  })

  test("another token, or the same with `replace`, replaces what is there", async () => {
    const world = new World({ rotation: "off" })
    const one = await fromElsewhere(world)
    const other = await fromElsewhere(world)
    const session = world.client().session("ci")
    await session.importToken(one)
    await session.importToken(other)
    expect(await session.getAccessToken()).toBe(other.accessToken)
    await session.getAccessToken({ force: true })
    await session.importToken(other)
    expect(await session.getAccessToken()).not.toBe(other.accessToken)
    await session.importToken(other, { replace: true })
    expect(await session.getAccessToken()).toBe(other.accessToken)
  })

  test("an access token keeps its expiry, scope and further members, and survives a restart", async () => {
    const world = new World()
    const session = world.client().session("ada")
    const expiresAt = world.now() + hour
    await session.importToken({ accessToken: "abc", expiresAt, scope: ["maps"], extra: { plan: "pro" } })
    expect(session.getSnapshot()).toMatchObject({ status: "ready", expiresAt, scope: ["maps"] })
    const token = await world.client().session("ada").getToken()
    expect(token.accessToken).toBe("abc")
    expect(token.extra).toEqual({ plan: "pro" })
    world.server.clock.advance(hour)
    expect(await rejection(session.getAccessToken())).toMatchObject({
      _tag: "LoginRequired",
      reason: "expired",
    })
    // Its record is of no use to anybody.
    expect(await world.store.read(world.key("ada"))).toBeUndefined()
  })

  test("a later change of the given scope changes nothing", async () => {
    const session = new World().client().session("ada")
    const scope = ["maps"]
    await session.importToken({ accessToken: "abc", scope })
    scope.push("admin")
    expect((await session.getToken()).scope).toEqual(["maps"])
  })

  test("a damaged record is replaced", async () => {
    const world = new World()
    await world.store.write(world.key("ada"), { value: "{", version: "1" })
    const session = world.client().session("ada")
    await session.importToken({ accessToken: "abc" })
    expect(await session.getAccessToken()).toBe("abc")
  })

  test.each<readonly [unknown, string]>([
    [undefined, "options"],
    [{}, "token"],
    [{ refreshToken: "" }, "refreshToken"],
    [{ refresh_token: "r" }, "refresh_token"],
    [{ accessToken: "a\r\nb" }, "accessToken"],
    ...[
      1_800_000_000,
      99_999_999_999,
      0,
      -1,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      "2026-01-01",
      "1800000000000",
      new Date(1_800_000_000_000),
      1_800_000_000_000n,
      true,
      null,
    ].map((expiresAt) => [{ accessToken: "a", expiresAt }, "expiresAt"] as const),
    [{ accessToken: "a", scope: [7] }, "scope"],
    [{ accessToken: "a", scope: ["maps", undefined] }, "scope"],
    [{ accessToken: "" }, "accessToken"],
    [{ refreshToken: 7 }, "refreshToken"],
    [{ refreshToken: undefined, accessToken: undefined }, "token"],
    [null, "options"],
    [{ accessToken: "a", scope: "maps" }, "scope"],
    ...[7, "plan", true, null, ["plan"]].map((extra) => [{ accessToken: "a", extra }, "extra"] as const),
  ])("%o is refused, and %s is named", async (token, option) => {
    const error = await rejection(
      new World()
        .client()
        .session()
        .importToken(token as never),
    )
    expect(error).toMatchObject({ _tag: "ConfigurationError", option })
  })

  test("the earliest time that is in milliseconds is accepted, though it has passed", async () => {
    const session = new World().client().session()
    await session.importToken({ refreshToken: "r", accessToken: "a", expiresAt: 100_000_000_000 })
    expect(session.getSnapshot()).toEqual({ status: "stale", refresh: { phase: "idle" } })
  })

  test.each([
    [{ replac: true }, "replac", 'spelled "replace"'],
    [{ timeout: 1000 }, "timeout", "one of replace, signal"],
    [{ replace: "false" }, "replace", "true or false"],
    [null, "options", "an object"],
  ])("the options %j are refused, and change nothing", async (options, option, expected) => {
    const world = new World()
    const token = await fromElsewhere(world)
    const session = world.client().session("ada")
    const error = await rejection(session.importToken(token, options as never))
    expect(error).toMatchObject({ _tag: "ConfigurationError", option, expected })
    expect(await world.store.read(world.key("ada"))).toBeUndefined()
  })

  test("a string in place of a time is described, and not shown", async () => {
    const expiresAt = "eyJhbGciOi.secret"
    const error = await rejection(
      new World()
        .client()
        .session()
        .importToken({ refreshToken: "r", expiresAt: expiresAt as never }),
    )
    expect(error).toMatchObject({ _tag: "ConfigurationError", option: "expiresAt" })
    expect(inspect(error)).toContain(`a string of ${expiresAt.length} characters`)
    expect(inspect(error)).not.toContain("secret")
  })

  test("the JSON of a token, which hides its secrets, is refused and stores nothing", async () => {
    const world = new World()
    const token = await fromElsewhere(world)
    const session = world.client().session("ada")
    const error = await rejection(session.importToken(JSON.parse(JSON.stringify(token))))
    expect(error).toMatchObject({ _tag: "ConfigurationError", option: "token" })
    expect(await world.store.read(world.key("ada"))).toBeUndefined()
  })

  test("members that cannot be stored do not lose the token", async () => {
    let deep: unknown = 1
    for (let i = 0; i < 20_000; i++) deep = { deep }
    const world = new World()
    await world
      .client()
      .session("ada")
      .importToken({ accessToken: "abc", extra: { deep, plan: "pro" } })
    expect((await world.client().session("ada").getToken()).extra).toEqual({ plan: "pro" })
  })
})

test("getToken gives the whole token", async () => {
  const { session, accessToken } = await new World().loggedIn()
  const token = await session.getToken()
  expect(token.accessToken).toBe(accessToken)
  expect(token.scope).toEqual(["projects"])
  expect(token.refreshToken).toMatch(/./)
})

test("a token of a second copy of this library works", async () => {
  const world = new World({ rotation: "off" })
  const token = await fromElsewhere(world)
  const { accessToken, refreshToken, tokenType, issuedAt, extra } = token
  class Copy {
    accessToken = accessToken
    refreshToken = refreshToken
    tokenType = tokenType
    issuedAt = issuedAt
    scope = ["maps"]
    extra = extra
    // As that copy has it.
    toJSON() {
      return { ...this, accessToken: "[redacted]", refreshToken: "[redacted]" }
    }
  }
  const client = world.client()
  const refreshed = await client.refreshToken(new Copy() as never)
  expect(refreshed.accessToken).not.toBe(accessToken)
  await client.session("ada").importToken(new Copy() as never)
  expect(await client.session("ada").getAccessToken()).toBe(accessToken)
  expect(await world.client().session("ada").getToken()).toMatchObject({ accessToken, refreshToken })
  expect(restoreToken(serializeToken(token)).accessToken).toBe(accessToken)
})

describe("session", () => {
  test("the key undefined is refused", () => {
    const client = new World().client()
    const user: { id?: string } = {}
    expect(() => client.session(user.id as string)).toThrow(
      expect.objectContaining({ _tag: "ConfigurationError", option: "key" }),
    )
    expect(client.session()).toBe(client.session("default"))
  })

  test("the key undefined does not compile", () => {
    expectTypeOf<PromiseTokenClient["session"]>().toBeCallableWith()
    expectTypeOf<PromiseTokenClient["session"]>().toBeCallableWith("ada")
    // @ts-expect-error a key that may be missing is everybody's session
    expectTypeOf<PromiseTokenClient["session"]>().toBeCallableWith(undefined)
  })
})

describe("an API that refuses every token for lack of permission", () => {
  test("causes one refresh, and later ones after growing pauses", async () => {
    const world = new World({ accessTokenLifetime: "10 hours" })
    const { session } = await world.loggedIn()
    const ask = async () => session.reportRejected(await session.getAccessToken())
    for (let call = 0; call < 10; call++) await ask()
    await session.getAccessToken()
    expect(world.refreshes()).toBe(1)
    // Polled every 15 seconds for an hour.
    for (let call = 0; call < 240; call++) {
      world.server.clock.advance("15 seconds")
      await ask()
    }
    expect(world.refreshes()).toBeLessThanOrEqual(12)
    expect(session.getSnapshot().status).not.toBe("signedOut")
  })

  test("a token that an API refuses is stale, and the next one is ready", async () => {
    const world = new World()
    const { session, accessToken } = await world.loggedIn()
    session.reportRejected("another one")
    expect(session.getSnapshot()).toMatchObject({ status: "ready" })
    session.reportRejected(accessToken)
    expect(session.getSnapshot()).toEqual({ status: "stale", refresh: { phase: "idle" } })
    await session.getAccessToken()
    expect(session.getSnapshot()).toMatchObject({ status: "ready" })
  })
})

test("Retry-After silences a session for five minutes at most", async () => {
  const world = new World()
  const { session } = await world.loggedIn()
  world.server.clock.advance("2 hours")
  world.server.faults.next("token", { reply: { status: 503, headers: { "retry-after": "86400" } } })
  expect(await rejection(session.getAccessToken())).toMatchObject({ retryAfter: 86_400_000 })
  world.server.clock.advance("299 seconds")
  expect(await rejection(session.getAccessToken())).toMatchObject({ retryAfter: 86_400_000 })
  world.server.clock.advance("1 second")
  expect(await session.getAccessToken()).toMatch(/./)
})

describe("after close", () => {
  test("a call says that the client was closed, and a valid token is still returned", async () => {
    const world = new World()
    const { client, session, accessToken } = await world.loggedIn()
    await client.close()
    await client.close()
    expect(await session.getAccessToken()).toBe(accessToken)
    const error = { _tag: "ConfigurationError", option: "client" }
    expect(await rejection(session.getAccessToken({ force: true }))).toMatchObject(error)
    expect(await rejection(client.refreshToken("r"))).toMatchObject(error)
    expect(await rejection(session.signOut())).toMatchObject(error)
  })

  test("a caller that waits for a lease gets the error, and nothing is sent", async () => {
    const world = new World()
    const { client, session } = await world.loggedIn()
    world.server.clock.advance("2 hours")
    await world.store.lease(world.key("default"), "another", 60_000)
    const waiting = rejection(session.getAccessToken())
    await new Promise(setImmediate)
    await client.close()
    expect(await waiting).toMatchObject({ _tag: "ConfigurationError", option: "client" })
    expect(world.refreshes()).toBe(0)
  })
})
