import { describe, expect, it } from "vitest"
import type { PlatformClock } from "../../src/common/PlatformClock.js"
import { TokenStoreError } from "../../src/index.js"
import { callStore } from "../../src/store/callStore.js"
import type { TokenStoreAdapter } from "../../src/store/TokenStore.js"
import { rejection } from "../sessions.js"

const store = {} as TokenStoreAdapter

/** A clock on which nobody waits; it tells for how long somebody wanted to. */
const impatient = (waits: number[]): PlatformClock => ({
  now: () => 0,
  monotonic: () => 0,
  sleep: async (milliseconds) => {
    waits.push(milliseconds)
  },
})

/** A clock on which time stands still. */
const still: PlatformClock = { now: () => 0, monotonic: () => 0, sleep: () => new Promise(() => {}) }

const failing = (error: unknown, secrets: readonly string[] = []) =>
  rejection(
    callStore(
      { store, clock: still },
      "ada",
      () => {
        throw error
      },
      secrets,
    ),
  )

describe("a call of a store", () => {
  it("that never answers does not hang its callers", async () => {
    const waits: number[] = []
    const call = callStore({ store, clock: impatient(waits) }, "ada", () => new Promise<never>(() => {}))
    expect(await rejection(call)).toMatchObject({
      _tag: "TokenStoreError",
      reason: "unavailable",
      key: "ada",
      detail: "no answer in time",
    })
    expect(waits).toEqual([10_000])
  })

  it.each([
    ["a code and a message", Object.assign(new Error("disk full"), { code: "ENOSPC" }), "ENOSPC: disk full"],
    ["a message", new Error("connection refused"), "connection refused"],
    ["a secret", new Error("cannot store abc"), "cannot store [redacted]"],
    ["a record", Object.assign(new Error('near "{"accessToken'), { code: "42601" }), "42601"],
    ["a code that is none", Object.assign(new Error("oops"), { code: "a b" }), "oops"],
    ["nothing", undefined, undefined],
    ["a string", "boom", undefined],
  ] as const)("that throws %s", async (_, thrown, detail) => {
    const error = await failing(thrown, ["abc"])
    expect(error).toMatchObject({ _tag: "TokenStoreError", reason: "unavailable", action: "retry" })
    expect((error as TokenStoreError).detail).toBe(detail)
  })

  it("that throws a typed error keeps it", async () => {
    const own = new TokenStoreError({ reason: "wrongKey", key: "ada" })
    expect(await failing(own)).toBe(own)
  })
})
