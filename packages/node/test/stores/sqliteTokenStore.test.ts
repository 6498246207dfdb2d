import { spawn, spawnSync } from "node:child_process"
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { isMainThread } from "node:worker_threads"
import { TokenStore } from "@ellipsis-oauth/core"
import { testTokenStore } from "@ellipsis-oauth/core/testing"
import * as Effect from "effect/Effect"
import { afterAll, describe, expect, onTestFinished, test, vi } from "vitest"
import { sqliteTokenStoreLayer } from "../../src/effect/index.js"
import { ConfigurationError, sqliteTokenStore, TokenStoreError } from "../../src/index.js"
import { isBusy, toTokenStoreError } from "../../src/stores/sqliteErrors.js"
import { UnusableFile } from "../../src/stores/sqliteFile.js"
import { rejection } from "../fixtures.js"
import { temporaryFolder } from "./folder.js"

const record = (version: string) => ({ value: `k4n4ry-value-${version}`, version })

const openStore = (path: string) => {
  const store = sqliteTokenStore({ path })
  onTestFinished(() => store.close?.())
  return store
}

describe("in a file", () => {
  const path = join(tmpdir(), `ellipsis-oauth-${process.pid}`, "tokens.sqlite")
  const store = sqliteTokenStore({ path })
  const second = sqliteTokenStore({ path })
  afterAll(async () => {
    await store.close?.()
    await second.close?.()
    rmSync(join(path, ".."), { recursive: true })
  })
  testTokenStore({ test, open: () => store, openSecond: () => second })
})

describe("in memory", () => {
  const store = sqliteTokenStore({ path: ":memory:" })
  testTokenStore({ test, open: () => store })

  test("a call that fails removes nothing", async () => {
    await store.write("kept", { value: "value", version: "1" })
    const notText = { value: Symbol("no text") as never, version: "1" }
    expect(await rejection(Promise.resolve(store.write("other", notText)))).toMatchObject({
      _tag: "TokenStoreError",
    })
    expect(await store.read("kept")).toEqual({ value: "value", version: "1" })
  })
})

describe("the file", () => {
  const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

  test("is created on first use, only for this user, with its folder and the files beside it", async () => {
    const folder = join(temporaryFolder(), "a", "b")
    const store = openStore(join(folder, "tokens.sqlite"))
    expect(existsSync(folder)).toBe(false)
    await store.write("key", record("1"))
    const files = readdirSync(folder).sort()
    expect(files).toEqual(["tokens.sqlite", "tokens.sqlite-shm", "tokens.sqlite-wal"])
    if (process.platform === "win32") return
    expect(modeOf(folder)).toBe("700")
    expect(files.map((file) => modeOf(join(folder, file)))).toEqual(["600", "600", "600"])
  })

  test("contains nothing of a removed or replaced record after it is closed", async () => {
    const path = join(temporaryFolder(), "tokens.sqlite")
    const store = openStore(path)
    await store.write("key", record("old"))
    await store.write("key", record("new"))
    await store.write("other", record("removed"))
    await store.remove("other")
    await store.close?.()
    const bytes = readFileSync(path, "latin1")
    expect(bytes).toContain("k4n4ry-value-new")
    expect(bytes).not.toContain("k4n4ry-value-old")
    expect(bytes).not.toContain("k4n4ry-value-removed")
  })

  test("may be a database of the application", async () => {
    const path = join(temporaryFolder(), "app.sqlite")
    const app = new DatabaseSync(path)
    onTestFinished(() => app.close())
    app.exec("CREATE TABLE map (name TEXT); INSERT INTO map VALUES ('world')")
    const store = openStore(path)
    await store.write("key", record("1"))
    expect(app.prepare("SELECT name FROM map").get()).toEqual({ name: "world" })
    expect(await store.read("key")).toEqual(record("1"))
  })

  test("is the same one after the process changed its folder, whatever its name looks like", async ({
    skip,
  }) => {
    if (process.platform === "win32") skip("Windows takes no colon in the name of a file")
    if (!isMainThread) skip("a worker thread may not change the folder of its process")
    const folder = temporaryFolder()
    const before = process.cwd()
    try {
      process.chdir(folder)
      const store = openStore("file:tokens")
      mkdirSync("elsewhere")
      process.chdir("elsewhere")
      await store.write("key", record("1"))
    } finally {
      process.chdir(before)
    }
    expect(existsSync(join(folder, "file:tokens"))).toBe(true)
  })
})

