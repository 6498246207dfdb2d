import { describe, expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Tracer from "effect/Tracer"
import * as TestClock from "effect/testing/TestClock"
import {
  type Grant,
  requestToken,
  Token,
  type TokenEndpointSettings,
  type Transport,
  TransportError,
} from "../../src/index.js"
import { checkTokenEndpointOptions, sendGrant } from "../../src/services/TokenEndpoint.js"
import { client, clockAhead, refreshGrant, reply, scripted, server, thrown } from "../fixtures.js"

const options: TokenEndpointSettings = { server, client: client(), timeout: 10_000, deadline: 30_000 }
const token = reply(200, { access_token: "a", expires_in: 60 })
const network = (sent: "no" | "maybe") => new TransportError({ reason: "network", sent })

type Script = ReturnType<typeof scripted>

/** Starts a request, moves the clock step by step, and tells when it ended and how. */
const runFor = (
  script: Script,
  millis: number,
  overrides: Partial<TokenEndpointSettings> = {},
  grant: Grant = refreshGrant,
) =>
  Effect.gen(function* () {
    const request = requestToken({ ...options, ...overrides }, grant).pipe(
      Effect.provide(script.layer),
    ) as Effect.Effect<unknown, { readonly _tag: string }, Exclude<never, Transport>>
    const fiber = yield* Effect.forkChild(Effect.exit(request))
    let elapsed = 0
    while (elapsed < millis && fiber.pollUnsafe() === undefined) {
      yield* TestClock.adjust(50)
      elapsed += 50
    }
    const exit = fiber.pollUnsafe() === undefined ? undefined : yield* Fiber.join(fiber)
    return { exit, elapsed }
  })

const failure = (exit: Exit.Exit<unknown, unknown> | undefined) =>
  exit !== undefined && Exit.isFailure(exit)
    ? exit.cause.reasons.map((reason) => ("error" in reason ? reason.error : reason))[0]
    : undefined

describe("token endpoint", () => {
  it.effect("one request if the first response is a token", () =>
    Effect.gen(function* () {
      const script = scripted(token)
      const { exit } = yield* runFor(script, 100)
      expect(exit !== undefined && Exit.isSuccess(exit)).toBe(true)
      expect(script.requests).toHaveLength(1)
    }),
  )

  it.effect.each([
    ["no connection", network("no")],
    ["a lost reply", network("maybe")],
    ["a cut-off reply", reply(200, '{"access_token":')],
    ["429", reply(429, "")],
    ["503 with a JSON error", reply(503, { error: "server_error" })],
    ["502 with HTML", reply(502, "<title>Bad Gateway</title>")],
  ] as const)("%s is retried", ([, first]) =>
    Effect.gen(function* () {
      const script = scripted(first, token)
      const { exit, elapsed } = yield* runFor(script, 5000)
      expect(exit !== undefined && Exit.isSuccess(exit)).toBe(true)
      expect(script.requests).toHaveLength(2)
      expect(elapsed).toBeGreaterThanOrEqual(250)
      expect(elapsed).toBeLessThanOrEqual(550)
    }),
  )

  it.effect("a request that failed while the machine slept is retried", () =>
    Effect.gen(function* () {
      const clock = yield* Effect.clockWith(Effect.succeed)
      const script = scripted(network("maybe"), token)
      const { exit } = yield* runFor(script, 5000).pipe(
        Effect.provideService(
          Clock.Clock,
          clockAhead(clock, () => 3_600_000 * script.requests.length),
        ),
      )
      expect(exit !== undefined && Exit.isSuccess(exit)).toBe(true)
      expect(script.requests).toHaveLength(2)
    }),
  )

  it.effect.each([
    ["invalid_grant", reply(400, { error: "invalid_grant" }), "TokenErrorResponse"],
    ["nonsense", reply(200, "nonsense"), "InvalidTokenResponse"],
    ["a redirect", reply(307, "", { location: "https://evil.example" }), "TransportError"],
  ] as const)("%s is not retried", ([, first, tag]) =>
    Effect.gen(function* () {
      const script = scripted(first, token)
      const { exit } = yield* runFor(script, 5000)
      expect(failure(exit)).toMatchObject({ _tag: tag })
      expect(script.requests).toHaveLength(1)
    }),
  )

  it.effect("a bad grant sends nothing", () =>
    Effect.gen(function* () {
      const script = scripted(token)
      const { exit } = yield* runFor(script, 100, {}, { grantType: "refresh_token", refreshToken: "" })
      expect(failure(exit)).toMatchObject({ _tag: "ConfigurationError", option: "refreshToken" })
      expect(script.requests).toHaveLength(0)
    }),
  )

  it.effect("gives up after five attempts, each pause longer than the one before", () =>
    Effect.gen(function* () {
      const script = scripted(network("no"))
      const { exit, elapsed } = yield* runFor(script, 60_000)
      expect(failure(exit)).toMatchObject({ _tag: "TransportError", sent: "no", action: "retry" })
      expect(script.requests).toHaveLength(5)
      // 0.5 + 1 + 2 + 4 seconds, of which half is random.
      expect(elapsed).toBeGreaterThanOrEqual(3750)
      expect(elapsed).toBeLessThanOrEqual(7700)
    }),
  )

  it.effect("Retry-After is waited for", () =>
    Effect.gen(function* () {
      const script = scripted(reply(429, "", { "retry-after": "7" }), token)
      const { exit, elapsed } = yield* runFor(script, 20_000)
      expect(exit !== undefined && Exit.isSuccess(exit)).toBe(true)
      expect(elapsed).toBe(7000)
    }),
  )

  it.effect("Retry-After as a date is waited for", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.UTC(2026, 0, 1))
      const script = scripted(reply(503, "", { "retry-after": "Thu, 01 Jan 2026 00:00:09 GMT" }), token)
      const { exit, elapsed } = yield* runFor(script, 20_000)
      expect(exit !== undefined && Exit.isSuccess(exit)).toBe(true)
      expect(elapsed).toBe(9000)
    }),
  )

  it.effect("a Retry-After beyond the deadline fails at once, with the time in the error", () =>
    Effect.gen(function* () {
      const script = scripted(reply(503, "", { "retry-after": "30" }), token)
      const { exit, elapsed } = yield* runFor(script, 60_000)
      expect(failure(exit)).toMatchObject({ _tag: "TokenEndpointUnavailable", retryAfter: 30_000 })
      expect(elapsed).toBeLessThanOrEqual(50)
      expect(script.requests).toHaveLength(1)
    }),
  )

  it.effect("a server that never responds: one request, which ends one second after its timeout", () =>
    Effect.gen(function* () {
      const script = scripted()
      const { exit, elapsed } = yield* runFor(script, 60_000)
      expect(failure(exit)).toMatchObject({ _tag: "TransportError", reason: "timeout", sent: "maybe" })
      // A request that may be at work at the server is not overtaken by another one.
      expect(script.requests).toHaveLength(1)
      expect(elapsed).toBe(11_000)
    }),
  )

  it.effect("a response that comes after the deadline, and within the timeout, is used", () =>
    Effect.gen(function* () {
      const script = scripted(Effect.delay(Effect.succeed(token), 9000))
      const { exit, elapsed } = yield* runFor(script, 60_000, { timeout: 10_000, deadline: 4000 })
      expect(exit !== undefined && Exit.isSuccess(exit)).toBe(true)
      expect(elapsed).toBe(9000)
      expect(script.requests).toHaveLength(1)
    }),
  )

  it.effect("a response that has arrived when the timer fires is read", () =>
    Effect.gen(function* () {
      const script = scripted(Effect.delay(Effect.succeed(token), 10_900))
      const { exit } = yield* runFor(script, 60_000)
      expect(exit !== undefined && Exit.isSuccess(exit)).toBe(true)
      expect(script.requests).toHaveLength(1)
    }),
  )

  it.effect("a permanent fault fails at once", () =>
    Effect.gen(function* () {
      const blocked = new TransportError({
        reason: "blocked",
        sent: "no",
        detail: "SELF_SIGNED_CERT_IN_CHAIN",
      })
      const script = scripted(blocked, token)
      const { exit, elapsed } = yield* runFor(script, 60_000)
      expect(failure(exit)).toBe(blocked)
      expect(elapsed).toBeLessThanOrEqual(50)
    }),
  )

  it.effect("a lifetime counts from when the request of the response was sent", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_000_000)
      const script = scripted(Effect.delay(Effect.succeed(token), 5000))
      const { exit } = yield* runFor(script, 20_000)
      expect(exit !== undefined && Exit.isSuccess(exit) ? exit.value : undefined).toMatchObject({
        issuedAt: 1_000_000,
        expiresAt: 1_060_000,
      })
    }),
  )
})

