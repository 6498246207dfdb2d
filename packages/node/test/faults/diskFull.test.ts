import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test, vi } from "vitest"
import { sqliteTokenStore } from "../../src/index.js"
import { rejection } from "../fixtures.js"
import { World } from "../processes/World.js"

interface SmallDisk {
  readonly path: string
  readonly fill: () => void
  readonly free: () => void
  readonly unmount: () => void
}

const succeeds = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0

/** A disk of one megabyte; `undefined` where this process may not mount one. */
const mountSmallDisk = (): SmallDisk | undefined => {
  const path = mkdtempSync(join(tmpdir(), "ellipsis-oauth-"))
  const mounted = succeeds("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", path)
  const unmount = () => {
    if (mounted) succeeds("umount", "--lazy", path)
    rmSync(path, { recursive: true, force: true })
  }
  if (!mounted) {
    unmount()
    return undefined
  }
  const ballast = join(path, "ballast")
  return {
    path,
    fill: () => {
      expect(() => writeFileSync(ballast, Buffer.alloc(2 ** 21))).toThrow("ENOSPC")
    },
    free: () => rmSync(ballast),
    unmount,
  }
}

const mountable = (): boolean => {
  const disk = mountSmallDisk()
  disk?.unmount()
  if (disk === undefined) {
    process.stderr.write(
      "The tests of a full disk did not run. To run them: Linux, as a user who may mount (root).\n",
    )
  }
  return disk !== undefined
}

const canMount = mountable()

const open = async () => {
  const disk = mountSmallDisk()
  if (disk === undefined) throw new Error("the disk was not mounted")
  onTestFinished(disk.unmount)
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

test.skipIf(!canMount)("a full disk before a refresh: no lease, so nothing is sent", async () => {
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

test.skipIf(!canMount)(
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
    await vi.waitFor(async () => expect((await world.stored(other))?.accessToken).toBe(kept))
    expect(world.refreshes).toBe(1)
    await world.expectSound(other)
  },
)
