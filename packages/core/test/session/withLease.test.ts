import { describe, expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import * as TestClock from "effect/testing/TestClock"
import { memoryTokenStore } from "../../src/index.js"
import { tokenStoreCalls } from "../../src/services/TokenStoreCalls.js"
import { type CredentialStore, credentialStore } from "../../src/session/CredentialStore.js"
import { withLease } from "../../src/session/withLease.js"
import { clockAhead } from "../fixtures.js"

const owner = { clientId: "app", tokenEndpoint: "https://as.example/token" }

const request = (store: CredentialStore) => ({
  store,
  owner: "me",
  isKept: false,
  duration: 3000,
  maxWait: 1000,
  keepLeaseIf: () => false,
  onWaited: () => {},
  onWaiting: () => {},
  checkBeforeEachAttempt: Effect.undefined,
})

/** Lets promises run, in real time. */
const breathe = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

it.effect("a lease that is being prolonged when the work ends is released", () =>
  Effect.gen(function* () {
    const memory = memoryTokenStore({ now: () => 0 })
    const calls: string[] = []
    let answer = () => {}
    const store = credentialStore(
      tokenStoreCalls({
        ...memory,
        lease: async (...call) => {
          calls.push("lease")
          if (calls.length === 2) {
            await new Promise<void>((resolve) => {
              answer = resolve
            })
          }
          return memory.lease(...call)
        },
        release: async (...call) => {
          calls.push("release")
          return memory.release(...call)
        },
      }),
      owner,
      "ada",
    )
    const work = Effect.gen(function* () {
      yield* TestClock.adjust(1000)
      return "done"
    })
    expect(yield* withLease(request(store), () => work)).toBe("done")
    expect(calls).toEqual(["lease", "lease", "release"])
    // The store grants it now, to a holder that is gone.
    answer()
    yield* breathe
    expect(calls).toEqual(["lease", "lease", "release", "release"])
    const other = credentialStore(tokenStoreCalls(memory), owner, "ada")
    expect(yield* other.lease("another", 1000)).toMatchObject({ acquired: true })
  }),
)

it.effect.each([
  ["a lease that was kept stays kept", true, []],
  ["a new lease is released", false, ["release"]],
] as const)("%s if the store grants it after its caller has given up", ([_, isKept, released]) =>
  Effect.gen(function* () {
    const memory = memoryTokenStore({ now: () => 0 })
    const calls: string[] = []
    const granted = Promise.withResolvers<void>()
    const store = credentialStore(
      tokenStoreCalls({
        ...memory,
        lease: async (...call) => {
          await granted.promise
          return memory.lease(...call)
        },
        release: async (...call) => {
          calls.push("release")
          return memory.release(...call)
        },
      }),
      owner,
      "ada",
    )
    const asking = withLease({ ...request(store), isKept }, () => Effect.succeed("done"))
    const fiber = yield* Effect.forkChild(Effect.flip(asking), { startImmediately: true })
    yield* TestClock.adjust("1 minute")
    expect(yield* Fiber.join(fiber)).toMatchObject({ reason: "unavailable", detail: "no response in time" })
    granted.resolve()
    yield* breathe
    expect(calls).toEqual(released)
    // No other process may send the old refresh token before the unsaved one is written.
    const other = credentialStore(tokenStoreCalls(memory), owner, "ada")
    expect(yield* other.lease("another", 1000)).toMatchObject({ acquired: !isKept })
  }),
)

it.effect("work that takes longer than the lease still holds it, since it is prolonged", () =>
  Effect.gen(function* () {
    const now = yield* Effect.clockWith((clock) => Effect.succeed(() => clock.currentTimeMillisUnsafe()))
    const store = credentialStore(tokenStoreCalls(memoryTokenStore({ now })), owner, "ada")
    const held: boolean[] = []
    yield* withLease(request(store), (isHeld) =>
      Effect.gen(function* () {
        for (let second = 0; second < 10; second++) {
          yield* TestClock.adjust(1000)
          held.push(isHeld())
          expect(yield* store.lease("another", 1000)).toMatchObject({ acquired: false })
        }
        return "done"
      }),
    )
    expect(held).toEqual(Array(10).fill(true))
  }),
)

it.effect("the wait for a lease of another holder ends after maxWait, with an event", () =>
  Effect.gen(function* () {
    const now = yield* Effect.clockWith((clock) => Effect.succeed(() => clock.currentTimeMillisUnsafe()))
    const store = credentialStore(tokenStoreCalls(memoryTokenStore({ now })), owner, "ada")
    yield* store.lease("another", 60_000)
    const told: string[] = []
    const waiting = withLease(
      {
        ...request(store),
        maxWait: 3000,
        onWaiting: () => told.push("waiting"),
        onWaited: (duration, attempts) =>
          told.push(`waited ${duration > 2500 && duration <= 3000} ${attempts > 10}`),
      },
      () => Effect.succeed("done"),
    )
    const fiber = yield* Effect.forkChild(Effect.flip(waiting), { startImmediately: true })
    yield* TestClock.adjust(2400)
    expect(fiber.pollUnsafe()).toBeUndefined()
    yield* TestClock.adjust(600)
    const error = yield* Fiber.join(fiber)
    expect(error).toMatchObject({ _tag: "TokenStoreError", reason: "leaseTimeout", key: "ada" })
    expect(error.message).toContain("for 3 s")
    expect(told).toEqual(["waiting", "waited true true"])
  }),
)

it.effect("a machine that slept during the wait, or whose clock was set, goes on waiting", () =>
  Effect.gen(function* () {
    const clock = yield* Effect.clockWith(Effect.succeed)
    let ahead = 0
    const store = credentialStore(
      tokenStoreCalls(memoryTokenStore({ now: () => clock.currentTimeMillisUnsafe() })),
      owner,
      "ada",
    )
    yield* store.lease("another", 60_000)
    const waiting = withLease({ ...request(store), maxWait: 30_000 }, () => Effect.succeed("done"))
    const fiber = yield* waiting.pipe(
      Effect.provideService(
        Clock.Clock,
        clockAhead(clock, () => ahead),
      ),
      Effect.forkChild({ startImmediately: true }),
    )
    yield* TestClock.adjust(1000)
    ahead = 3_600_000
    yield* TestClock.adjust(1000)
    expect(fiber.pollUnsafe()).toBeUndefined()
    yield* store.release("another")
    yield* TestClock.adjust(1000)
    expect(yield* Fiber.join(fiber)).toBe("done")
  }),
)

it.effect("a lease that expires is taken, with an event if there was a wait", () =>
  Effect.gen(function* () {
    const now = yield* Effect.clockWith((clock) => Effect.succeed(() => clock.currentTimeMillisUnsafe()))
    const store = credentialStore(tokenStoreCalls(memoryTokenStore({ now })), owner, "ada")
    const told: string[] = []
    const asking = (name: string) =>
      withLease(
        { ...request(store), onWaiting: () => told.push("waiting"), onWaited: () => told.push("waited") },
        () => Effect.succeed(name),
      )
    expect(yield* asking("first")).toBe("first")
    expect(told).toEqual([])
    yield* store.lease("another", 500)
    const fiber = yield* Effect.forkChild(asking("second"), { startImmediately: true })
    yield* TestClock.adjust(1000)
    expect(yield* Fiber.join(fiber)).toBe("second")
    expect(told).toEqual(["waiting", "waited"])
  }),
)

it.effect("the result of another holder ends the wait", () =>
  Effect.gen(function* () {
    const store = credentialStore(tokenStoreCalls(memoryTokenStore({ now: () => 0 })), owner, "ada")
    yield* store.lease("another", 60_000)
    const told: number[] = []
    const result = yield* withLease(
      {
        ...request(store),
        checkBeforeEachAttempt: Effect.succeed("found"),
        onWaited: (_, attempts) => told.push(attempts),
      },
      () => Effect.succeed("done"),
    )
    expect(result).toBe("found")
    expect(told).toEqual([1])
  }),
)

describe("the pauses between two requests for a lease", () => {
  /** The pauses in milliseconds, where each draw gives `random`, and the holder's lease lasts for `expiresIn`. */
  const pauses = (random: number, expiresIn: number) =>
    Effect.gen(function* () {
      const clock = yield* Effect.clockWith(Effect.succeed)
      const times: number[] = []
      const memory = memoryTokenStore({ now: () => 0 })
      const store = credentialStore(
        tokenStoreCalls({
          ...memory,
          lease: () => {
            times.push(clock.currentTimeMillisUnsafe())
            return { acquired: times.length > 8, expiresIn }
          },
        }),
        owner,
        "ada",
      )
      const waiting = withLease({ ...request(store), maxWait: 60_000 }, () => Effect.succeed("done"))
      const fiber = yield* waiting.pipe(
        Effect.provideService(Random.Random, {
          nextDoubleUnsafe: () => random,
          nextIntUnsafe: () => 0,
        }),
        Effect.forkChild({ startImmediately: true }),
      )
      yield* TestClock.adjust(60_000)
      expect(yield* Fiber.join(fiber)).toBe("done")
      return times.slice(1).map((time, index) => Math.round((time - (times[index] ?? 0)) * 10) / 10)
    })

  it.effect("grow to a quarter of a second", () =>
    Effect.gen(function* () {
      expect(yield* pauses(1, 60_000)).toEqual([22.5, 33.8, 50.6, 75.9, 113.9, 170.9, 250, 250])
    }),
  )

  it.effect("are half as long at least, by chance", () =>
    Effect.gen(function* () {
      expect(yield* pauses(0, 60_000)).toEqual([11.3, 16.9, 25.3, 38, 57, 85.4, 125, 125])
    }),
  )

  it.effect("end with the lease", () =>
    Effect.gen(function* () {
      expect(yield* pauses(1, 39)).toEqual([22.5, 33.8, 40, 40, 40, 40, 40, 40])
    }),
  )
})

it.effect("a lease is asked for no more where the next pause would end after maxWait", () =>
  Effect.gen(function* () {
    const clock = yield* Effect.clockWith(Effect.succeed)
    const now = () => clock.currentTimeMillisUnsafe()
    const store = credentialStore(tokenStoreCalls(memoryTokenStore({ now })), owner, "ada")
    yield* store.lease("another", 60_000)
    const told: (readonly [number, number])[] = []
    const fiber = yield* withLease(
      {
        ...request(store),
        maxWait: 100,
        onWaited: (duration, attempts) => told.push([Math.round(duration), attempts]),
      },
      () => Effect.succeed("done"),
    ).pipe(
      Effect.provideService(Random.Random, { nextDoubleUnsafe: () => 1, nextIntUnsafe: () => 0 }),
      Effect.flip,
      Effect.forkChild({ startImmediately: true }),
    )
    yield* TestClock.adjust(100)
    expect(yield* Fiber.join(fiber)).toMatchObject({ reason: "leaseTimeout", key: "ada", detail: "for 0 s" })
    // After 22.5 and 33.8 ms. The next pause would be of 50.6 ms.
    expect(told).toEqual([[56, 3]])
  }),
)

it.effect("a lease that had expired when it was prolonged is lost, also where nobody else has it now", () =>
  Effect.gen(function* () {
    const clock = yield* Effect.clockWith(Effect.succeed)
    let ahead = 0
    // The store's own clock: it grants the lease again.
    const store = credentialStore(tokenStoreCalls(memoryTokenStore({ now: () => 0 })), owner, "ada")
    const held: boolean[] = []
    const work = (isHeld: () => boolean) =>
      Effect.gen(function* () {
        held.push(isHeld())
        // The process was stopped, and another one may have held the lease in the meantime.
        ahead = 5000
        yield* TestClock.adjust(1000)
        held.push(isHeld())
        yield* TestClock.adjust(1000)
        held.push(isHeld())
        return "done"
      })
    yield* withLease(request(store), work).pipe(
      Effect.provideService(
        Clock.Clock,
        clockAhead(clock, () => ahead),
      ),
    )
    expect(held).toEqual([true, false, false])
  }),
)
