/** Tests for every token store, for any runner whose `test` takes a name and an async function. */
import * as Effect from "effect/Effect"
import type { StoredRecord, TokenStoreAdapter } from "../services/TokenStoreAdapter.js"

/** The options of `testTokenStore`. */
export interface TestTokenStoreOptions {
  /** The `test` of your runner: Vitest, Jest, Mocha's `it` or `node:test`. */
  readonly test: (name: string, run: () => Promise<void>) => unknown
  /**
   * Opens a store. Each test uses its own keys, so all tests may share one database. Only the test of `removeStale` removes
   * every record that was not written for a second.
   */
  readonly open: () => TokenStoreAdapter | Promise<TokenStoreAdapter>
  /** Opens a second store on the same data, like another process; `open` again if left out. */
  readonly openSecond?: () => TokenStoreAdapter | Promise<TokenStoreAdapter>
  /** Moves the store's clock forward, in milliseconds; waits in real time if left out. */
  readonly elapse?: (milliseconds: number) => Promise<void>
}

/** Declares the tests: `testTokenStore({ test, open: () => myStore() })`. */
export const testTokenStore = (options: TestTokenStoreOptions): void => {
  const { test, open, openSecond = open } = options
  const elapse = options.elapse ?? ((milliseconds) => Effect.runPromise(Effect.sleep(milliseconds)))
  const declare = (
    name: string,
    run: (key: string, store: TokenStoreAdapter, other: TokenStoreAdapter) => Promise<void>,
  ) => test(`token store: ${name}`, async () => run(uniqueKey(name), await open(), await openSecond()))

  declare("a key that was never written has no record", async (key, store) => {
    isNone(await store.read(key))
  })

  declare("a record is read back as it was written, also by a second store", async (key, store, other) => {
    equal(await store.write(key, record("1")), true)
    equal(await store.read(key), record("1"))
    equal(await other.read(key), record("1"))
  })

  declare("a write without a version replaces any record", async (key, store) => {
    await store.write(key, record("1"))
    equal(await store.write(key, record("2")), true)
    equal(await store.read(key), record("2"))
  })

  declare("a write with a version requires that version", async (key, store) => {
    equal(await store.write(key, record("2"), "1"), false)
    isNone(await store.read(key))
    await store.write(key, record("1"))
    equal(await store.write(key, record("2"), "1"), true)
    equal(await store.write(key, record("3"), "1"), false)
    equal(await store.read(key), record("2"))
  })

  declare("a write with a null version requires that there is no record", async (key, store) => {
    equal(await store.write(key, record("1"), null), true)
    equal(await store.write(key, record("2"), null), false)
    equal(await store.read(key), record("1"))
  })

  declare("a removed record is gone, and a write with its version fails", async (key, store) => {
    equal(await store.remove(key), false)
    await store.write(key, record("1"))
    equal(await store.remove(key, "0"), false)
    equal(await store.remove(key, "1"), true)
    isNone(await store.read(key))
    equal(await store.write(key, record("2"), "1"), false)
    await store.write(key, record("3"))
    equal(await store.remove(key), true)
    isNone(await store.read(key))
  })

  declare("of many writes that expect the same version, one wins", async (key, store, other) => {
    await store.write(key, record("0"))
    const attempts = Array.from({ length: 20 }, async (_, i) =>
      (i % 2 === 0 ? store : other).write(key, record(`w${i}`), "0"),
    )
    const results = await Promise.all(attempts)
    equal(results.filter(Boolean).length, 1)
    equal(await store.read(key), record(`w${results.indexOf(true)}`))
  })

  declare("a lease has one owner, who can prolong it", async (key, store, other) => {
    equal((await store.lease(key, "a", 60_000)).acquired, true)
    const refused = await other.lease(key, "b", 60_000)
    equal(refused.acquired, false)
    isBetween(refused.expiresIn, 1, 60_000)
    equal((await store.lease(key, "a", 60_000)).acquired, true)
  })

  declare("only its owner can release a lease", async (key, store, other) => {
    await store.lease(key, "a", 60_000)
    await other.release(key, "b")
    equal((await other.lease(key, "b", 60_000)).acquired, false)
    await store.release(key, "a")
    equal((await other.lease(key, "b", 60_000)).acquired, true)
    await store.release(key, "a")
    equal((await store.lease(key, "a", 60_000)).acquired, false)
  })

  declare(
    "an expired lease is free, and its old owner cannot release the new one",
    async (key, store, other) => {
      await store.lease(key, "a", 100)
      await elapse(150)
      equal((await other.lease(key, "b", 60_000)).acquired, true)
      equal((await store.lease(key, "a", 60_000)).acquired, false)
      await store.release(key, "a")
      equal((await store.lease(key, "c", 60_000)).acquired, false)
    },
  )

  declare("a prolonged lease outlives its first duration", async (key, store, other) => {
    await store.lease(key, "a", 200)
    await elapse(100)
    await store.lease(key, "a", 60_000)
    await elapse(150)
    equal((await other.lease(key, "b", 60_000)).acquired, false)
  })

  declare("of many callers that request a lease at once, one gets it", async (key, store, other) => {
    const attempts = Array.from({ length: 20 }, async (_, i) =>
      (i % 2 === 0 ? store : other).lease(key, `owner ${i}`, 60_000),
    )
    const leases = await Promise.all(attempts)
    equal(leases.filter(({ acquired }) => acquired).length, 1)
  })

  declare("leases and records are independent", async (key, store) => {
    await store.write(key, record("1"))
    await store.lease(key, "a", 60_000)
    equal(await store.read(key), record("1"))
    await store.remove(key)
    equal((await store.lease(key, "b", 60_000)).acquired, false)
    await store.release(key, "a")
    isNone(await store.read(key))
  })

  declare(
    "removeStale, if the store has it, removes records that were not written since",
    async (key, store, other) => {
      if (store.removeStale === undefined) return
      const keys = ["old", "written again", "new"].map((name) => `${name} ${key}`)
      const [old = "", again = "", fresh = ""] = keys
      await store.write(old, record("1"))
      await store.write(again, record("1"))
      await store.lease(old, "a", 60_000)
      await elapse(1100)
      await other.write(again, record("2"), "1")
      await other.write(fresh, record("1"), null)
      await store.removeStale({ notWrittenFor: "1 day" })
      equal(await store.read(old), record("1"))
      isBetween(await store.removeStale({ notWrittenFor: 1000 }), 1, Number.MAX_SAFE_INTEGER)
      isNone(await other.read(old))
      equal(await other.read(again), record("2"))
      equal(await other.read(fresh), record("1"))
      equal((await other.lease(old, "b", 60_000)).acquired, false)
      equal(await store.removeStale({ notWrittenFor: 1000 }), 0)
      await rejects(async () => store.removeStale?.({ notWrittenFor: 0 }))
    },
  )

  declare("a value of 64 KiB is stored, with every kind of character", async (key, store) => {
    const value = `"\\'\u0001\n€𝄞${"x".repeat(64 * 1024 - 12)}`
    equal(await store.write(key, { value, version: "1" }), true)
    equal((await store.read(key))?.value === value, true)
  })

  declare("unusual keys work, and are all different", async (key, store) => {
    const keys = oddKeys.map((odd) => `${odd}${key}`)
    for (const odd of keys) equal(await store.write(odd, record(odd), null), true)
    for (const odd of keys) equal(await store.read(odd), record(odd))
    for (const odd of keys) equal((await store.lease(odd, odd, 60_000)).acquired, true)
    for (const odd of keys) await store.release(odd, odd)
    for (const odd of keys) equal(await store.remove(odd), true)
  })
}

