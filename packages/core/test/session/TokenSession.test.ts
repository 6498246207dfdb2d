// cspell:ignore Validty
import { describe, expect, test } from "vitest"
import { memoryTokenStore, type TokenState, type TokenStoreAdapter } from "../../src/promise/index.js"
import { rejection, World } from "../sessions.js"

const hour = 3_600_000

describe("a login", () => {
  test("stores the token and returns it", async () => {
    const world = new World()
    const client = world.client()
    const session = client.session("ada")
    expect(session.getSnapshot()).toEqual({ status: "restoring" })
    const accessToken = await world.login(client, session)
    expect(session.getSnapshot()).toEqual({
      status: "ready",
      expiresAt: world.now() + hour,
      scope: ["projects"],
      refresh: { phase: "idle" },
    })
    expect(await session.getAccessToken()).toBe(accessToken)
    expect(world.events).toEqual([
      {
        type: "tokenIssued",
        key: "ada",
        at: world.now(),
        duration: 0,
        attempts: 1,
        expiresAt: world.now() + hour,
      },
    ])
  })

  test("is found by the next process", async () => {
    const world = new World()
    const { accessToken } = await world.loggedIn({}, "ada")
    const session = world.client().session("ada")
    expect(await session.getAccessToken()).toBe(accessToken)
    expect(session.getSnapshot()).toMatchObject({ status: "ready" })
    expect(world.events).toMatchObject([{ type: "adopted", attempts: 0 }])
    expect(world.refreshes()).toBe(0)
  })

  test("that fails keeps the earlier session, and shows the error", async () => {
    const world = new World()
    const client = world.client()
    const session = client.session()
    const { transaction } = await client.createAuthorizationRequest()
    const states: TokenState[] = []
    session.subscribe(() => states.push(session.getSnapshot()))
    expect(
      await rejection(session.completeAuthorization("/callback?code=c&state=evil", transaction)),
    ).toMatchObject({
      _tag: "InvalidAuthorizationResponse",
    })
    const state = JSON.parse(Buffer.from(transaction, "base64url").toString())[2]
    const error = await rejection(
      session.completeAuthorization(`/callback?code=unknown&state=${state}`, transaction),
    )
    expect(error).toMatchObject({ _tag: "TokenErrorResponse", error: "invalid_grant" })
    expect(states).toEqual([{ status: "exchanging" }, { status: "signedOut", reason: "initial", error }])
  })

  test("that its caller aborted and the server refused shows the error in the state", async () => {
    const world = new World()
    const client = world.client()
    const session = client.session()
    const { transaction } = await client.createAuthorizationRequest()
    const state = JSON.parse(Buffer.from(transaction, "base64url").toString())[2]
    const controller = new AbortController()
    const call = session.completeAuthorization(
      `/callback?code=unknown&state=${state}`,
      transaction,
      controller,
    )
    controller.abort(new Error("enough"))
    expect(await rejection(call)).toEqual(new Error("enough"))
    await client.close()
    expect(session.getSnapshot()).toMatchObject({ status: "signedOut", error: { error: "invalid_grant" } })
  })

  test("of another user is another session", async () => {
    const world = new World()
    const client = world.client()
    const [ada, lin] = [client.session("ada"), client.session("lin")]
    const first = await world.login(client, ada)
    const second = await world.login(client, lin)
    expect([await ada.getAccessToken(), await lin.getAccessToken()]).toEqual([first, second])
    expect(client.session("ada")).toBe(ada)
  })

  test("that its caller aborted is still completed", async () => {
    const world = new World()
    const client = world.client()
    const session = client.session()
    const { url, transaction } = await client.createAuthorizationRequest()
    const response = await world.server.fetch(url, { redirect: "manual" })
    const controller = new AbortController()
    const call = session.completeAuthorization(
      response.headers.get("location") ?? "",
      transaction,
      controller,
    )
    controller.abort(new Error("enough"))
    expect(await rejection(call)).toEqual(new Error("enough"))
    await client.close()
    expect(session.getSnapshot()).toMatchObject({ status: "ready" })
  })

  test.each(["", "x".repeat(513), "a\0b", "\ud800", 7])("the key %o is refused", (key) => {
    expect(() => new World().client().session(key as string)).toThrow(
      expect.objectContaining({ _tag: "ConfigurationError", option: "key" }),
    )
  })
})

