import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { memoryTokenStore, type TokenStoreAdapter, TokenStoreError, TransportError } from "../../src/index.js"
import { callStore } from "../../src/services/callStore.js"
import { tokenStoreCalls } from "../../src/services/TokenStoreCalls.js"

const failing = (error: unknown, secrets: readonly string[] = []) =>
  Effect.flip(
    callStore({
      key: "ada",
      call: () => {
        throw error
      },
      secrets,
    }),
  )

/** Lets promises run, in real time. */
const breathe = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

describe("a call of a store", () => {
  it.effect("that never responds fails in time", () =>
    Effect.gen(function* () {
      const call = callStore({ key: "ada", call: () => new Promise<never>(() => {}) })
      const fiber = yield* Effect.forkChild(Effect.flip(call), { startImmediately: true })
      yield* TestClock.adjust("10999 millis")
      expect(fiber.pollUnsafe()).toBeUndefined()
      yield* TestClock.adjust("1 millis")
      expect(yield* Fiber.join(fiber)).toMatchObject({
        _tag: "TokenStoreError",
        reason: "unavailable",
        key: "ada",
        detail: "no response in time",
      })
    }),
  )

  it.effect("whose result has arrived when a stopped process goes on succeeds", () =>
    Effect.gen(function* () {
      let settle = (_: string) => {}
      const call = () =>
        new Promise<string>((resolve) => {
          settle = resolve
        })
      const fiber = yield* Effect.forkChild(callStore({ key: "ada", call }), { startImmediately: true })
      // The timer is found first, and the result right after it.
      yield* TestClock.adjust("10 seconds")
      settle("read")
      yield* breathe
      expect(yield* Fiber.join(fiber)).toBe("read")
    }),
  )

  it.effect.each([
    ["a code and a message", Object.assign(new Error("disk full"), { code: "ENOSPC" }), "ENOSPC: disk full"],
    ["a message", new Error("connection refused"), "connection refused"],
    ["a secret", new Error("cannot store abc"), "cannot store [redacted]"],
    ["a record", Object.assign(new Error('near "{"accessToken'), { code: "42601" }), "42601"],
    ["a code that is none", Object.assign(new Error("oops"), { code: "a b" }), "oops"],
    ["nothing", undefined, undefined],
    ["null", null, undefined],
    ["an object with a code and no message", { code: "EIO" }, "EIO"],
    ["a string", "boom", undefined],
  ] as const)("that throws %s", ([, thrown, detail]) =>
    Effect.gen(function* () {
      const error = yield* failing(thrown, ["abc"])
      expect(error).toMatchObject({ _tag: "TokenStoreError", reason: "unavailable", action: "retry" })
      expect(error.detail).toBe(detail)
    }),
  )

  it.effect("that throws a typed error keeps it", () =>
    Effect.gen(function* () {
      const own = new TokenStoreError({ reason: "wrongKey", key: "ada" })
      expect(yield* failing(own)).toBe(own)
    }),
  )

  it.effect("that throws an error of another kind fails as unavailable", () =>
    Effect.gen(function* () {
      const other = new TransportError({ reason: "network", sent: "maybe" })
      expect(yield* failing(other)).toMatchObject({ _tag: "TokenStoreError", reason: "unavailable" })
    }),
  )

  it.effect("that gives null at once gives null", () =>
    Effect.gen(function* () {
      expect(yield* callStore({ key: "ada", call: () => null })).toBeNull()
    }),
  )

  it.effect("that fails after its timeout is ignored", () =>
    Effect.gen(function* () {
      let fail = () => {}
      const late: unknown[] = []
      const call = () =>
        new Promise<string>((_, reject) => {
          fail = () => reject(new Error("too late"))
        })
      const waiting = Effect.flip(callStore({ key: "ada", call, onLate: (result) => late.push(result) }))
      const fiber = yield* Effect.forkChild(waiting, { startImmediately: true })
      yield* TestClock.adjust("11 seconds")
      expect(yield* Fiber.join(fiber)).toMatchObject({ detail: "no response in time" })
      fail()
      yield* breathe
      expect(late).toEqual([])
    }),
  )

  it.effect("may return a value or a promise, and may reject", () =>
    Effect.gen(function* () {
      const rejected = callStore({ key: "ada", call: () => Promise.reject(new Error("no")) })
      expect(yield* Effect.flip(rejected)).toMatchObject({ detail: "no" })
      expect(yield* callStore({ key: "ada", call: () => 1 })).toBe(1)
      expect(yield* callStore({ key: "ada", call: async () => 2 })).toBe(2)
    }),
  )
})

