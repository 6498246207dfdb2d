// What may be at the path of a SQLite store, and what happens to it while processes have it open.
import { spawnSync } from "node:child_process"
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync, type SQLInputValue } from "node:sqlite"
import { isMainThread } from "node:worker_threads"
import { TokenStoreError } from "@ellipsis-oauth/core"
import { describe, expect, onTestFinished, test, vi } from "vitest"
import { sqliteTokenStore } from "../../src/index.js"
import { identify, removeOrphans } from "../../src/stores/sqliteFile.js"
import { rejection } from "../fixtures.js"
import { temporaryFolder } from "./folder.js"

const record = (version: string) => ({ value: `k4n4ry-value-${version}`, version })

const openStore = (path: string) => {
  const store = sqliteTokenStore({ path })
  onTestFinished(() => store.close?.())
  return store
}

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

const failure = async (call: unknown) => {
  const error = await rejection(Promise.resolve(call))
  expect(error).toBeInstanceOf(TokenStoreError)
  const { reason, action, detail } = error as TokenStoreError
  return { reason, action, detail }
}

const unusable = (detail: unknown) => ({ reason: "unusable", action: "fix", detail })

/** Runs as a user who owns nothing; `undefined` where this process may not become one, as no worker thread may. */
const asNobody = isMainThread && process.getuid?.() === 0 ? 65534 : undefined
if (asNobody === undefined) {
  process.stderr.write(
    "The tests of a file of another user did not run. To run them: as root, and not in a worker thread.\n",
  )
}

const succeeds = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0

/** Whether this process may mount: root on Linux, and not in every container. */
const mayMount = (): boolean => {
  const folder = mkdtempSync(join(tmpdir(), "ellipsis-oauth-"))
  const isMounted = succeeds("mount", "-t", "tmpfs", "tmpfs", folder)
  if (isMounted) succeeds("umount", folder)
  else process.stderr.write("The tests of mounts did not run. To run them: Linux, as root.\n")
  rmSync(folder, { recursive: true })
  return isMounted
}

const canMount = process.platform !== "win32" && mayMount()

const becomeNobody = () => {
  process.setegid?.(65534)
  process.seteuid?.(65534)
  onTestFinished(() => {
    process.seteuid?.(0)
    process.setegid?.(0)
  })
}

