// cspell:ignore verifer singal
// The calls of a client that need no session, and which sessions it gives.
import { webcrypto } from "node:crypto"
import { getEventListeners } from "node:events"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { describe, expect, test } from "vitest"
import { restoreTransaction, TokenClient } from "../../src/index.js"
import { makeTokenClient } from "../../src/promise/index.js"
import { scene } from "../oneTimeTokens.js"
import { rejection, World } from "../sessions.js"
import { logIn, servicesOf } from "./world.js"

describe("the two calls of the provider", () => {
  test.each([undefined, null])(
    "with %o in place of a code and a token name what is missing",
    async (nothing) => {
      const client = new World().client()
      expect(await rejection(client.exchangeAuthorizationCode(nothing as never))).toMatchObject({
        _tag: "ConfigurationError",
        option: "code",
        got: "an empty string",
      })
      expect(await rejection(client.refreshToken(nothing as never))).toMatchObject({
        _tag: "ConfigurationError",
        option: "refreshToken",
        got: "an empty string",
      })
    },
  )

  test.each(["projects maps", ["projects", "maps"]])("accept the requested scope as %j", async (scope) => {
    const client = new World().publicClient(async () => ({
      status: 200,
      headers: {},
      body: '{"access_token":"a","token_type":"Bearer"}',
    }))
    const token = await client.exchangeAuthorizationCode({ code: "code", scope: scope as string })
    expect(token.scope).toEqual(["projects", "maps"])
  })

  test.each([7, {}, true, [7], "a\nb"])("refuse %j as the requested scope", async (scope) => {
    const world = new World()
    expect(
      await rejection(world.client().exchangeAuthorizationCode({ code: "c", scope: scope as string })),
    ).toMatchObject({ _tag: "ConfigurationError", option: "scope" })
    expect(world.server.log).toEqual([])
  })

  test.each([7, { pathname: "/maps" }, ["/maps"]])(
    "refuse the returnTo %j before the login",
    async (returnTo) => {
      const client = new World().client()
      expect(
        await rejection(client.createAuthorizationRequest({ returnTo: returnTo as never })),
      ).toMatchObject({ _tag: "ConfigurationError", option: "returnTo", expected: "a string" })
    },
  )

  test("take null as returnTo, as URLSearchParams.get returns it", async () => {
    const { transaction } = await new World().client().createAuthorizationRequest({ returnTo: null as never })
    expect(Result.getOrThrow(restoreTransaction(transaction)).returnTo).toBeUndefined()
  })

  test("refuse a misspelt member, before anything is sent", async () => {
    const world = new World()
    const misspelt = { code: "c", codeVerifer: "v".repeat(43) }
    expect(await rejection(world.client().exchangeAuthorizationCode(misspelt))).toMatchObject({
      _tag: "ConfigurationError",
      option: "codeVerifer",
      expected: 'spelled "codeVerifier"',
    })
    expect(world.server.log).toEqual([])
  })

  test.each([
    [undefined, "http://localhost:3000/callback"],
    ["http://localhost:3000/other", "http://localhost:3000/other"],
  ])("exchange a code for the redirect URI %o: the client's own where none is given", async (given, sent) => {
    const world = new World()
    const bodies: string[] = []
    const client = world.publicClient(async ({ body }) => {
      bodies.push(body)
      return { status: 200, headers: {}, body: '{"access_token":"a","token_type":"Bearer"}' }
    })
    await client.exchangeAuthorizationCode({ code: "code", redirectUri: given })
    expect(new URLSearchParams(bodies[0]).get("redirect_uri")).toBe(sent)
  })

  scene("let a caller go at the deadline, while the request goes on", async (at) => {
    const client = at.client()
    at.onRequest = () => at.sleep(1800)
    expect(await rejection(at.until(client.refreshToken("R1")))).toMatchObject({
      _tag: "TransportError",
      reason: "timeout",
      sent: "maybe",
      detail: "after 1.5 s; the request goes on in the background",
    })
    // A caller that asks again meanwhile gets its result.
    expect(await at.until(client.refreshToken("R1"))).toMatchObject({ accessToken: "A2" })
    expect(at.presented).toEqual(["R1"])
  })
})

describe("a misspelt signal is refused by", () => {
  const misspelt = { singal: AbortSignal.abort() } as never
  const calls: Record<string, (client: ReturnType<World["client"]>) => Promise<unknown>> = {
    exchangeAuthorizationCode: (client) => client.exchangeAuthorizationCode({ code: "c" }, misspelt),
    refreshToken: (client) => client.refreshToken("r", misspelt),
    completeAuthorization: (client) => client.session().completeAuthorization("", "", misspelt),
    restore: (client) => client.session().restore(misspelt),
    reload: (client) => client.session().reload(misspelt),
  }
  test.each(Object.keys(calls))("%s", async (name) => {
    const world = new World()
    expect(await rejection(calls[name]?.(world.client()) ?? Promise.resolve())).toMatchObject({
      _tag: "ConfigurationError",
      option: "singal",
      expected: 'spelled "signal"',
    })
    expect(world.server.log).toEqual([])
  })
})

