import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { describe, test } from "vitest"
import { memoryTokenStore, TokenStore } from "../../src/index.js"
import { testTokenStore } from "../../src/testing/index.js"

describe("with a clock of its own", () => {
  let now = 0
  const store = memoryTokenStore({ now: () => now })
  testTokenStore({
    test,
    open: () => store,
    elapse: async (milliseconds) => {
      now += milliseconds
    },
  })
})

describe("with the system's clock", () => {
  const store = memoryTokenStore()
  testTokenStore({ test, open: () => store })
})

it.effect("as a layer, its leases run by Effect's clock", () =>
  Effect.gen(function* () {
    const store = yield* TokenStore
    yield* store.lease("key", "a", 1000)
    expect(yield* store.lease("key", "b", 1000)).toEqual({ acquired: false, expiresIn: 1000 })
    yield* TestClock.adjust(1000)
    expect(yield* store.lease("key", "b", 1000)).toEqual({ acquired: true, expiresIn: 1000 })
  }).pipe(Effect.provide(TokenStore.memory)),
)