describe("the options of the token endpoint", () => {
  it("are those of the server and the client, 60 seconds and 30 where they are left out", () => {
    const settings = checkTokenEndpointOptions({ server, clientId: "app" })
    expect(settings).toMatchObject({ server, timeout: 60_000, deadline: 30_000, client: { clientId: "app" } })
    const own = checkTokenEndpointOptions({ server, clientId: "app", timeout: "5 seconds", deadline: 7000 })
    expect(own).toMatchObject({ timeout: 5000, deadline: 7000 })
  })

  it.each([
    ["nothing", undefined],
    ["null", null],
    ["a URL", "https://drive.example"],
    ["a server without limits", { tokenEndpoint: "https://drive.example/token" }],
    ["limits without a server", { limits: {} }],
    ["a function", Object.assign(() => {}, { tokenEndpoint: "https://drive.example/token", limits: {} })],
  ])("need a server that was made for it, and not %s", (_, bad) => {
    expect(thrown(() => checkTokenEndpointOptions({ server: bad as never, clientId: "app" }))).toMatchObject({
      _tag: "ConfigurationError",
      option: "server",
      expected: "the result of ellipsisDrive({ baseUrl }) or rfc6749({ … })",
    })
  })
})

describe("a request that is slow", () => {
  const startSlow = (after: number) =>
    Effect.gen(function* () {
      let told = 0
      const request = sendGrant({ send: () => Effect.never }, options, refreshGrant, {
        whenSlow: { after, run: Effect.sync(() => told++) },
      })
      const fiber = yield* Effect.forkChild(Effect.flip(request), { startImmediately: true })
      return { fiber, told: () => told }
    })

  it.effect("calls back once, and ends one second after its timeout", () =>
    Effect.gen(function* () {
      const { fiber, told } = yield* startSlow(4000)
      yield* TestClock.adjust(3999)
      expect(told()).toBe(0)
      yield* TestClock.adjust(1)
      expect(told()).toBe(1)
      yield* TestClock.adjust(6999)
      expect(fiber.pollUnsafe()).toBeUndefined()
      yield* TestClock.adjust(1)
      expect(yield* Fiber.join(fiber)).toMatchObject({
        reason: "timeout",
        sent: "maybe",
        detail: "after 10 s",
      })
      expect(told()).toBe(1)
    }),
  )

  it.effect.each([10_000, 20_000])("and given up before %i ms tells nothing else", (after) =>
    Effect.gen(function* () {
      const { fiber, told } = yield* startSlow(after)
      yield* TestClock.adjust(10_999)
      expect(fiber.pollUnsafe()).toBeUndefined()
      yield* TestClock.adjust(1)
      expect(yield* Fiber.join(fiber)).toMatchObject({ reason: "timeout", detail: "after 10 s" })
      expect(told()).toBe(0)
    }),
  )
})

