/** Stores with one fault each: the tests for stores must find it. */
import { describe, expect, test } from "vitest"
import { memoryTokenStore, type StoredRecord, type TokenStoreAdapter } from "../../src/index.js"
import { testTokenStore } from "../../src/testing/index.js"

interface Clock {
  now: number
}

type Fault = (store: Required<Omit<TokenStoreAdapter, "close">>, clock: Clock) => Partial<TokenStoreAdapter>

/** The tests that fail, each with its error. */
const failures = async (fault: Fault): Promise<ReadonlyMap<string, unknown>> => {
  const clock = { now: 1_000_000 }
  const memory = memoryTokenStore({ now: () => clock.now })
  const store: TokenStoreAdapter = { ...memory, ...fault(memory, clock) }
  const failed = new Map<string, unknown>()
  const runs: (() => Promise<void>)[] = []
  testTokenStore({
    test: (name, run) =>
      runs.push(() => run().catch((error) => void failed.set(name.replace("token store: ", ""), error))),
    open: () => store,
    elapse: async (milliseconds) => {
      clock.now += milliseconds
    },
  })
  for (const run of runs) await run()
  return failed
}

const findings = async (fault: Fault): Promise<readonly string[]> => [...(await failures(fault)).keys()]

const next = () => new Promise<void>((resolve) => queueMicrotask(resolve))

const mapKeys =
  (map: (key: string) => string): Fault =>
  (store) => ({
    read: (key) => store.read(map(key)),
    write: (key, record, ifVersion) => store.write(map(key), record, ifVersion),
    remove: (key, ifVersion) => store.remove(map(key), ifVersion),
    lease: (key, owner, duration) => store.lease(map(key), owner, duration),
    release: (key, owner) => store.release(map(key), owner),
  })

const mapValues =
  (map: (value: string) => string): Fault =>
  (store) => ({
    write: (key, record, ifVersion) => store.write(key, { ...record, value: map(record.value) }, ifVersion),
  })

const never = "a key that was never written has no record"
const readBack = "a record is read back as it was written, also by a second store"
const anyVersion = "a write without a version replaces any record"
const version = "a write with a version requires that version"
const noRecord = "a write with a null version requires that there is no record"
const removed = "a removed record is gone, and a write with its version fails"
const manyWrites = "of many writes that expect the same version, one wins"
const oneOwner = "a lease has one owner, who can prolong it"
const onlyOwner = "only its owner can release a lease"
const expired = "an expired lease is free, and its old owner cannot release the new one"
const prolonged = "a prolonged lease outlives its first duration"
const manyCallers = "of many callers that request a lease at once, one gets it"
const independent = "leases and records are independent"
const stale = "removeStale, if the store has it, removes records that were not written since"
const large = "a value of 64 KiB is stored, with every kind of character"
const unusual = "unusual keys work, and are all different"

const empty: StoredRecord = { value: "", version: "" }

