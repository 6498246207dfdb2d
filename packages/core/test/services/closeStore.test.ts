import { expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { memoryTokenStore } from "../../src/index.js"
import { closeStore } from "../../src/services/closeStore.js"

it.effect("a store that hangs is closed once, and not waited for, also after the process was stopped", () =>
  Effect.gen(function* () {
    const clock = yield* Clock.Clock
    let stopped = 0
    const late: Clock.Clock = Object.assign(Object.create(clock), {
      currentTimeMillisUnsafe: () => clock.currentTimeMillisUnsafe() + stopped,
    })
    let closes = 0
    const store = {
      ...memoryTokenStore(),
      close: () => {
        closes++
        return new Promise<void>(() => {})
      },
    }
    const closing = closeStore(store).pipe(Effect.provideService(Clock.Clock, late))
    const fiber = yield* Effect.forkChild(closing, { startImmediately: true })
    stopped = 5000
    yield* TestClock.adjust("11 seconds")
    yield* Fiber.join(fiber)
    expect(closes).toBe(1)
  }),
)