describe("getAccessToken", () => {
  test("fails with LoginRequired if no user is signed in", async () => {
    const session = new World().client().session()
    expect(await rejection(session.getAccessToken())).toMatchObject({
      _tag: "LoginRequired",
      reason: "noToken",
      action: "login",
    })
    expect(session.getSnapshot()).toMatchObject({ status: "signedOut", reason: "initial" })
  })

  test("refreshes one minute before the token expires", async () => {
    const world = new World()
    const { session, accessToken } = await world.loggedIn()
    world.server.clock.advance(hour - 60_001)
    expect(await session.getAccessToken()).toBe(accessToken)
    world.server.clock.advance(1)
    expect(await session.getAccessToken()).not.toBe(accessToken)
    expect(world.refreshes()).toBe(1)
    expect(world.events).toMatchObject([
      { type: "refreshStarted" },
      { type: "refreshed", rotated: true, attempts: 1 },
    ])
  })

  test.each([
    [{ minValidty: 1000 }, "minValidty", 'spelled "minValidity"'],
    [{ force: false, Signal: undefined }, "Signal", 'spelled "signal"'],
    [{ timeout: 1000 }, "timeout", "one of minValidity, force, signal"],
    [null, "options", "an object"],
    ["1 minute", "options", "an object"],
  ])(
    "an option that is misspelt, %j, is refused, with a valid token too",
    async (options, option, expected) => {
      const world = new World()
      const { session } = await world.loggedIn()
      for (const _ of ["with a valid token", "with an expired one"]) {
        const error = { _tag: "ConfigurationError", option, expected }
        expect(await rejection(session.getAccessToken(options as never))).toMatchObject(error)
        expect(await rejection(session.getToken(options as never))).toMatchObject(error)
        world.server.clock.advance("2 hours")
      }
      expect(world.refreshes()).toBe(0)
    },
  )

  test("minValidity 0 accepts a token until it expires, also from the store", async () => {
    const world = new World()
    const { accessToken } = await world.loggedIn()
    world.server.clock.advance(hour - 1)
    // The store is read for each of them.
    expect(await world.client().session().getAccessToken({ minValidity: 0 })).toBe(accessToken)
    expect(await world.client().session().getAccessToken({ minValidity: 1 })).not.toBe(accessToken)
    expect(world.refreshes()).toBe(1)
    world.server.clock.advance(hour)
    expect(await world.client().session().getAccessToken({ minValidity: 0 })).not.toBe(accessToken)
    expect(world.refreshes()).toBe(2)
  })

  test("minValidity counts up to half of the token's lifetime", async () => {
    const world = new World()
    const { session, accessToken } = await world.loggedIn()
    world.server.clock.advance("10 minutes")
    expect(await session.getAccessToken({ minValidity: "50 minutes" })).toBe(accessToken)
    world.server.clock.advance("20 minutes")
    expect(await session.getAccessToken({ minValidity: 1 })).toBe(accessToken)
    expect(await session.getAccessToken({ minValidity: 0 })).toBe(accessToken)
    expect(await session.getAccessToken({ minValidity: "2 hours" })).not.toBe(accessToken)
    expect(world.refreshes()).toBe(1)
    for (const minValidity of [-1, 0.5, 2 ** 31, Number.NaN, Number.POSITIVE_INFINITY, "0 seconds", null]) {
      expect(await rejection(session.getAccessToken({ minValidity: minValidity as never }))).toMatchObject({
        _tag: "ConfigurationError",
        option: "minValidity",
      })
    }
    expect(await rejection(session.getAccessToken({ minValidity: "soon" as never }))).toMatchObject({
      _tag: "ConfigurationError",
      option: "minValidity",
    })
  })

  test("a token that lives for less than a minute is used for half of its lifetime", async () => {
    const world = new World({ accessTokenLifetime: "10 seconds" })
    const { session, accessToken } = await world.loggedIn()
    world.server.clock.advance(4999)
    expect(await session.getAccessToken()).toBe(accessToken)
    world.server.clock.advance(1)
    expect(await session.getAccessToken()).not.toBe(accessToken)
  })

  test("a token without a known expiry is used until an API refuses it", async () => {
    const world = new World({ expiresIn: "omit" })
    const { session, accessToken } = await world.loggedIn()
    world.server.clock.advance("30 days")
    expect(await session.getAccessToken()).toBe(accessToken)
    session.reportRejected(accessToken)
    expect(await session.getAccessToken()).not.toBe(accessToken)
  })

  test("force gets another token, and many at once get the same", async () => {
    const world = new World()
    const { session, accessToken } = await world.loggedIn()
    const forced = await Promise.all([1, 2, 3].map(() => session.getAccessToken({ force: true })))
    expect(new Set(forced).size).toBe(1)
    expect(forced[0]).not.toBe(accessToken)
    expect(world.refreshes()).toBe(1)
  })

  test("10,000 callers on an expired token: one request, one token", async () => {
    const world = new World()
    const { session } = await world.loggedIn()
    world.server.clock.advance("2 hours")
    const tokens = await Promise.all(Array.from({ length: 10_000 }, () => session.getAccessToken()))
    expect(new Set(tokens).size).toBe(1)
    expect(world.refreshes()).toBe(1)
  })

  test("three requests that get a 401 with the same token: one refresh", async () => {
    const world = new World()
    const { session, accessToken } = await world.loggedIn()
    const retry = async () => {
      session.reportRejected(accessToken)
      return session.getAccessToken()
    }
    const tokens = [...(await Promise.all([retry(), retry()])), await retry()]
    expect(new Set(tokens).size).toBe(1)
    expect(tokens[0]).not.toBe(accessToken)
    expect(world.refreshes()).toBe(1)
  })

  test("a token of another process is adopted, without a request", async () => {
    const world = new World()
    const { session, accessToken } = await world.loggedIn({}, "ada")
    const other = world.client().session("ada")
    world.server.clock.advance("2 hours")
    const fresh = await other.getAccessToken()
    expect(await session.getAccessToken()).toBe(fresh)
    session.reportRejected(accessToken)
    expect(await session.getAccessToken()).toBe(fresh)
    expect(world.refreshes()).toBe(1)
    expect(world.events.map(({ type }) => type)).toEqual(["refreshStarted", "refreshed", "adopted"])
  })

  test("two clients at once on one store: one request", async () => {
    const world = new World()
    const { session } = await world.loggedIn({}, "ada")
    const other = world.client().session("ada")
    world.server.clock.advance("2 hours")
    const [one, two] = await Promise.all([session.getAccessToken(), other.getAccessToken()])
    expect(one).toBe(two)
    expect(world.refreshes()).toBe(1)
    expect(world.events).toContainEqual(
      expect.objectContaining({ type: "leaseWaited", attempts: expect.any(Number) }),
    )
  })

  test("a clock that was set back by hours causes one refresh, and no expired token is returned", async () => {
    const world = new World()
    const { session, accessToken } = await world.loggedIn()
    world.server.clock.set(world.now() - 8 * hour)
    expect(await session.getAccessToken()).not.toBe(accessToken)
    const fresh = await session.getAccessToken()
    expect(await session.getAccessToken()).toBe(fresh)
    expect(world.refreshes()).toBe(1)
  })

  test("a clock that jumped by eight hours, as after a night's sleep: the expiry is noticed at once", async () => {
    const world = new World()
    const { session, accessToken } = await world.loggedIn()
    world.server.clock.advance("8 hours")
    expect(session.getSnapshot()).toMatchObject({ status: "stale" })
    expect(await session.getAccessToken()).not.toBe(accessToken)
    expect(session.getSnapshot()).toMatchObject({ status: "ready" })
  })

  test("an aborted call rejects at once; the refresh finishes, and the next caller gets its token", async () => {
    const world = new World()
    const { client, session, accessToken } = await world.loggedIn({}, "ada")
    world.server.clock.advance("2 hours")
    const controller = new AbortController()
    const call = session.getAccessToken(controller)
    controller.abort(new Error("enough"))
    expect(await rejection(call)).toEqual(new Error("enough"))
    await client.close()
    expect(world.refreshes()).toBe(1)
    const fresh = await world.client().session("ada").getAccessToken()
    expect(fresh).not.toBe(accessToken)
    expect(await session.getAccessToken()).toBe(fresh)
    expect(world.refreshes()).toBe(1)
  })

  test("an aborted signal rejects the call, also with a valid token", async () => {
    const { session } = await new World().loggedIn()
    const signal = AbortSignal.abort(new Error("enough"))
    expect(await rejection(session.getAccessToken({ signal }))).toEqual(new Error("enough"))
  })
})