it.effect("requestToken keeps the members that the token response leaves out, and has its own span", () =>
  Effect.gen(function* () {
    const spans: Tracer.Span[] = []
    const tracer = Tracer.make({
      span: (given) => {
        const span = new Tracer.NativeSpan(given)
        spans.push(span)
        return span
      },
    })
    const previous = new Token({
      accessToken: "old",
      refreshToken: "the-old-refresh-token",
      tokenType: "Bearer",
      scope: ["maps"],
      issuedAt: 0,
      extra: { plan: "pro" },
    })
    const script = scripted(token)
    const fresh = yield* requestToken(options, refreshGrant, previous).pipe(
      Effect.provide(script.layer),
      Effect.withTracer(tracer),
    )
    expect([fresh.accessToken, fresh.scope, fresh.extra]).toEqual(["a", ["maps"], { plan: "pro" }])
    expect(spans.map(({ name, kind }) => [name, kind])).toEqual([["ellipsis-oauth.requestToken", "client"]])
    expect(Object.fromEntries(spans[0]?.attributes ?? [])).toMatchObject({
      "oauth.grant_type": "refresh_token",
      "url.full": server.tokenEndpoint,
    })
  }),
)

it.effect("a short Retry-After does not shorten the pauses that grow", () =>
  Effect.gen(function* () {
    const script = scripted(reply(503, "", { "retry-after": "1" }))
    const { elapsed } = yield* runFor(script, 29_000)
    expect(script.requests).toHaveLength(5)
    // 1 second twice, then at least half of 2 and of 4 seconds.
    expect(elapsed).toBeGreaterThanOrEqual(1000 + 1000 + 1000 + 2000)
  }),
)