describe("many processes", () => {
  // Each adds 1 to a counter `rounds` times, under the lease, by a write that needs the version it has read.
  const program = `
    const { sqliteTokenStore } = await import(process.argv[1])
    const store = sqliteTokenStore({ path: process.argv[2] })
    const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
    const owner = String(process.pid)
    for (let round = 0; round < 10; round++) {
      while (!(await store.lease("counter", owner, 60_000)).acquired) await pause(2)
      const before = await store.read("counter")
      const count = Number(before?.value ?? 0) + 1
      const written = await store.write("counter", { value: String(count), version: owner + round }, before?.version ?? null)
      if (!written) throw new Error("somebody wrote under this process's lease")
      await store.release("counter", owner)
    }
    await store.close()`

  test("create the file at the same time and share it, and each lease has one holder", async () => {
    const path = join(temporaryFolder(), "tokens.sqlite")
    const source = new URL("../../src/index.ts", import.meta.url).href
    const run = () =>
      new Promise<string>((resolve, reject) => {
        const flags = [
          "--import",
          "tsx",
          "--conditions=@ellipsis-oauth/source",
          "--input-type=module",
          "--eval",
        ]
        const child = spawn(process.execPath, [...flags, program, source, path])
        let printed = ""
        child.stderr.on("data", (chunk) => {
          printed += chunk
        })
        child.on("error", reject)
        child.on("close", (code) => resolve(code === 0 ? "done" : printed))
      })
    expect(await Promise.all(Array.from({ length: 4 }, run))).toEqual(["done", "done", "done", "done"])
    expect((await openStore(path).read("counter"))?.value).toBe("40")
  }, 30_000)

  test("an application that never uses the store does not load SQLite", () => {
    const source = new URL("../../src/index.ts", import.meta.url).href
    const program = `
      const { sqliteTokenStore } = await import(${JSON.stringify(source)})
      sqliteTokenStore({ path: ":memory:" })
      console.log(process.moduleLoadList.filter((name) => name.includes("sqlite")).length)`
    const flags = ["--import", "tsx", "--conditions=@ellipsis-oauth/source", "--input-type=module", "--eval"]
    const { stdout, stderr } = spawnSync(process.execPath, [...flags, program], { encoding: "utf8" })
    expect({ stdout, stderr }).toEqual({ stdout: "0\n", stderr: "" })
  })
})

describe("a locked database", () => {
  const lock = (path: string) => {
    const other = new DatabaseSync(path)
    onTestFinished(() => other.close())
    other.exec("BEGIN IMMEDIATE")
    return other
  }

  test("is waited for without blocking the process", async () => {
    const path = join(temporaryFolder(), "tokens.sqlite")
    const store = openStore(path)
    await store.read("key")
    const other = lock(path)
    const written = store.write("key", record("1"))
    let turns = 0
    const ticks = setInterval(() => {
      // The lock goes only after the event loop had its turns, so that a blocking wait would never end.
      if (++turns === 5) other.exec("COMMIT")
    }, 1)
    expect(await written).toBe(true)
    clearInterval(ticks)
    expect(await store.read("key")).toEqual(record("1"))
  })

  test("can be read", async () => {
    const path = join(temporaryFolder(), "tokens.sqlite")
    const store = openStore(path)
    await store.write("key", record("1"))
    lock(path)
    expect(await store.read("key")).toEqual(record("1"))
  })

  test("that stays locked gives an error that says so", async () => {
    const path = join(temporaryFolder(), "tokens.sqlite")
    const store = openStore(path)
    await store.read("key")
    lock(path)
    const started = performance.now()
    const late = vi.spyOn(performance, "now").mockImplementation(() => started)
    onTestFinished(() => late.mockRestore())
    const failed = rejection(Promise.resolve(store.write("key", record("1"))))
    late.mockImplementation(() => started + 60_000)
    expect(await failed).toMatchObject({
      _tag: "TokenStoreError",
      reason: "unavailable",
      detail: `database is locked: ${path}`,
    })
  })
})