describe("the cached path", () => {
  test("makes no request and does not touch the store", async () => {
    const inner = memoryTokenStore()
    const calls: string[] = []
    const store = new Proxy(inner, {
      get: (target, name) => {
        calls.push(String(name))
        return Reflect.get(target, name)
      },
    })
    const world = new World({ store })
    const { session, accessToken } = await world.loggedIn()
    calls.length = 0
    const before = world.server.log.length
    for (let i = 0; i < 1000; i++) expect(await session.getAccessToken()).toBe(accessToken)
    expect(calls).toEqual([])
    expect(world.server.log).toHaveLength(before)
    expect(world.events).toEqual([])
  })
})

describe("a refresh that fails", () => {
  const unavailable = { reply: { status: 503, headers: { "retry-after": "60" } } } as const

  test("does not take away a valid token, and keeps the refresh token", async () => {
    const world = new World()
    const { session, accessToken } = await world.loggedIn()
    world.server.clock.advance(hour - 30_000)
    world.server.faults.next("token", unavailable)
    expect(await session.getAccessToken()).toBe(accessToken)
    expect(session.getSnapshot()).toMatchObject({
      status: "ready",
      refresh: {
        phase: "failed",
        error: { _tag: "TokenEndpointUnavailable" },
        retryAt: world.now() + 60_000,
      },
    })
    expect(world.events).toMatchObject([{ type: "refreshStarted" }, { type: "refreshFailed", attempts: 1 }])
  })

  test("an expired token is not returned, the error says retry, and Retry-After is respected", async () => {
    const world = new World()
    const { session, accessToken } = await world.loggedIn()
    world.server.clock.advance("2 hours")
    world.server.faults.next("token", unavailable)
    const error = await rejection(session.getAccessToken())
    expect(error).toMatchObject({ _tag: "TokenEndpointUnavailable", action: "retry", retryAfter: 60_000 })
    const requests = world.server.log.length
    expect(await rejection(session.getAccessToken())).toBe(error)
    expect(world.server.log).toHaveLength(requests)
    world.server.clock.advance("1 minute")
    expect(await session.getAccessToken()).not.toBe(accessToken)
  })

  test("a forced refresh does not wait, and its failure is not hidden", async () => {
    const world = new World()
    const { session } = await world.loggedIn()
    world.server.faults.next("token", unavailable)
    world.server.faults.next("token", unavailable)
    expect(await rejection(session.getAccessToken({ force: true }))).toMatchObject({ status: 503 })
    expect(await rejection(session.getAccessToken({ force: true }))).toMatchObject({ status: 503 })
  })

  test("a wrong secret leaves the store alone", async () => {
    const world = new World()
    await world.loggedIn({}, "ada")
    world.server.clock.advance("2 hours")
    const misconfigured = world.client({ clientSecret: "wrong" }).session("ada")
    expect(await rejection(misconfigured.getAccessToken())).toMatchObject({
      error: "invalid_client",
      action: "fix",
    })
    expect(await world.client().session("ada").getAccessToken()).toBeTruthy()
  })

  test("a response that was lost before the server rotated is requested again", async () => {
    const world = new World()
    const { session, accessToken } = await world.loggedIn({ deadline: 5000 })
    world.server.clock.advance("2 hours")
    world.server.faults.next("token", { wire: "reset" })
    const started = session.getAccessToken()
    expect(await started).not.toBe(accessToken)
    expect(world.events).toMatchObject([{ type: "refreshStarted" }, { type: "refreshed", attempts: 2 }])
  })

  test("invalid_grant signs out, and removes the record", async () => {
    const world = new World()
    const { session, accessToken } = await world.loggedIn({}, "ada")
    world.server.clock.advance("2 hours")
    world.server.revokeFamily(accessToken)
    expect(await rejection(session.getAccessToken())).toMatchObject({
      _tag: "LoginRequired",
      reason: "revoked",
      error: { error: "invalid_grant" },
    })
    expect(session.getSnapshot()).toMatchObject({ status: "signedOut", reason: "revoked" })
    expect(world.events.at(-1)).toMatchObject({ type: "signedOut", reason: "revoked" })
    expect(await world.store.read(world.key("ada"))).toBeUndefined()
  })

  test("invalid_grant because another process was first: its token is adopted", async () => {
    const inner = memoryTokenStore()
    // A store whose lease holds nothing, as where a platform has none.
    const store: TokenStoreAdapter = { ...inner, lease: () => ({ acquired: true, expiresIn: 1 }) }
    const world = new World({ store, rotation: { grace: 0, reuse: "reject" } })
    const { session } = await world.loggedIn({}, "ada")
    const other = world.client().session("ada")
    world.server.clock.advance("2 hours")
    const tokens = await Promise.all([session.getAccessToken(), other.getAccessToken()])
    expect(tokens[0]).toBe(tokens[1])
    expect(world.refreshes()).toBe(2)
    expect(session.getSnapshot()).toMatchObject({ status: "ready" })
    expect(other.getSnapshot()).toMatchObject({ status: "ready" })
  })

  test("a process that slept past its lease does not send the refresh token that it had read", async () => {
    const world = new World()
    const { session: other } = await world.loggedIn({}, "ada")
    let reads = 0
    const store: TokenStoreAdapter = {
      ...world.store,
      read: async (key) => {
        const found = await world.store.read(key)
        // The first read is the look before the lease.
        if (++reads !== 2) return found
        world.server.clock.advance("10 seconds")
        await other.getAccessToken()
        return found
      },
    }
    const sleeper = world.client({}, store).session("ada")
    world.server.clock.advance("2 hours")
    const accessToken = await sleeper.getAccessToken()
    expect(await other.getAccessToken()).toBe(accessToken)
    expect(world.refreshes()).toBe(1)
    expect(world.server.families[0]?.revokedAt).toBeUndefined()
  })

  test("a store that is slower than a lease lasts gives an error", async () => {
    const world = new World()
    await world.loggedIn({}, "ada")
    const store: TokenStoreAdapter = {
      ...world.store,
      lease: async (key, owner, duration) => {
        const lease = await world.store.lease(key, owner, duration)
        world.server.clock.advance("10 seconds")
        return lease
      },
    }
    world.server.clock.advance("2 hours")
    expect(await rejection(world.client({}, store).session("ada").getAccessToken())).toMatchObject({
      _tag: "TokenStoreError",
      reason: "leaseTimeout",
    })
    expect(world.refreshes()).toBe(0)
  })

  test("a token without a refresh token requires a login when it has expired", async () => {
    const world = new World()
    const { session } = await world.loggedIn({}, "ada")
    const record = await world.store.read(world.key("ada"))
    const value = JSON.parse(record?.value ?? "")
    const { refreshToken, ...token } = JSON.parse(value.token)
    expect(refreshToken).toBeTruthy()
    await world.store.write(world.key("ada"), {
      value: JSON.stringify({ ...value, token: JSON.stringify(token) }),
      version: "x",
    })
    world.server.clock.advance("2 hours")
    expect(await rejection(session.getAccessToken())).toMatchObject({
      _tag: "LoginRequired",
      reason: "expired",
    })
    expect(session.getSnapshot()).toMatchObject({ status: "signedOut", reason: "expired" })
    // Its record is of no use to anybody.
    expect(await world.store.read(world.key("ada"))).toBeUndefined()
  })

  test("a token without a refresh token is kept if another one is requested while it is valid", async () => {
    const world = new World()
    const session = world.client().session("ada")
    await session.importToken({ accessToken: "abc", expiresAt: world.now() + hour })
    expect(await rejection(session.getAccessToken({ force: true }))).toMatchObject({
      _tag: "LoginRequired",
      reason: "expired",
    })
    expect(session.getSnapshot()).toMatchObject({ status: "ready", refresh: { phase: "idle" } })
    expect(await session.getAccessToken()).toBe("abc")
    expect(await world.client().session("ada").getAccessToken()).toBe("abc")
  })
})