const faults: readonly (readonly [fault: string, found: string, Fault])[] = [
  [
    "has a record for every key",
    never,
    (store) => ({ read: async (key) => (await store.read(key)) ?? empty }),
  ],
  [
    "says of a write that it failed",
    readBack,
    (store) => ({ write: (...all) => void store.write(...all) as never }),
  ],
  ["loses what it writes", readBack, () => ({ write: () => true })],
  [
    "keeps the first record",
    anyVersion,
    (store) => ({
      write: async (key, record, ifVersion) =>
        ifVersion === undefined && (await store.read(key)) ? true : store.write(key, record, ifVersion),
    }),
  ],
  [
    "refuses to replace a record",
    anyVersion,
    (store) => ({ write: (key, record, ifVersion = null) => store.write(key, record, ifVersion) }),
  ],
  ["ignores versions", version, (store) => ({ write: (key, record) => store.write(key, record) })],
  [
    "writes over a missing record",
    version,
    (store) => ({
      write: async (key, record, ifVersion) =>
        store.write(key, record, (await store.read(key)) === undefined ? undefined : ifVersion),
    }),
  ],
  [
    "takes null for no version",
    noRecord,
    (store) => ({ write: (key, record, ifVersion) => store.write(key, record, ifVersion ?? undefined) }),
  ],
  [
    "refuses a first write with null",
    noRecord,
    (store) => ({
      write: (key, record, ifVersion) => ifVersion !== null && store.write(key, record, ifVersion),
    }),
  ],
  ["removes any version", removed, (store) => ({ remove: (key) => store.remove(key) })],
  ["removes nothing", removed, () => ({ remove: () => true })],
  [
    "removes a record only if a version is given",
    removed,
    (store) => ({
      remove: async (key, ifVersion) =>
        ifVersion === undefined ? (await store.read(key)) !== undefined : store.remove(key, ifVersion),
    }),
  ],
  [
    "says that it removed what was not there",
    removed,
    (store) => ({
      remove: async (key, ifVersion) => {
        const done = await store.remove(key, ifVersion)
        return done || (ifVersion === undefined && (await store.read(key)) === undefined)
      },
    }),
  ],
  [
    "removes a version and says that it did not",
    removed,
    (store) => ({
      remove: async (key, ifVersion) => (await store.remove(key, ifVersion)) && ifVersion === undefined,
    }),
  ],
  [
    "compares a version, and writes later",
    manyWrites,
    (store) => ({
      write: async (key, record, ifVersion) => {
        if (ifVersion !== undefined && ((await store.read(key))?.version ?? null) !== ifVersion) return false
        await next()
        return store.write(key, record)
      },
    }),
  ],
  [
    "gives every lease to everybody",
    oneOwner,
    () => ({ lease: (_key, _owner, expiresIn) => ({ acquired: true, expiresIn }) }),
  ],
  [
    "does not say when the lease ends",
    oneOwner,
    (store) => ({
      lease: async (...all) => ({ acquired: (await store.lease(...all)).acquired, expiresIn: 0 }),
    }),
  ],
  [
    "says that the lease ends later",
    oneOwner,
    (store) => ({
      lease: async (...all) => {
        const { acquired, expiresIn } = await store.lease(...all)
        return { acquired, expiresIn: expiresIn + 1 }
      },
    }),
  ],
  [
    "refuses a lease to its owner",
    oneOwner,
    (store) => {
      let calls = 0
      return { lease: (key, owner, duration) => store.lease(key, `${owner} ${++calls}`, duration) }
    },
  ],
  ["never gives a lease", oneOwner, () => ({ lease: () => ({ acquired: false, expiresIn: 1000 }) })],
  [
    "lets anybody release a lease",
    onlyOwner,
    (store) => ({
      release: async (key) => {
        for (const owner of ["a", "b", "c"]) await store.release(key, owner)
      },
    }),
  ],
  ["releases nothing", onlyOwner, () => ({ release: () => {} })],
  [
    "has leases that never end",
    expired,
    (store) => ({ lease: (key, owner) => store.lease(key, owner, 60_000) }),
  ],
  [
    "lets the old owner of a lease that ended have it back",
    expired,
    (store) => ({
      lease: async (key, owner, duration) =>
        owner === "a" ? { acquired: true, expiresIn: duration } : store.lease(key, owner, duration),
    }),
  ],
  [
    "lets its old owner release the next one's lease",
    expired,
    (store, clock) => {
      const first = new Map<string, { readonly owner: string; readonly until: number }>()
      return {
        lease: async (key, owner, duration) => {
          const lease = await store.lease(key, owner, duration)
          if (lease.acquired && !first.has(key)) first.set(key, { owner, until: clock.now + duration })
          return lease
        },
        release: async (key, owner) => {
          const old = first.get(key)
          const isOld = old?.owner === owner && old.until <= clock.now
          for (const name of isOld ? ["a", "b", "c"] : [owner]) await store.release(key, name)
        },
      }
    },
  ],
  [
    "does not prolong a lease",
    prolonged,
    (store, clock) => {
      const ends = new Map<string, { readonly owner: string; readonly at: number }>()
      return {
        lease: async (key, owner, duration) => {
          const end = ends.get(key)
          if (end?.owner === owner && end.at > clock.now)
            return { acquired: true, expiresIn: end.at - clock.now }
          const lease = await store.lease(key, owner, duration)
          if (lease.acquired) ends.set(key, { owner, at: clock.now + duration })
          return lease
        },
        release: async (key, owner) => {
          if (ends.get(key)?.owner === owner) ends.delete(key)
          await store.release(key, owner)
        },
      }
    },
  ],
  [
    "looks whether a lease is free, and takes it later",
    manyCallers,
    (store) => {
      const owners = new Map<string, string>()
      return {
        lease: async (key, owner, duration) => {
          const holder = owners.get(key)
          await next()
          if (holder !== undefined && holder !== owner) return store.lease(key, owner, duration)
          if (holder !== undefined) await store.release(key, holder)
          owners.set(key, owner)
          await store.lease(key, owner, duration)
          return { acquired: true, expiresIn: duration }
        },
        release: async (key, owner) => {
          if (owners.get(key) === owner) owners.delete(key)
          await store.release(key, owner)
        },
      }
    },
  ],
  [
    "removes the lease with the record",
    independent,
    (store) => ({
      remove: async (key, ifVersion) => {
        for (const owner of ["a", "b"]) await store.release(key, owner)
        return store.remove(key, ifVersion)
      },
    }),
  ],
  [
    "brings a record back with the release of a lease",
    independent,
    (store) => ({
      release: async (key, owner) => {
        await store.release(key, owner)
        await store.write(key, empty)
      },
    }),
  ],
  [
    "removes every record as stale",
    stale,
    (store, clock) => ({
      removeStale: async (options) => {
        const count = await store.removeStale(options)
        clock.now += 10_000_000
        await store.removeStale({ notWrittenFor: 1 })
        clock.now -= 10_000_000
        return count
      },
    }),
  ],
  ["removes no record as stale", stale, () => ({ removeStale: () => 0 })],
  [
    "does not say how many stale records it removed",
    stale,
    (store) => ({ removeStale: async (options) => Number(await store.removeStale(options)) * 0 }),
  ],
  [
    "counts a stale record again",
    stale,
    (store) => ({ removeStale: async (options) => Math.max(1, await store.removeStale(options)) }),
  ],
  [
    "keeps stale records, and counts them",
    stale,
    (store) => {
      let count = 1
      return {
        removeStale: async ({ notWrittenFor }) => {
          if (notWrittenFor === 0) return store.removeStale({ notWrittenFor })
          return notWrittenFor === 1000 ? count-- : 0
        },
      }
    },
  ],
  [
    "removes the leases of stale records",
    stale,
    (store) => {
      const keys = new Set<string>()
      return {
        write: (key, record, ifVersion) => {
          keys.add(key)
          return store.write(key, record, ifVersion)
        },
        removeStale: async (options) => {
          for (const key of keys) await store.release(key, "a")
          return store.removeStale(options)
        },
      }
    },
  ],
  [
    "takes any age for stale records",
    stale,
    (store) => ({
      removeStale: async (options) => (options.notWrittenFor === 0 ? 0 : store.removeStale(options)),
    }),
  ],
  ["cuts long values off", large, mapValues((value) => value.slice(0, 65_000))],
  [
    "refuses long values",
    large,
    (store) => ({
      write: (key, record, ifVersion) => record.value.length < 4096 && store.write(key, record, ifVersion),
    }),
  ],
  ["keeps no characters outside ASCII", large, mapValues((value) => value.replaceAll(/[^\x20-\x7f]/g, "?"))],
  ["trims keys", unusual, mapKeys((key) => key.trim())],
  ["does not tell capital letters apart", unusual, mapKeys((key) => key.toLowerCase())],
  ["normalizes keys", unusual, mapKeys((key) => key.normalize("NFC"))],
  ["cuts long keys off", unusual, mapKeys((key) => key.slice(0, 255))],
  [
    "loses the release of unusual keys",
    unusual,
    (store) => ({
      lease: (key, owner, duration) =>
        owner === key ? { acquired: false, expiresIn: 1 } : store.lease(key, owner, duration),
    }),
  ],
]

