import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { sqliteTokenStore } from "../../src/index.js"
import { rejection } from "../fixtures.js"
import { World } from "../processes/World.js"

interface SmallDisk {
  readonly path: string
  readonly fill: () => void
  readonly free: () => void
  readonly remove: () => void
}

const run = (command: string, ...args: readonly string[]) =>
  spawnSync(command, args, { encoding: "utf8", timeout: 10_000 })
const succeeds = (command: string, ...args: readonly string[]): boolean => run(command, ...args).status === 0

const temporaryFolder = () => mkdtempSync(join(tmpdir(), "ellipsis-oauth-"))

/** A disk of one megabyte; `undefined` where this process may not mount one. */
const mountSmallDisk = (): SmallDisk | undefined => {
  const path = temporaryFolder()
  const mounted = succeeds("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", path)
  const remove = () => {
    if (mounted) succeeds("umount", "--lazy", path)
    rmSync(path, { recursive: true, force: true })
  }
  if (!mounted) {
    remove()
    return undefined
  }
  const ballast = join(path, "ballast")
  return {
    path,
    fill: () => {
      expect(() => writeFileSync(ballast, Buffer.alloc(2 ** 21))).toThrow("ENOSPC")
    },
    free: () => rmSync(ballast),
    remove,
  }
}

/** A folder where this process can write nothing once it is "full": what Linux offers to a user who is not root. */
const limitFileSize = (): SmallDisk | undefined => {
  const limits = (...args: readonly string[]) => run("prlimit", "--pid", String(process.pid), ...args)
  const before = limits("--fsize", "--noheadings", "--output=SOFT")
  const limit = (size: string) => limits(`--fsize=${size}:`).status === 0
  const free = () => void limit(before.stdout.trim())
  if (before.status !== 0 || !limit(before.stdout.trim())) return undefined
  const path = temporaryFolder()
  return {
    path,
    fill: () => {
      expect(limit("0")).toBe(true)
      expect(() => writeFileSync(join(path, "ballast"), "x")).toThrow("EFBIG")
    },
    free,
    remove: () => {
      free()
      rmSync(path, { recursive: true, force: true })
    },
  }
}

const openSmallDisk = () => mountSmallDisk() ?? limitFileSize()

const isPossible = (): boolean => {
  const disk = openSmallDisk()
  disk?.remove()
  if (disk === undefined)
    console.warn("Skipped: the tests of a full disk. They need mount or prlimit, of Linux.")
  return disk !== undefined
}

const canFill = isPossible()

const open = async () => {
  const disk = openSmallDisk()
  if (disk === undefined) throw new Error("there is no small disk")
  onTestFinished(disk.remove)
  const world = await World.open({ rotation: "always" })
  const store = sqliteTokenStore({ path: join(disk.path, "tokens.sqlite") })
  // Another process has the file open, too, so that closing it frees no space.
  const other = sqliteTokenStore({ path: join(disk.path, "tokens.sqlite") })
  onTestFinished(() => other.close?.())
  const client = world.client(store, { deadline: 600 })
  await world.login(client)
  await other.read(world.storeKey())
  world.expire()
  return { world, store, other, session: client.session(world.key), ...disk }
}

const full = { _tag: "TokenStoreError", detail: expect.stringMatching(/disk is full|disk I\/O error/) }

test.skipIf(!canFill)("a full disk before a refresh: no lease, so nothing is sent", async () => {
  const { world, other, session, fill, free } = await open()
  fill()
  expect(await rejection(session.getAccessToken())).toMatchObject({ ...full, reason: "unavailable" })
  expect(world.refreshes).toBe(0)

  free()
  world.server.clock.advance(2000)
  expect(await session.getAccessToken()).toBe((await world.stored(other))?.accessToken)
  expect(world.refreshes).toBe(1)
  await world.expectSound(other)
})

test.skipIf(!canFill)(
  "a disk that fills up during a refresh: the token is kept until there is room",
  async () => {
    const { world, other, session, fill, free } = await open()
    const before = await world.stored(other)
    const request = world.server.faults.hold(1)
    const call = session.getAccessToken()
    await request.full
    fill()
    request.release()
    expect(await rejection(call)).toMatchObject({ ...full, reason: "notDurable" })
    const kept = await session.getAccessToken()
    expect(kept).not.toBe(before?.accessToken)
    expect((await world.stored(other))?.accessToken).toBe(before?.accessToken)
    expect(world.refreshes).toBe(1)

    free()
    world.server.clock.advance(2000)
    expect(await session.getAccessToken()).toBe(kept)
    await expect.poll(async () => (await world.stored(other))?.accessToken).toBe(kept)
    expect(world.refreshes).toBe(1)
    await world.expectSound(other)
  },
)