describe("signOut", () => {
  test("removes the token here and in the store", async () => {
    const world = new World()
    const { session } = await world.loggedIn({}, "ada")
    await session.signOut()
    expect(session.getSnapshot()).toEqual({ status: "signedOut", reason: "logout" })
    expect(await rejection(session.getAccessToken())).toMatchObject({ _tag: "LoginRequired" })
    expect(session.getSnapshot()).toEqual({ status: "signedOut", reason: "logout" })
    expect(await world.store.read(world.key("ada"))).toBeUndefined()
    expect(world.events).toMatchObject([{ type: "signedOut", reason: "logout" }])
  })

  test("is noticed by others when they next read the store", async () => {
    const world = new World()
    const { session } = await world.loggedIn({}, "ada")
    const other = world.client().session("ada")
    await other.getAccessToken()
    await session.signOut()
    world.server.clock.advance("2 hours")
    expect(await rejection(other.getAccessToken())).toMatchObject({
      _tag: "LoginRequired",
      reason: "noToken",
    })
    expect(other.getSnapshot()).toMatchObject({ status: "signedOut", reason: "elsewhere" })
  })

  test("wins over a refresh that is under way", async () => {
    const world = new World()
    const { client, session } = await world.loggedIn({}, "ada")
    world.server.clock.advance("2 hours")
    const refresh = rejection(session.getAccessToken())
    await session.signOut()
    expect(await refresh).toMatchObject({ _tag: "LoginRequired" })
    await client.close()
    expect(session.getSnapshot()).toEqual({ status: "signedOut", reason: "logout" })
    expect(await world.store.read(world.key("ada"))).toBeUndefined()
  })

  test("is followed by a new session at the next login", async () => {
    const world = new World()
    const { client, session } = await world.loggedIn()
    await session.signOut()
    const accessToken = await world.login(client, session)
    expect(await session.getAccessToken()).toBe(accessToken)
  })
})

