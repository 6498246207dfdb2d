import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { TokenStore, TokenStoreError } from "../../src/index.js"
import { callStore } from "../../src/store/TokenStore.js"

const failing = (error: unknown, secrets: readonly string[] = []) =>
  Effect.flip(
    callStore(
      "ada",
      () => {
        throw error
      },
      secrets,
    ),
  ).pipe(Effect.provideService(TokenStore, {} as TokenStore["Service"]))

describe("a call of a store", () => {
  it.effect("that never answers does not hang its callers", () =>
    Effect.gen(function* () {
      const call = callStore("ada", () => new Promise<never>(() => {}))
      const fiber = yield* Effect.forkChild(
        Effect.flip(Effect.provideService(call, TokenStore, {} as TokenStore["Service"])),
      )
      yield* TestClock.adjust("10 seconds")
      expect(yield* Fiber.join(fiber)).toMatchObject({
        reason: "unavailable",
        key: "ada",
        detail: "no answer in time",
      })
    }),
  )

  it.effect.each([
    ["a code and a message", Object.assign(new Error("disk full"), { code: "ENOSPC" }), "ENOSPC: disk full"],
    ["a message", new Error("connection refused"), "connection refused"],
    ["a secret", new Error("cannot store abc"), "cannot store [redacted]"],
    ["a record", Object.assign(new Error('near "{"accessToken'), { code: "42601" }), "42601"],
    ["a code that is none", Object.assign(new Error("oops"), { code: "a b" }), "oops"],
    ["nothing", undefined, undefined],
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
})
