// Leases of SQLite under clocks that are set, restarts of the machine, and holders that never came back.
import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { describe, expect, onTestFinished, test, vi } from "vitest"
import { sqliteTokenStore } from "../../src/index.js"
import { temporaryFolder } from "./folder.js"

const openStore = (path: string) => {
  const store = sqliteTokenStore({ path })
  onTestFinished(() => store.close?.())
  return store
}

const openFile = () => {
  const path = join(temporaryFolder(), "tokens.sqlite")
  const store = openStore(path)
  const database = new DatabaseSync(path)
  onTestFinished(() => database.close())
  return { path, store, database }
}

/** The machine's monotonic clock, in the hands of the test. */
const machine = () => {
  let now = process.hrtime.bigint()
  const clock = vi.spyOn(process.hrtime, "bigint").mockImplementation(() => now)
  onTestFinished(() => clock.mockRestore())
  return {
    elapse: (milliseconds: number) => {
      now += BigInt(milliseconds) * 1_000_000n
    },
  }
}

const setWallClock = (milliseconds: number) => {
  const clock = vi.spyOn(Date, "now").mockReturnValue(Date.now() + milliseconds)
  onTestFinished(() => clock.mockRestore())
}

const countLeases = (database: DatabaseSync) =>
  database.prepare("SELECT count(*) AS leases FROM ellipsis_oauth_lease").get()?.["leases"]

describe("a change of the wall clock", () => {
  test.each([120_000, -120_000, 3_600_000, -86_400_000])("by %i ms changes no lease", async (step) => {
    const { elapse } = machine()
    const { store } = openFile()
    await store.lease("key", "a", 60_000)
    setWallClock(step)
    expect(await store.lease("key", "b", 60_000)).toEqual({ acquired: false, expiresIn: 60_000 })
    elapse(59_999)
    expect(await store.lease("key", "b", 60_000)).toEqual({ acquired: false, expiresIn: 1 })
    elapse(1)
    expect(await store.lease("key", "b", 60_000)).toEqual({ acquired: true, expiresIn: 60_000 })
  })

  const library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
  const hasFaketime = existsSync(library)
  if (!hasFaketime) {
    process.stderr.write("The test of two clocks did not run. To run it: apt-get install faketime (x64).\n")
  }

  test.skipIf(!hasFaketime)(
    "in another process gives it no lease that this one has",
    async () => {
      const { path, store } = openFile()
      await store.lease("key", "a", 60_000)
      const program = `
      const { sqliteTokenStore } = await import(process.argv[1])
      const { acquired } = await sqliteTokenStore({ path: process.argv[2] }).lease("key", "b", 60_000)
      console.log(acquired, Date.now() - Number(process.argv[3]) > 100_000)`
      const source = new URL("../../src/index.ts", import.meta.url).href
      const flags = "--import tsx --conditions=@ellipsis-oauth/source --input-type=module --eval".split(" ")
      const child = spawn(process.execPath, [...flags, program, source, path, String(Date.now())], {
        env: { ...process.env, LD_PRELOAD: library, FAKETIME: "+2m", FAKETIME_DONT_FAKE_MONOTONIC: "1" },
      })
      let printed = ""
      const print = (chunk: Buffer) => {
        printed += chunk
      }
      child.stdout.on("data", print)
      child.stderr.on("data", print)
      await once(child, "close")
      expect(printed).toBe("false true\n")
    },
    20_000,
  )
})

describe("a lease of another clock: from before a restart of the machine, or of a process without a shared clock", () => {
  const leaseOfBefore = async (key: string) => {
    const file = openFile()
    await file.store.lease(key, "a", 60_000)
    file.database.exec("UPDATE ellipsis_oauth_lease SET clock = 'another boot', expires_at = 5")
    return file
  }

  test("ends after it was seen unchanged for its duration", async () => {
    const { elapse } = machine()
    const { store } = await leaseOfBefore("key")
    expect(await store.lease("key", "b", 1000)).toEqual({ acquired: false, expiresIn: 60_000 })
    elapse(59_999)
    expect(await store.lease("key", "b", 1000)).toEqual({ acquired: false, expiresIn: 1 })
    elapse(1)
    expect(await store.lease("key", "b", 1000)).toEqual({ acquired: true, expiresIn: 1000 })
  })

  test("that is prolonged counts as a new one", async () => {
    const { elapse } = machine()
    const { store, database } = await leaseOfBefore("key")
    await store.lease("key", "b", 1000)
    elapse(59_999)
    database.exec("UPDATE ellipsis_oauth_lease SET expires_at = 6")
    expect(await store.lease("key", "b", 1000)).toEqual({ acquired: false, expiresIn: 60_000 })
    elapse(60_000)
    expect((await store.lease("key", "b", 1000)).acquired).toBe(true)
  })

  test("can be prolonged and released by its owner", async () => {
    const { store, database } = await leaseOfBefore("key")
    expect((await store.lease("key", "a", 60_000)).acquired).toBe(true)
    database.exec("UPDATE ellipsis_oauth_lease SET clock = 'another boot'")
    await store.release("key", "a")
    expect((await store.lease("key", "b", 60_000)).acquired).toBe(true)
  })

  test("is taken by one of two processes that saw it end", async () => {
    const { elapse } = machine()
    const { path, store } = await leaseOfBefore("key")
    const other = openStore(path)
    await store.lease("key", "b", 1000)
    await other.lease("key", "c", 1000)
    elapse(60_000)
    expect((await store.lease("key", "b", 1000)).acquired).toBe(true)
    expect(await other.lease("key", "c", 1000)).toEqual({ acquired: false, expiresIn: 1000 })
  })

  test.skipIf(process.platform !== "linux")("is recognised by the boot id of this machine", async () => {
    const { store, database } = openFile()
    await store.lease("key", "a", 1000)
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()
    const row = database.prepare("SELECT clock FROM ellipsis_oauth_lease").get()
    expect(String(row?.["clock"])).toContain(boot)
  })
})