describe.skipIf(process.platform === "win32")("what is at the path", () => {
  test("a folder is refused at once, and stays as it was", async () => {
    const path = join(temporaryFolder(), "tokens")
    mkdirSync(path, { mode: 0o755 })
    chmodSync(path, 0o755)
    const detail = `${path} is a folder; give the path of a file in it`
    expect(await failure(openStore(path).read("key"))).toEqual(unusable(detail))
    expect(modeOf(path)).toBe("755")
  })

  test("a named pipe is refused instead of waited for", async () => {
    const path = join(temporaryFolder(), "pipe")
    expect(succeeds("mkfifo", path)).toBe(true)
    const detail = `${path} is not a regular file; give the path of one`
    expect(await failure(openStore(path).read("key"))).toEqual(unusable(detail))
  })

  test.each([0o644, 0o660, 0o600])("an existing file keeps its mode %o", async (mode) => {
    const path = join(temporaryFolder(), "tokens.sqlite")
    writeFileSync(path, "")
    chmodSync(path, mode)
    const store = openStore(path)
    expect(await store.write("key", record("1"))).toBe(true)
    const files = [path, `${path}-wal`, `${path}-shm`]
    expect(files.map(modeOf)).toEqual(files.map(() => mode.toString(8)))
  })

  test("the target of a symbolic link keeps its mode, and is written", async () => {
    const folder = temporaryFolder()
    const target = join(folder, "target.sqlite")
    writeFileSync(target, "")
    chmodSync(target, 0o640)
    symlinkSync("target.sqlite", join(folder, "tokens.sqlite"))
    await openStore(join(folder, "tokens.sqlite")).write("key", record("1"))
    expect(modeOf(target)).toBe("640")
    expect(await openStore(target).read("key")).toEqual(record("1"))
  })

  test("a symbolic link to a missing file: the file is created only for this user", async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, "disk"))
    symlinkSync("second", join(folder, "tokens.sqlite"))
    symlinkSync(join("disk", "target.sqlite"), join(folder, "second"))
    await openStore(join(folder, "tokens.sqlite")).write("key", record("1"))
    expect(modeOf(join(folder, "disk", "target.sqlite"))).toBe("600")
    expect(modeOf(join(folder, "disk", "target.sqlite-wal"))).toBe("600")
  })

  test("a symbolic link to a missing disk: no folder is created", async () => {
    const folder = temporaryFolder()
    const path = join(folder, "tokens.sqlite")
    const target = join(folder, "disk", "target.sqlite")
    symlinkSync(target, path)
    const detail = `${path} is a symbolic link to ${target}, whose folder does not exist; make it`
    expect(await failure(openStore(path).read("key"))).toEqual(unusable(detail))
    expect(existsSync(join(folder, "disk"))).toBe(false)
  })

  test("a symbolic link to itself is refused", async () => {
    const path = join(temporaryFolder(), "tokens.sqlite")
    symlinkSync(path, path)
    expect(await failure(openStore(path).read("key"))).toEqual(
      unusable(expect.stringMatching(/ELOOP.*leads to itself/)),
    )
  })

  test("a folder that is a broken symbolic link is refused", async () => {
    const folder = join(temporaryFolder(), "data")
    symlinkSync(join(folder, "..", "disk"), folder)
    expect(await failure(openStore(join(folder, "tokens.sqlite")).read("key"))).toEqual(
      unusable(expect.stringContaining("every parent folder of the path must be a folder")),
    )
  })

  test.skipIf(!canMount)("a file that is mounted without its folder is refused", async () => {
    const path = join(temporaryFolder(), "tokens of \\ all.sqlite")
    writeFileSync(path, "")
    expect(succeeds("mount", "--bind", path, path)).toBe(true)
    onTestFinished(() => {
      succeeds("umount", path)
    })
    const detail = `${path} is mounted as a single file; mount its folder instead`
    expect(await failure(openStore(path).read("key"))).toEqual(unusable(detail))
  })

  test.skipIf(!canMount)(
    "a volume that may be read only is refused, and works once it may be written",
    async () => {
      const folder = temporaryFolder()
      expect(succeeds("mount", "-t", "tmpfs", "tmpfs", folder)).toBe(true)
      onTestFinished(() => {
        succeeds("umount", "--lazy", folder)
      })
      const path = join(folder, "tokens.sqlite")
      const writer = openStore(path)
      await writer.write("key", record("1"))
      await writer.close?.()
      expect(succeeds("mount", "-o", "remount,ro", folder)).toBe(true)
      const store = openStore(path)
      const refused = unusable(expect.stringContaining("must be allowed to write the file and its folder"))
      expect(await failure(store.write("key", record("2")))).toEqual(refused)
      expect(await failure(openStore(join(folder, "new.sqlite")).read("key"))).toEqual(refused)
      expect(succeeds("mount", "-o", "remount,rw", folder)).toBe(true)
      expect(await store.write("key", record("2"), "1")).toBe(true)
    },
  )

  test.skipIf(asNobody === undefined)(
    "a file of another user, which this one may write and not chmod, works",
    async () => {
      const folder = temporaryFolder()
      chownSync(folder, 0, 65534)
      chmodSync(folder, 0o2770)
      const path = join(folder, "tokens.sqlite")
      writeFileSync(path, "")
      chownSync(path, 0, 65534)
      chmodSync(path, 0o664)
      const store = sqliteTokenStore({ path })
      becomeNobody()
      expect(() => chmodSync(path, 0o600)).toThrow("EPERM")
      expect(await store.write("key", record("1"), null)).toBe(true)
      expect(await store.read("key")).toEqual(record("1"))
      await store.close?.()
      expect(modeOf(path)).toBe("664")
    },
  )

  test.skipIf(asNobody === undefined)("a file that this user may not read", async () => {
    const folder = temporaryFolder()
    chmodSync(folder, 0o755)
    const path = join(folder, "tokens.sqlite")
    writeFileSync(path, "", { mode: 0o600 })
    const store = sqliteTokenStore({ path })
    becomeNobody()
    expect(await failure(store.read("key"))).toEqual(unusable(expect.stringContaining("must be allowed")))
  })

  test("a lack of file descriptors is temporary", () => {
    const path = join(temporaryFolder(), "tokens.sqlite")
    const source = new URL("../../src/index.ts", import.meta.url).href
    const program = `
      const { openSync, closeSync } = await import("node:fs")
      const { sqliteTokenStore } = await import(process.argv[1])
      const path = process.argv[2]
      const first = sqliteTokenStore({ path })
      await first.write("key", { value: "value", version: "1" })
      await first.close()
      const open = []
      try { for (;;) open.push(openSync("/dev/null")) } catch {}
      const store = sqliteTokenStore({ path })
      const { reason } = await store.read("key").catch((error) => error)
      for (const descriptor of open) closeSync(descriptor)
      console.log(reason, (await store.read("key")).value)`
    const flags = "--import tsx --conditions=@ellipsis-oauth/source --input-type=module --eval"
    const limited = ["-c", 'ulimit -n 200; exec "$@"', "sh", process.execPath, ...flags.split(" ")]
    const { stdout, stderr } = spawnSync("sh", [...limited, program, source, path], { encoding: "utf8" })
    expect({ stdout, stderr }).toEqual({ stdout: "unavailable value\n", stderr: "" })
  })
})