describe("a store that", () => {
  test.each(faults)("%s fails: %s", async (_, found, fault) => {
    expect(await findings(fault)).toContain(found)
  })
})

test("a good store passes, also without removeStale", async () => {
  expect(await findings(() => ({}))).toEqual([])
  expect(await findings(() => ({ removeStale: undefined }) as object)).toEqual([])
})

test("each test has keys of its own", async () => {
  const seen: string[] = []
  await findings((store) => ({
    read: (key) => {
      seen.push(key)
      return store.read(key)
    },
  }))
  const before = new Set(seen)
  seen.length = 0
  await findings((store) => ({
    read: (key) => {
      seen.push(key)
      return store.read(key)
    },
  }))
  expect(seen.filter((key) => before.has(key))).toEqual([])
})

test.each<[string, Fault, string]>([
  [readBack, () => ({ write: () => true }), 'The store returned undefined instead of {"value":"value of 1",'],
  [
    oneOwner,
    (store) => ({
      lease: async (...all) => {
        const { acquired, expiresIn } = await store.lease(...all)
        return { acquired, expiresIn: expiresIn + 1 }
      },
    }),
    "The store returned 60001 instead of a number from 1 to 60000.",
  ],
  [stale, () => ({ removeStale: () => 0 }), "instead of"],
  [
    stale,
    (store) => ({
      removeStale: async ({ notWrittenFor }) =>
        notWrittenFor === 0 ? 0 : store.removeStale({ notWrittenFor }),
    }),
    "The store accepted an option that it must refuse.",
  ],
])("the failure of %j says what the store did", async (name, fault, message) => {
  expect((await failures(fault)).get(name)).toMatchObject({ message: expect.stringContaining(message) })
})