describe("expired leases", () => {
  test("are removed when others are taken", async () => {
    const { elapse } = machine()
    const { store, database } = openFile()
    for (let i = 0; i < 300; i++) await store.lease(`forged ${i}`, "a", 1000)
    expect(countLeases(database)).toBe(300)
    elapse(1000)
    for (let i = 0; i < 30; i++) await store.lease(`key ${i}`, "a", 1000)
    expect(countLeases(database)).toBe(30)
  })

  test("of another clock are removed after they were seen for their duration", async () => {
    const { elapse } = machine()
    const { store, database } = openFile()
    for (let i = 0; i < 8; i++) await store.lease(`old ${i}`, "a", 60_000)
    database.exec("UPDATE ellipsis_oauth_lease SET clock = 'another boot'")
    await store.lease("key", "a", 1_000_000)
    elapse(59_999)
    await store.lease("key", "a", 1_000_000)
    expect(countLeases(database)).toBe(9)
    elapse(1)
    await store.lease("key", "a", 1_000_000)
    expect(countLeases(database)).toBe(1)
  })
})

describe("a file of an earlier version", () => {
  const oldTables = `
    CREATE TABLE ellipsis_oauth_record (
      key TEXT PRIMARY KEY, value TEXT NOT NULL, version TEXT NOT NULL
    ) STRICT;
    CREATE TABLE ellipsis_oauth_lease (
      key TEXT PRIMARY KEY, owner TEXT NOT NULL, expires_at INTEGER NOT NULL, duration INTEGER NOT NULL
    ) STRICT;
    INSERT INTO ellipsis_oauth_record VALUES ('key', 'value', '1');
    INSERT INTO ellipsis_oauth_lease VALUES ('key', 'a', 1, 1);`

  test("keeps its records, with an age that counts from now on", async () => {
    const path = join(temporaryFolder(), "tokens.sqlite")
    const old = new DatabaseSync(path)
    old.exec(oldTables)
    old.close()
    const [store, other] = [openStore(path), openStore(path)]
    expect(await Promise.all([store.read("key"), other.read("key")])).toEqual([
      { value: "value", version: "1" },
      { value: "value", version: "1" },
    ])
    expect((await store.lease("key", "b", 60_000)).acquired).toBe(true)
    expect((await other.lease("key", "c", 60_000)).acquired).toBe(false)
    expect(await store.removeStale({ notWrittenFor: "1 hour" })).toBe(0)
    setWallClock(3_600_000)
    expect(await store.removeStale({ notWrittenFor: "1 hour" })).toBe(1)
    expect(await store.read("key")).toBeUndefined()
  })

  test("has records from a clock that was not set yet: their age counts from now on too", async () => {
    const { store } = openFile()
    const clock = vi.spyOn(Date, "now").mockReturnValue(1000)
    await store.write("key", { value: "value", version: "1" })
    clock.mockRestore()
    expect(await store.removeStale({ notWrittenFor: "1 hour" })).toBe(0)
    expect(await store.read("key")).toEqual({ value: "value", version: "1" })
  })
})

test("removeStale does not block the process while it removes many", async () => {
  const { store, database } = openFile()
  await store.write("new", { value: "value", version: "1" })
  database.exec(`
    WITH RECURSIVE number (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM number WHERE i < 1700)
    INSERT INTO ellipsis_oauth_record SELECT 'old ' || i, 'value', '1', 1735689600000 FROM number`)
  let turns = 0
  const count = () => {
    turns++
    next = setImmediate(count)
  }
  let next = setImmediate(count)
  expect(await store.removeStale({ notWrittenFor: "1 hour" })).toBe(1700)
  clearImmediate(next)
  expect(turns).toBeGreaterThan(2)
  expect(await store.read("new")).toEqual({ value: "value", version: "1" })
})

test.each([[0], [-1], [Number.NaN], [Infinity], ["90"], [undefined], [null]])(
  "removeStale refuses %s",
  async (notWrittenFor) => {
    const store = openStore(":memory:")
    await expect(store.removeStale({ notWrittenFor: notWrittenFor as never })).rejects.toMatchObject({
      _tag: "ConfigurationError",
      option: "notWrittenFor",
    })
  },
)