describe("a store", () => {
  it.effect("whose driver quotes a short refresh token does not show it", () =>
    Effect.gen(function* () {
      const store: TokenStoreAdapter = {
        ...memoryTokenStore(),
        write: () => {
          throw new Error("cannot bind parameter rt-7 here")
        },
      }
      const token = JSON.stringify({ accessToken: "at-7", refreshToken: "rt-7" })
      const value = JSON.stringify({ clientId: "app", token })
      const error = yield* Effect.flip(tokenStoreCalls(store).write("ada", { value, version: "1" }))
      expect(error.detail).toBe("cannot bind parameter [redacted] here")
    }),
  )

  it.effect.each([
    ["bare", "rt-7"],
    ["a number in a record, as text", "12345"],
    ["of one character that stands alone", "r"],
  ] as const)("whose driver quotes a refresh token that is %s shows it to nobody", ([, refreshToken]) =>
    Effect.gen(function* () {
      const store: TokenStoreAdapter = {
        ...memoryTokenStore(),
        write: () => Promise.reject(new Error(`duplicate value: ${refreshToken}`)),
      }
      const value = JSON.stringify({ token: JSON.stringify({ accessToken: "at-7", refreshToken }) })
      const error = yield* Effect.flip(tokenStoreCalls(store).write("ada", { value, version: "1" }))
      expect(error.detail).toBe("duplicate value: [redacted]")
      expect(error.message).not.toContain(`: ${refreshToken}`)
    }),
  )

  it.effect(
    "whose driver quotes a short access token, or a record with unusual members, shows no token",
    () =>
      Effect.gen(function* () {
        const store: TokenStoreAdapter = {
          ...memoryTokenStore(),
          write: () => {
            throw new Error("cannot bind at-7 to 12")
          },
        }
        const write = (token: object) =>
          Effect.flip(
            tokenStoreCalls(store).write("ada", {
              value: JSON.stringify({ token: JSON.stringify(token) }),
              version: "1",
            }),
          )
        expect((yield* write({ accessToken: "at-7" })).detail).toBe("cannot bind [redacted] to 12")
        expect((yield* write({ accessToken: 12, refreshToken: { a: 1 } })).detail).toBe(
          "cannot bind at-7 to 12",
        )
      }),
  )

  it.effect("that gives null has no record", () =>
    Effect.gen(function* () {
      const store = tokenStoreCalls({ ...memoryTokenStore(), read: async () => null as never })
      expect(yield* store.read("ada")).toBeUndefined()
    }),
  )

  it.effect("that grants a lease after the timeout gets it released", () =>
    Effect.gen(function* () {
      const memory = memoryTokenStore({ now: () => 0 })
      let grant = () => {}
      const store: TokenStoreAdapter = {
        ...memory,
        lease: async (...request) => {
          await new Promise<void>((resolve) => {
            grant = resolve
          })
          return memory.lease(...request)
        },
      }
      const call = Effect.flip(tokenStoreCalls(store).lease("ada", "late", 60_000))
      const fiber = yield* Effect.forkChild(call, { startImmediately: true })
      yield* TestClock.adjust("11 seconds")
      expect(yield* Fiber.join(fiber)).toMatchObject({ reason: "unavailable" })
      grant()
      yield* breathe
      expect(yield* tokenStoreCalls(memory).lease("ada", "another", 1000)).toMatchObject({ acquired: true })
    }),
  )
})