describe("errors", () => {
  const failure = async (call: unknown) => {
    const error = await rejection(Promise.resolve(call))
    expect(error).toBeInstanceOf(TokenStoreError)
    const { reason, key, detail, message } = error as TokenStoreError
    expect(message).not.toContain("k4n4ry")
    return { reason, key, detail }
  }

  test("a file that is not a database", async () => {
    const path = join(temporaryFolder(), "tokens.sqlite")
    writeFileSync(path, "this is a text, and not a short one ".repeat(100))
    const detail = `file is not a database: ${path}; give the path of a SQLite database, or of no file`
    expect(await failure(openStore(path).read("key"))).toEqual({ reason: "unusable", key: "key", detail })
    expect(readFileSync(path, "utf8")).toMatch(/^this is a text/)
  })

  test("a file in place of the folder", async () => {
    const file = join(temporaryFolder(), "file")
    writeFileSync(file, "")
    expect(await failure(openStore(join(file, "tokens.sqlite")).read("key"))).toMatchObject({
      reason: "unusable",
      detail: expect.stringMatching(/(EEXIST|ENOTDIR).*every parent folder of the path must be a folder/),
    })
  })

  test.each(["ellipsis_oauth_record", "ellipsis_oauth_lease"])(
    "another application's table %s stays as it is",
    async (table) => {
      const path = join(temporaryFolder(), "tokens.sqlite")
      const other = new DatabaseSync(path)
      onTestFinished(() => other.close())
      other.exec(`CREATE TABLE ${table} (id INTEGER); INSERT INTO ${table} VALUES (1)`)
      expect(await failure(openStore(path).read("key"))).toEqual({
        reason: "unusable",
        key: "key",
        detail: `the table ${table} does not belong to this store: it has the columns id; give the store a file of its own`,
      })
      expect(other.prepare(`SELECT * FROM ${table}`).all()).toEqual([{ id: 1 }])
    },
  )

  test("a read-only file", async ({ skip }) => {
    if (process.platform === "win32") skip("the permissions of Windows are no modes")
    const asNobody = process.getuid?.() === 0
    if (asNobody && !isMainThread) skip("a worker thread may not become another user")
    const folder = temporaryFolder()
    const path = join(folder, "tokens.sqlite")
    const writer = openStore(path)
    await writer.write("key", record("1"))
    await writer.close?.()
    chmodSync(path, 0o444)
    chmodSync(folder, 0o555)
    if (asNobody) process.seteuid?.(65534)
    try {
      expect(await failure(openStore(path).write("key", record("2")))).toMatchObject({
        reason: "unusable",
        detail: expect.stringMatching(/(readonly|unable to open|EACCES|EPERM).* must be allowed to write/),
      })
    } finally {
      if (asNobody) process.seteuid?.(0)
      chmodSync(folder, 0o700)
    }
    chmodSync(path, 0o600)
    expect(await openStore(path).read("key")).toEqual(record("1"))
  })

  test("a full disk: the write fails, everything else works, and the write works once there is space", async () => {
    const path = join(temporaryFolder(), "tokens.sqlite")
    const limit = { pages: 12 }
    const actual = process.getBuiltinModule("node:sqlite")
    // The limit of a database that its connection sets is what SQLite reports a full disk with as well.
    class Limited extends actual.DatabaseSync {
      override prepare(...args: Parameters<DatabaseSync["prepare"]>) {
        this.exec(`PRAGMA max_page_count = ${limit.pages}`)
        return super.prepare(...args)
      }
    }
    const builtin = vi
      .spyOn(process, "getBuiltinModule")
      .mockReturnValue({ ...actual, DatabaseSync: Limited } as never)
    onTestFinished(() => builtin.mockRestore())

    const store = openStore(path)
    await store.write("small", record("1"))
    const large = { value: "k4n4ry".repeat(10_000), version: "2" }
    const detail = `database or disk is full: ${path}`
    expect(await failure(store.write("small", large, "1"))).toEqual({
      reason: "unavailable",
      key: "small",
      detail,
    })
    expect(await store.read("small")).toEqual(record("1"))
    expect(await store.write("small", record("3"), "1")).toBe(true)
    expect((await store.lease("small", "a", 1000)).acquired).toBe(true)
    expect((await failure(store.write("large", large))).detail).toBe(detail)
    limit.pages = 1000
    expect(await store.write("large", large)).toBe(true)
  })

  test("a closed store", async () => {
    const store = openStore(":memory:")
    await store.read("key")
    await store.close?.()
    await store.close?.()
    expect(await failure(store.read("key"))).toEqual({
      reason: "unusable",
      key: "key",
      detail: "the store is closed; make a new one",
    })
  })

  test("a runtime without node:sqlite", async () => {
    const builtin = vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined as never)
    onTestFinished(() => builtin.mockRestore())
    expect(await failure(openStore(":memory:").read("key"))).toEqual({
      reason: "unusable",
      key: "key",
      detail: "this runtime has no node:sqlite; use Node.js 22.19 or later, or another store",
    })
  })

  test("a damaged file", async () => {
    const path = join(temporaryFolder(), "tokens.sqlite")
    const store = openStore(path)
    await store.write("key", record("1"))
    await store.close?.()
    const bytes = readFileSync(path)
    bytes.fill(0xff, 100)
    writeFileSync(path, bytes)
    expect(await failure(openStore(path).read("key"))).toMatchObject({
      reason: "unusable",
      detail: expect.stringMatching(/malformed.*restore it from a backup/),
    })
  })

  test.each([[undefined], [null], [""], [7], ["a\0b"], [new URL("file:///tokens.sqlite")]])(
    "a bad path: %s",
    (path) => {
      expect(() => sqliteTokenStore({ path: path as string })).toThrow(ConfigurationError)
      expect(() => sqliteTokenStore({ path: path as string })).toThrow(/Option "path" must be /)
    },
  )

  test("a misspelt option", () => {
    expect(() => sqliteTokenStore({ path: ":memory:", readonly: true } as never)).toThrow(
      'Option "readonly" must be one of path',
    )
  })
})