describe("watching", () => {
  test("the snapshot is the same object until the state changes", async () => {
    const world = new World()
    const { session } = await world.loggedIn()
    const before = session.getSnapshot()
    expect(session.getSnapshot()).toBe(before)
    await session.getAccessToken()
    expect(session.getSnapshot()).toBe(before)
    world.server.clock.advance("2 hours")
    const stale = session.getSnapshot()
    expect(stale).toEqual({ status: "stale", refresh: { phase: "idle" } })
    expect(session.getSnapshot()).toBe(stale)
  })

  test("listeners see each change, until they unsubscribe", async () => {
    const world = new World()
    const { session } = await world.loggedIn()
    const seen: unknown[] = []
    const unsubscribe = session.subscribe(() => {
      const state = session.getSnapshot()
      seen.push("refresh" in state ? `${state.status} ${state.refresh.phase}` : state.status)
    })
    await session.getAccessToken({ force: true })
    expect(seen).toEqual(["ready refreshing", "ready idle"])
    unsubscribe()
    await session.signOut()
    expect(seen).toHaveLength(2)
  })

  test("restore reads the store and makes no request", async () => {
    const world = new World()
    expect(await world.client().session("ada").restore()).toEqual({ status: "signedOut", reason: "initial" })
    await world.loggedIn({}, "ada")
    const requests = world.server.log.length
    expect(await world.client().session("ada").restore()).toMatchObject({ status: "ready" })
    world.server.clock.advance("2 hours")
    expect(await world.client().session("ada").restore()).toMatchObject({ status: "stale" })
    expect(world.server.log).toHaveLength(requests)
  })

  test("an onEvent or listener that throws does not break a refresh", async () => {
    const world = new World()
    const { session } = await world.loggedIn({
      onEvent: () => {
        throw new Error("observer")
      },
    })
    session.subscribe(() => {
      throw new Error("listener")
    })
    expect(await session.getAccessToken({ force: true })).toBeTruthy()
  })
})