const oddKeys = [
  "",
  " ",
  "a",
  "A",
  "a ",
  "..",
  "/",
  "\\",
  "%",
  "%25",
  "_",
  "*",
  "?",
  ":",
  "{",
  "}",
  "'",
  '"',
  "; DROP TABLE x; --",
  "\n",
  "\r\n",
  "\t",
  "__proto__",
  "constructor",
  "é",
  "e\u0301",
  "🗺️",
  "ключ",
  "x".repeat(440),
  `${"x".repeat(439)}y`,
]

const record = (version: string): StoredRecord => ({ value: `value of ${version}`, version })

let keys = 0

/** A key that no other test, run or process uses. */
const uniqueKey = (name: string): string =>
  `${name.slice(0, 20)}:${++keys}:${Math.random().toString(36).slice(2)}${Math.random().toString(36).slice(2)}`

const equal = (actual: unknown, expected: unknown): void => {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) {
    throw new Error(`The store returned ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}.`)
  }
}

/** A store in JavaScript may return null if there is no record. */
const isNone = (actual: StoredRecord | null | undefined): void => equal(actual ?? undefined, undefined)

const isBetween = (actual: number, least: number, most: number): void => {
  if (!(actual >= least && actual <= most)) {
    throw new Error(`The store returned ${actual} instead of a number from ${least} to ${most}.`)
  }
}

const rejects = async (run: () => Promise<unknown>): Promise<void> => {
  try {
    await run()
  } catch {
    return
  }
  throw new Error("The store accepted an option that it must refuse.")
}
