// A process took the lease and died. Time is Effect's test clock.
import { webcrypto } from "node:crypto"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { expect, test } from "vitest"
import { memoryTokenStore, TokenClient, TokenStore, Transport, WebCrypto } from "../../src/index.js"
import { transportTo, World } from "../sessions.js"

const hour = 3_600_000
const deadline = 30_000

/** Lets promises and the mock server's tasks run, in real time. */
const breathe = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

/** How long a caller waits for a token, in milliseconds, `left` before the one that it has expires. */
const wait = (left: number) =>
  Effect.gen(function* () {
    yield* TestClock.setTime(1_800_000_000_000)
    const clock = yield* Clock.Clock
    const store = memoryTokenStore({ now: () => clock.currentTimeMillisUnsafe() })
    const world = new World()
    const client = yield* TokenClient.make({ ...world.options(), timeout: deadline / 2, deadline }).pipe(
      Effect.provideService(Transport, transportTo(world.server)),
      Effect.provide(TokenStore.fromAdapter(store)),
      Effect.provide(WebCrypto.layer(webcrypto as never)),
    )
    const session = yield* client.session()
    const { url, transaction } = yield* client.createAuthorizationRequest()
    const response = yield* Effect.promise(() => world.server.fetch(url, { redirect: "manual" }))
    const { accessToken: first } = yield* session.completeAuthorization(
      response.headers.get("location") ?? "",
      transaction,
    )
    yield* TestClock.adjust(hour - left)
    world.server.clock.set(yield* Clock.currentTimeMillis)
    yield* Effect.promise(async () => store.lease(world.key("default"), "the dead", 2 * deadline))
    const since = yield* Clock.currentTimeMillis
    let got: string | undefined
    const asking = Effect.tap(session.getAccessToken(), (accessToken) =>
      Effect.sync(() => {
        got = accessToken
      }),
    )
    yield* Effect.forkChild(asking)
    while (got === undefined) {
      yield* breathe
      if (got === undefined) yield* TestClock.adjust(100)
    }
    return { waited: (yield* Clock.currentTimeMillis) - since, changed: got !== first }
  }).pipe(Effect.provide(TestClock.layer()), Effect.scoped, Effect.runPromise)

test("a caller with a valid token gets it soon; one without waits until the lease has expired", async () => {
  const valid = await wait(40_000)
  expect(valid.changed).toBe(false)
  expect(valid.waited).toBeLessThanOrEqual(2500)

  const expired = await wait(0)
  expect(expired.changed).toBe(true)
  expect(expired.waited).toBeGreaterThanOrEqual(2 * deadline)
  expect(expired.waited).toBeLessThanOrEqual(2 * deadline + 1000)
})