describe("a store that fails", () => {
  /** A store whose calls fail while their names are in `broken`. */
  const breakable = () => {
    const inner = memoryTokenStore()
    const broken = new Set<string>()
    const store = new Proxy(inner, {
      get: (target, name: keyof TokenStoreAdapter) =>
        broken.has(name)
          ? () => {
              throw Object.assign(new Error("disk full"), { code: "ENOSPC" })
            }
          : Reflect.get(target, name),
    })
    return { store, broken }
  }

  test.each(["read", "lease"])(
    "to %s: nothing is sent, and a token that is still valid is served",
    async (call) => {
      const { store, broken } = breakable()
      const world = new World({ store })
      const { session, accessToken } = await world.loggedIn()
      world.server.clock.advance(hour - 30_000)
      broken.add(call)
      expect(await session.getAccessToken()).toBe(accessToken)
      world.server.clock.advance("1 hour")
      expect(await rejection(session.getAccessToken())).toMatchObject({
        _tag: "TokenStoreError",
        reason: "unavailable",
        detail: "ENOSPC: disk full",
        action: "retry",
      })
      expect(world.refreshes()).toBe(0)
      broken.clear()
      world.server.clock.advance(1000)
      expect(await session.getAccessToken()).not.toBe(accessToken)
    },
  )

  test("to write: the error says so, the token is kept in memory, and it is written when the store is back", async () => {
    const { store, broken } = breakable()
    const world = new World({ store })
    const { client, session, accessToken } = await world.loggedIn({}, "ada")
    world.server.clock.advance("2 hours")
    broken.add("write")
    expect(await rejection(session.getAccessToken())).toMatchObject({
      _tag: "TokenStoreError",
      reason: "notDurable",
    })
    const fresh = await session.getAccessToken()
    expect(fresh).not.toBe(accessToken)
    expect(session.getSnapshot()).toMatchObject({
      status: "ready",
      refresh: { phase: "failed", error: { reason: "notDurable" } },
    })
    broken.clear()
    world.server.clock.advance(1000)
    expect(await session.getAccessToken()).toBe(fresh)
    await client.close()
    expect(session.getSnapshot()).toMatchObject({ status: "ready", refresh: { phase: "idle" } })
    expect(await world.client().session("ada").getAccessToken()).toBe(fresh)
    expect(world.refreshes()).toBe(1)
  })

  test("to write a login: the token is kept in memory too, and a later login is not overwritten", async () => {
    const { store, broken } = breakable()
    const world = new World({ store })
    const client = world.client()
    const session = client.session("ada")
    broken.add("write")
    expect(await rejection(world.login(client, session))).toMatchObject({
      _tag: "TokenStoreError",
      reason: "notDurable",
    })
    expect(await session.getAccessToken()).toBeTruthy()
    broken.clear()
    world.server.clock.advance(1000)
    const other = world.client()
    const later = await world.login(other, other.session("ada"))
    world.server.clock.advance(1000)
    await session.getAccessToken()
    await client.close()
    expect(await world.client().session("ada").getAccessToken()).toBe(later)
    expect(await session.getAccessToken()).toBe(later)
  })

  test("to write several logins: a client that closes writes them at once, not one after the other", async () => {
    const memory = memoryTokenStore()
    const all = Promise.withResolvers<void>()
    let isBroken = true
    const written = new Set<string>()
    const store: TokenStoreAdapter = {
      ...memory,
      write: async (key, ...record) => {
        if (isBroken) throw new Error("the database is down")
        written.add(key)
        if (written.size === 3) all.resolve()
        await all.promise
        return memory.write(key, ...record)
      },
    }
    const world = new World({ store })
    const client = world.client()
    const logins = ["ada", "grace", "lin"].map((name) => rejection(world.login(client, client.session(name))))
    const notDurable = expect.objectContaining({ reason: "notDurable" })
    expect(await Promise.all(logins)).toEqual([notDurable, notDurable, notDurable])
    isBroken = false
    await client.close()
    const states = ["ada", "grace", "lin"].map((name) => world.client().session(name).restore())
    expect((await Promise.all(states)).map(({ status }) => status)).toEqual(["ready", "ready", "ready"])
  })

  test("to remove: the error says so, and the token is still removed here", async () => {
    const { store, broken } = breakable()
    const { session } = await new World({ store }).loggedIn()
    broken.add("remove")
    expect(await rejection(session.signOut())).toMatchObject({
      _tag: "TokenStoreError",
      reason: "unavailable",
    })
    expect(session.getSnapshot()).toEqual({ status: "signedOut", reason: "logout" })
  })

  test("with a damaged record: the error says so, other keys work, and a login replaces it", async () => {
    const world = new World()
    const { client, accessToken } = await world.loggedIn({}, "ada")
    await world.store.write(world.key("lin"), { value: "{", version: "1" })
    const lin = client.session("lin")
    expect(await rejection(lin.getAccessToken())).toMatchObject({
      reason: "corrupt",
      key: "lin",
      action: "login",
    })
    expect(await client.session("ada").getAccessToken()).toBe(accessToken)
    expect(await world.login(client, lin)).toBe(await lin.getAccessToken())
  })

  test("shared with another client: the keys differ, and no record is changed", async () => {
    const world = new World()
    const { session, accessToken } = await world.loggedIn({}, "ada")
    const other = world.client({ clientId: "another-app" }).session("ada")
    expect(await rejection(other.getAccessToken())).toMatchObject({
      _tag: "LoginRequired",
      reason: "noToken",
    })
    await other.signOut()
    expect(await session.reload()).toMatchObject({ status: "ready" })
    expect(await session.getAccessToken()).toBe(accessToken)
  })

  test("with a record of another client at its key: its token is not sent to the server", async () => {
    const world = new World()
    await world.loggedIn({}, "ada")
    const record = await world.store.read(world.key("ada"))
    const value = JSON.stringify({ ...JSON.parse(record?.value ?? ""), clientId: "another-app" })
    await world.store.write(world.key("ada"), { value, version: "x" })
    world.server.clock.advance("2 hours")
    expect(await rejection(world.client().session("ada").getAccessToken())).toMatchObject({
      reason: "foreign",
      action: "fix",
    })
    expect(world.refreshes()).toBe(0)
  })
})