describe("a signal that is none is refused, and nothing is sent or stored, by", () => {
  const calls: Record<string, (world: World, options: never) => Promise<unknown>> = {
    exchangeAuthorizationCode: (world, options) =>
      world.client().exchangeAuthorizationCode({ code: "c" }, options),
    refreshToken: (world, options) => world.client().refreshToken("r", options),
    completeAuthorization: (world, options) =>
      world.client().session().completeAuthorization("", "", options),
    importToken: (world, options) => world.client().session().importToken({ refreshToken: "r" }, options),
    restore: (world, options) => world.client().session().restore(options),
    reload: (world, options) => world.client().session().reload(options),
    getToken: (world, options) => world.client().session().getToken(options),
    getAccessToken: (world, options) => world.client().session().getAccessToken(options),
  }
  const signals: readonly (readonly [signal: unknown, got: string])[] = [
    [{}, "an object"],
    [new AbortController(), "an object"],
    [{ aborted: true }, "an object"],
    [{ aborted: false, addEventListener: true }, "an object"],
    ["signal", "a string of 6 characters"],
    ["", "an empty string"],
    [0, "a number"],
    [false, "a boolean"],
    [() => {}, "a function"],
  ]
  test.each(Object.keys(calls))("%s", async (name) => {
    for (const [signal, got] of signals) {
      const world = new World()
      const call = calls[name]?.(world, { signal } as never)
      expect(await rejection(call ?? Promise.resolve())).toMatchObject({
        _tag: "ConfigurationError",
        option: "signal",
        got,
        expected: "an AbortSignal, such as controller.signal",
      })
      expect(world.server.log).toEqual([])
      expect(await world.store.read(world.key("default"))).toBeUndefined()
    }
  })

  test("getAccessToken with a valid token in memory", async () => {
    const { session, accessToken } = await new World().loggedIn()
    for (const [signal, got] of signals) {
      const error = await rejection(session.getAccessToken({ signal: signal as never }))
      expect(error).toMatchObject({ option: "signal", got })
    }
    expect(await session.getAccessToken({ signal: null as never })).toBe(accessToken)
  })
})

test("a call that has ended leaves no listener on its signal", async () => {
  const world = new World()
  const { session } = await world.loggedIn()
  world.server.clock.advance("2 hours")
  const { signal } = new AbortController()
  await session.getAccessToken({ signal })
  expect(getEventListeners(signal, "abort")).toEqual([])
})

describe("a client", () => {
  test("refuses a clock that is none", () => {
    const world = new World()
    const services = {
      transport: world.send,
      crypto: webcrypto as never,
      store: world.store,
      now: 5 as never,
    }
    expect(() => makeTokenClient(world.options(), services)).toThrow(
      expect.objectContaining({ option: "now", got: "5" }),
    )
  })

  test("'s sessions say their key", () => {
    const client = new World().client()
    expect([client.session("ada").key, client.session().key]).toEqual(["ada", "default"])
  })

  test.each([undefined, null])("has no session for the key %o", (key) => {
    expect(() => new World().client().session(key as never)).toThrow(
      expect.objectContaining({
        option: "key",
        expected: "the key of a user; call session() without an argument for the only user of an app",
      }),
    )
  })

  test("is not idle while any of its sessions refreshes", async () => {
    const world = new World()
    const { client, session } = await world.loggedIn({}, "ada")
    client.session("lin")
    world.server.clock.advance("2 hours")
    expect(client.isIdle).toBe(true)
    const held = world.server.faults.hold(1)
    const refreshed = session.getAccessToken()
    await held.full
    expect(client.isIdle).toBe(false)
    held.release()
    await refreshed
    expect(client.isIdle).toBe(true)
  })

  test.each([null, "options", 7])("says what it takes where a request's options are %o", async (options) => {
    const error = await rejection(new World().client().createAuthorizationRequest(options as never))
    expect(error).toMatchObject({ option: "options", expected: "an object" })
  })

  test("says what it takes for a number of refreshes that is none", () => {
    expect(() => new World().client({ maxConcurrentRefreshes: 0 })).toThrow(
      expect.objectContaining({ option: "maxConcurrentRefreshes", expected: "a whole number from 1" }),
    )
  })
})

describe("a session of an Effect program", () => {
  const withSession = <A, E>(use: (session: TokenClientSession, world: World) => Effect.Effect<A, E>) => {
    const world = new World()
    return Effect.gen(function* () {
      yield* logIn(world, "ada")
      const client = yield* TokenClient
      const session = yield* client.session("ada")
      return yield* use(session, world)
    }).pipe(
      Effect.provide(TokenClient.layer(world.options())),
      Effect.provide(servicesOf(world)),
      Effect.scoped,
      Effect.runPromise,
    )
  }

  test("gives the whole token", () =>
    withSession((session) =>
      Effect.gen(function* () {
        const token = yield* session.getToken()
        expect(token.accessToken).toBe(yield* session.getAccessToken())
        expect(token.scope).toEqual(["projects"])
        expect((yield* Stream.runHead(session.changes)) as object).toMatchObject({
          value: { status: "ready" },
        })
      }),
    ))

  test("gets another token for one that an API refused", () =>
    withSession((session) =>
      Effect.gen(function* () {
        const refused = yield* session.getAccessToken()
        yield* session.reportRejected(refused)
        expect(yield* session.getAccessToken()).not.toBe(refused)
      }),
    ))
})

type TokenClientSession = Effect.Success<ReturnType<TokenClient["Service"]["session"]>>