test("the layer closes its store with its scope", async () => {
  const path = join(temporaryFolder(), "tokens.sqlite")
  const program = Effect.gen(function* () {
    const store = yield* TokenStore
    yield* store.write("key", record("1"))
    return store
  })
  const store = await Effect.runPromise(Effect.provide(program, sqliteTokenStoreLayer({ path })))
  expect(await Effect.runPromise(Effect.flip(store.read("key")))).toMatchObject({ reason: "unusable" })
  expect(readdirSync(join(path, ".."))).toEqual(["tokens.sqlite"])
})

describe("an error of SQLite or the file system", () => {
  const path = "/data/tokens.sqlite"
  const sqlite = (errcode: unknown, message = "it failed") => Object.assign(new Error(message), { errcode })
  const system = (code: string) => Object.assign(new Error("it failed"), { code })
  const told = (error: unknown, at = path) => {
    const { reason, key, detail } = toTokenStoreError("the-key", at, error)
    expect(key).toBe("the-key")
    return [reason, detail]
  }

  const permission = "this process must be allowed to write the file and its folder"
  const notThisStores = "give the store a database whose tables ellipsis_oauth_… are its own"
  const noDatabase = "give the path of a SQLite database, or of no file"

  test.each([
    [1, notThisStores],
    [20, notThisStores],
    [3, permission],
    [8, permission],
    [14, permission],
    [22, permission],
    [23, permission],
    [264, permission],
    [11, "restore it from a backup, or move it away: then its users have to log in again"],
    [24, noDatabase],
    [26, noDatabase],
  ])("result code %i says what to change", (errcode, cure) => {
    expect(told(sqlite(errcode))).toEqual(["unusable", `it failed: ${path}; ${cure}`])
  })

  test.each([5, 6, 7, 10, 13, 1032, 266])("result code %i may pass by itself", (errcode) => {
    expect(told(sqlite(errcode))).toEqual(["unavailable", `it failed: ${path}`])
  })

  const folders = "every parent folder of the path must be a folder that exists or can be made"
  test.each([
    ["EACCES", permission],
    ["EPERM", permission],
    ["EROFS", permission],
    ["ENOENT", folders],
    ["ENOTDIR", folders],
    ["EEXIST", folders],
    ["EISDIR", folders],
    ["ELOOP", "a symbolic link leads to itself"],
    ["ENAMETOOLONG", "give a shorter path"],
    ["ERR_ACCESS_DENIED", "allow it with --allow-fs-read and --allow-fs-write"],
  ])("%s says what to change", (code, cure) => {
    expect(told(system(code))).toEqual(["unusable", `it failed: ${path}; ${cure}`])
  })

  test.each([system("EMFILE"), system("ENOSPC"), system("EIO"), new Error("it failed")])(
    "%o may pass by itself",
    (error) => {
      expect(told(error)).toEqual(["unavailable", `it failed: ${path}`])
    },
  )

  test("names the path once, and says when nothing is known", () => {
    expect(told(new Error(`cannot open ${path}`))).toEqual(["unavailable", `cannot open ${path}`])
    expect(told("canary")).toEqual(["unavailable", `unknown failure: ${path}`])
    expect(told({ errcode: 8 })).toEqual(["unavailable", `unknown failure: ${path}`])
    expect(told(new UnusableFile("it is a folder"))).toEqual(["unusable", "it is a folder"])
  })

  test.each([
    [sqlite(5), true],
    [sqlite(6), true],
    [sqlite(261), true],
    [sqlite(517), true],
    [sqlite(262), true],
    [sqlite(8), false],
    [new Error("busy"), false],
    [{ errcode: 5 }, false],
    [undefined, false],
  ])("%o is of a locked database: %s", (error, expected) => {
    expect(isBusy(error)).toBe(expected)
  })
})