describe.skipIf(process.platform === "win32")(
  "a file that is deleted or replaced under a running process",
  () => {
    const remove = (path: string) => {
      for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix, { force: true })
    }

    test.each([
      ["with the files beside it", remove],
      ["alone", (path: string) => unlinkSync(path)],
      ["with its folder", (path: string) => rmSync(join(path, ".."), { recursive: true })],
    ])("%s: what is written then is there after a restart", async (_, destroy) => {
      const path = join(temporaryFolder(), "data", "tokens.sqlite")
      const store = openStore(path)
      await store.write("key", record("1"))
      destroy(path)
      expect(await store.read("key")).toBeUndefined()
      expect(await store.write("key", record("2"), null)).toBe(true)
      expect(await openStore(path).read("key")).toEqual(record("2"))
      expect(modeOf(path)).toBe("600")
      await store.close?.()
      expect(await openStore(path).read("key")).toEqual(record("2"))
    })

    test("all processes continue with the current file", async () => {
      const path = join(temporaryFolder(), "tokens.sqlite")
      const [one, two] = [openStore(path), openStore(path)]
      await one.write("key", record("1"))
      await two.read("key")
      await one.lease("key", "a", 60_000)
      const backup = `${path}.backup`
      const database = new DatabaseSync(path)
      database.exec(`VACUUM INTO '${backup}'`)
      database.close()
      await one.write("key", record("2"))
      remove(path)
      copyFileSync(backup, path)
      expect(await one.read("key")).toEqual(record("1"))
      expect((await two.lease("key", "b", 60_000)).acquired).toBe(false)
      expect(await two.write("key", record("3"), "1")).toBe(true)
      expect(await one.read("key")).toEqual(record("3"))
      renameSync(backup, path)
      expect(await one.read("key")).toEqual(record("1"))
      expect(await two.read("key")).toEqual(record("1"))
    })

    test.each([
      ["each file", ["-wal", "-shm"]],
      ["the -wal file", ["-wal"]],
      ["the -shm file", ["-shm"]],
    ])("the same if %s beside it is deleted", async (_, suffixes) => {
      const path = join(temporaryFolder(), "tokens.sqlite")
      const store = openStore(path)
      await store.write("key", record("1"))
      for (const suffix of suffixes) rmSync(path + suffix)
      expect(await store.write("key", record("2"))).toBe(true)
      // As another process sees it, and as it is after this one is killed.
      expect(await openStore(path).read("key")).toEqual(record("2"))
    })

    test("another target of a symbolic link is another file", async () => {
      const folder = temporaryFolder()
      const path = join(folder, "tokens.sqlite")
      symlinkSync("one", path)
      const store = openStore(path)
      await store.write("key", record("1"))
      unlinkSync(path)
      symlinkSync("two", path)
      expect(await store.read("key")).toBeUndefined()
      expect(await store.write("key", record("2"), null)).toBe(true)
      expect(await openStore(join(folder, "two")).read("key")).toEqual(record("2"))
    })

    test("while it is opened: the current file is opened", async () => {
      const path = join(temporaryFolder(), "tokens.sqlite")
      const actual = process.getBuiltinModule("node:sqlite")
      let times = 0
      class Replaced extends actual.DatabaseSync {
        constructor(...args: ConstructorParameters<typeof DatabaseSync>) {
          super(...args)
          if (++times > 2) return
          super.exec("PRAGMA journal_mode = WAL; CREATE TABLE opened (x)")
          writeFileSync(`${path}.new`, "")
          renameSync(`${path}.new`, path)
        }
      }
      const builtin = vi
        .spyOn(process, "getBuiltinModule")
        .mockReturnValue({ ...actual, DatabaseSync: Replaced } as never)
      onTestFinished(() => builtin.mockRestore())
      const store = openStore(path)
      expect(await store.write("key", record("1"), null)).toBe(true)
      expect(times).toBe(3)
      await store.close?.()
      expect(await openStore(path).read("key")).toEqual(record("1"))
    })

    test("while it is opened: the files beside the new one stay", () => {
      const path = join(temporaryFolder(), "tokens.sqlite")
      writeFileSync(path, "old")
      const [, files] = identify(path, () => {
        writeFileSync(`${path}.new`, "new")
        renameSync(`${path}.new`, path)
        writeFileSync(`${path}-wal`, "of the new one")
      })
      removeOrphans(files)
      expect(existsSync(`${path}-wal`)).toBe(true)
    })

    test("during a call: the call fails, and the next one works", async () => {
      const path = join(temporaryFolder(), "tokens.sqlite")
      const actual = process.getBuiltinModule("node:sqlite")
      let isArmed = false
      class Interrupted extends actual.DatabaseSync {
        override prepare(...args: Parameters<DatabaseSync["prepare"]>) {
          const statement = super.prepare(...args)
          if (!args[0].includes("DO NOTHING")) return statement
          const run = statement.run.bind(statement)
          return Object.assign(statement, {
            run: (...values: SQLInputValue[]) => {
              if (isArmed) remove(path)
              isArmed = false
              return run(...values)
            },
          })
        }
      }
      const builtin = vi
        .spyOn(process, "getBuiltinModule")
        .mockReturnValue({ ...actual, DatabaseSync: Interrupted } as never)
      onTestFinished(() => builtin.mockRestore())
      const store = openStore(path)
      await store.read("key")
      isArmed = true
      expect(await failure(store.write("key", record("1"), null))).toEqual({
        reason: "unavailable",
        action: "retry",
        detail: `the file was deleted or replaced during the call: ${path}`,
      })
      expect(await store.write("key", record("2"), null)).toBe(true)
      expect(await openStore(path).read("key")).toEqual(record("2"))
    })
  },
)
