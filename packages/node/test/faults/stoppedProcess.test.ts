// A process that does not run for a while, with the response in its socket: it reads it before any timer has an effect.
import { setTimeout as sleep } from "node:timers/promises"
import { expect, test } from "vitest"
import { describeDatabase } from "../processes/databases.js"
import { bundleWorker } from "../processes/Worker.js"
import { World } from "../processes/World.js"

/** Windows has no signal that stops a process and lets it go on. */
const canPause = process.platform !== "win32"
if (!canPause) console.warn("Skipped: the tests of stopped processes. Windows has no SIGSTOP.")

/** Of the process that stops, in milliseconds. */
const timeout = 600

/** How long it stops, and how long its callers wait, in milliseconds. A lease is the latter's half longer than 2,600. */
const stops = [
  ["its timeout", 900, 300],
  ["its timeout and the second after it", 2000, 20_000],
  ["its lease", 3600, 300],
] as const

bundleWorker()

describeDatabase("SQLite", "any", (database) => {
  const open = async (deadline: number) => {
    const world = await World.open({ rotation: "always" })
    const store = await database.open()
    const before = await world.login(world.client(store))
    const worker = await world.start(database.location, deadline, timeout)
    world.expire()
    const held = world.server.faults.hold(1, { at: "afterCommit" })
    const call = worker.call(world.call)
    await held.full
    return { world, store, before, worker, call, held }
  }

  type Opened = Awaited<ReturnType<typeof open>>

  /** The refresh was sent once, is in the store, and is what the next caller gets. */
  const expectStored = async ({ world, store, before, worker }: Opened) => {
    await expect.poll(async () => (await world.stored(store))?.accessToken).not.toBe(before)
    const token = (await world.stored(store))?.accessToken
    expect(await worker.call(world.call)).toEqual([{ count: 1, token }])
    expect(world.refreshes).toBe(1)
    await world.expectSound(store, { workers: [worker] })
  }

  test.skipIf(!canPause).each(stops)("stopped for longer than %s", async (_, duration, deadline) => {
    const opened = await open(deadline)
    opened.worker.pause()
    opened.held.release()
    await sleep(duration)
    opened.worker.resume()
    await opened.call
    await expectStored(opened)
  })

  test.each(stops)("its event loop blocked for longer than %s", async (_, duration, deadline) => {
    const opened = await open(deadline)
    await opened.worker.block(duration)
    opened.held.release()
    await opened.call
    await expectStored(opened)
  })
})