test("a clock that was set back does not prolong a failure", async () => {
  const world = new World()
  const { session, accessToken } = await world.loggedIn()
  world.server.clock.advance("10 hours")
  world.server.faults.next("token", { reply: { status: 503, headers: { "retry-after": "3600" } } })
  await rejection(session.getAccessToken())
  world.server.clock.set(world.now() - 8 * hour)
  expect(await session.getAccessToken()).not.toBe(accessToken)
})

test("maxConcurrentRefreshes limits the refreshes at once", async () => {
  const world = new World()
  const client = world.client({ maxConcurrentRefreshes: 3, deadline: 5000 })
  const sessions = Array.from({ length: 12 }, (_, i) => client.session(`user-${i}`))
  for (const session of sessions) await world.login(client, session)
  world.server.clock.advance("2 hours")
  const tokens: Promise<string>[] = []
  for (let round = 0; round < 4; round++) {
    const barrier = world.server.faults.hold(3)
    if (round === 0) tokens.push(...sessions.map((session) => session.getAccessToken()))
    await barrier.full
    await new Promise(setImmediate)
    expect(barrier.waiting).toBe(3)
    barrier.release()
  }
  expect(new Set(await Promise.all(tokens)).size).toBe(12)
  expect(() => world.client({ maxConcurrentRefreshes: 0 })).toThrow('"maxConcurrentRefreshes"')
})
