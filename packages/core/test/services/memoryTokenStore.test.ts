import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { describe, onTestFinished, test, vi } from "vitest"
import { ConfigurationError, memoryTokenStore, TokenStore } from "../../src/index.js"
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

describe("with null where there is no record", () => {
  const memory = memoryTokenStore()
  const read = async (key: string) => (await memory.read(key)) ?? (null as never)
  testTokenStore({ test, open: () => ({ ...memory, read }) })
})

test("leases that ended are removed as others are taken", () => {
  let now = 0
  const sizes: number[] = []
  const spy = vi.spyOn(Map.prototype, "set")
  onTestFinished(() => spy.mockRestore())
  const store = memoryTokenStore({ now: () => now })
  for (let i = 0; i < 300; i++) {
    void store.lease(`forged ${i}`, "a", 1000)
    now += 100
    const leases = spy.mock.contexts.at(-1)
    sizes.push(leases instanceof Map ? leases.size : Number.NaN)
  }
  expect(Math.max(...sizes)).toBeLessThan(40)
})

test("a change of the wall clock ends no lease", async () => {
  const store = memoryTokenStore()
  await store.lease("key", "a", 60_000)
  const wall = vi.spyOn(Date, "now").mockReturnValue(Date.now() + 120_000)
  onTestFinished(() => wall.mockRestore())
  expect((await store.lease("key", "b", 60_000)).acquired).toBe(false)
})

test.each(["90 days", "2 weeks", 7_776_000_000] as const)("removeStale takes %s", async (notWrittenFor) => {
  let now = 0
  const store = memoryTokenStore({ now: () => now })
  await store.write("key", { value: "value", version: "1" })
  now = 86_400_000
  expect(await store.removeStale({ notWrittenFor })).toBe(0)
  now = 91 * 86_400_000
  expect(await store.removeStale({ notWrittenFor })).toBe(1)
})

test.each([[0], [-1], [Number.NaN], [Infinity], ["90"], ["ninety days"], [undefined], [null]])(
  "removeStale refuses %s",
  (notWrittenFor) => {
    const call = () => memoryTokenStore().removeStale({ notWrittenFor: notWrittenFor as never })
    expect(call).toThrow(ConfigurationError)
    expect(call).toThrow('Option "notWrittenFor"')
  },
)

it.effect("as a layer, its leases run by Effect's clock", () =>
  Effect.gen(function* () {
    const store = yield* TokenStore
    yield* store.lease("key", "a", 1000)
    expect(yield* store.lease("key", "b", 1000)).toEqual({ acquired: false, expiresIn: 1000 })
    yield* TestClock.adjust(1000)
    expect(yield* store.lease("key", "b", 1000)).toEqual({ acquired: true, expiresIn: 1000 })
  }).pipe(Effect.provide(TokenStore.memory)),
)

test("a lease is over at the millisecond at which it ends, and not before", async () => {
  let now = 0
  const store = memoryTokenStore({ now: () => now })
  expect(await store.lease("ada", "first", 1000)).toMatchObject({ acquired: true })
  now = 999
  expect(await store.lease("ada", "second", 1000)).toEqual({ acquired: false, expiresIn: 1 })
  now = 1000
  expect(await store.lease("ada", "second", 1000)).toMatchObject({ acquired: true })
})

test("a misspelt option, and a clock that is not a function, are refused", () => {
  expect(() => memoryTokenStore({ clock: () => 0 } as never)).toThrow('Option "clock" must be one of now')
  expect(() => memoryTokenStore({ now: 0 as never })).toThrow('Option "now" must be a function, got 0')
})

test("release and remove do nothing if there is nothing", async () => {
  const store = memoryTokenStore()
  expect(await store.release("nobody", "first")).toBeUndefined()
  expect(await store.remove("nobody", "1")).toBe(false)
  expect(await store.write("nobody", { value: "v", version: "2" }, "1")).toBe(false)
})

test("a record that was not written for exactly that long is stale", async () => {
  let now = 0
  const store = memoryTokenStore({ now: () => now })
  await store.write("key", { value: "v", version: "1" })
  now = 999
  expect(await store.removeStale({ notWrittenFor: 1000 })).toBe(0)
  now = 1000
  expect(await store.removeStale({ notWrittenFor: 1000 })).toBe(1)
})
