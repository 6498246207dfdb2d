/** What becomes of a session when the process that holds its lease is killed or paused. */
import { describe, expect, test } from "vitest"
import { type Database, describeDatabase } from "./databases.js"
import { bundleWorker, type Worker } from "./Worker.js"
import { World } from "./World.js"

/** Windows has no signal that stops a process and lets it go on. */
const canPause = process.platform !== "win32"
if (!canPause) console.warn("Skipped: the tests of paused processes. Windows has no SIGSTOP.")

/** Of the process that breaks, in milliseconds. Short, since its lease has to run out. */
const deadline = 1000

const one = (token: string) => [{ count: 1, token }]
const loginRequired = (reason: string) => [{ count: 1, error: "LoginRequired", reason, action: "login" }]

const timedOut = [{ count: 1, error: "TransportError", reason: "timeout", action: "retry" }]

const waitedForLease = (worker: Worker) =>
  worker.events.some(({ event, attempts }) => event === "leaseWaited" && (attempts ?? 0) > 1)

/** Each database in a file of its own, so that they run side by side. */
export const describeBrokenHolder = (kind: Database["kind"]): void => {
  bundleWorker()
  describeDatabase(kind, "any", describeProcesses)
}

const describeProcesses = (database: Database): void => {
  const open = async (options: Parameters<typeof World.open>[0]) => {
    const world = await World.open(options)
    const store = await database.open()
    const accessToken = await world.login(world.client(store))
    const [holder, other] = await Promise.all([
      world.start(database.location, deadline),
      world.start(database.location, 5000),
    ])
    world.expire()
    return { world, store, accessToken, holder, other }
  }

  /** Kills a process, and tells what another one got then. */
  const killAndAsk = async (world: World, holder: Worker, other: Worker) => {
    const call = other.call(world.call)
    await holder.kill()
    return call
  }

  describe("a process that is killed while it holds the lease", () => {
    test("before the provider saw its request: the next one refreshes when the lease has expired", async () => {
      const { world, store, accessToken, holder, other } = await open({ rotation: "always" })
      world.server.faults.next("token", { wire: "hang" })
      const asked = new Promise<void>((resolve) => world.server.subscribe(() => resolve()))
      const lost = holder.call(world.call)
      lost.catch(() => {})
      await asked
      const outcomes = await killAndAsk(world, holder, other)
      await expect(lost).rejects.toThrow()

      const token = (await world.stored(store))?.accessToken ?? ""
      expect(token).not.toBe(accessToken)
      expect(outcomes).toEqual(one(token))
      expect(waitedForLease(other)).toBe(true)
      expect(world.server.log.slice(-2).map(({ decision }) => decision)).toEqual(["skipped", "granted"])
      await world.expectSound(store, { workers: [other] })
      expect(await other.end()).toBe(0)
    })

    /** The provider has rotated, and the response is on its way to a process that is no more. */
    const killBeforeReply = async (options: Parameters<typeof World.open>[0]) => {
      const opened = await open(options)
      const { world, holder, other } = opened
      const reply = world.server.faults.hold(1, { at: "afterCommit" })
      holder.call(world.call).catch(() => {})
      await reply.full
      const killed = killAndAsk(world, holder, other)
      reply.release()
      return { ...opened, outcomes: await killed }
    }

    test("after the provider rotated, with a grace period: the next one refreshes", async () => {
      const { world, store, outcomes, other } = await killBeforeReply({
        rotation: { grace: "1 minute" },
      })
      expect(outcomes).toEqual(one((await world.stored(store))?.accessToken ?? ""))
      expect(world.refreshes).toBe(2)
      await world.expectSound(store, { workers: [other] })
    })

    test("after the provider rotated, without a grace period: one login is required, and works", async () => {
      const { world, store, outcomes, other } = await killBeforeReply({ rotation: "always" })
      expect(outcomes).toEqual(loginRequired("revoked"))
      expect(await store.read(world.storeKey())).toBeUndefined()
      expect(world.presentations.atOnce).toBe(0)

      const accessToken = await world.login(world.client(store))
      expect(await other.call(world.call)).toEqual(one(accessToken))
      await world.expectSound(store, { workers: [other] })
    })
  })

  describe.skipIf(!canPause)("a process that is paused past its lease", () => {
    test("after it got the response: its write is refused, and it adopts the token of the other one", async () => {
      const { world, store, holder, other } = await open({ rotation: { grace: "1 minute" } })
      const held = holder.hold("beforeWrite")
      const call = holder.call(world.call)
      await held
      holder.pause()
      const outcomes = await other.call(world.call)
      const token = (await world.stored(store))?.accessToken ?? ""
      expect(outcomes).toEqual(one(token))
      expect(waitedForLease(other)).toBe(true)

      holder.resume()
      holder.letGo()
      expect(await call).toEqual(one(token))
      expect(holder.events.map(({ event }) => event)).toContain("adopted")
      expect((await world.stored(store))?.accessToken).toBe(token)
      expect(world.refreshes).toBe(2)
      await world.expectSound(store, { workers: [holder, other] })
    })

    test("during its request: it adopts the token of the other one, now or with the next call", async () => {
      const { world, store, holder, other } = await open({ rotation: { grace: "1 minute" } })
      const reply = world.server.faults.hold(1, { at: "afterCommit" })
      const call = holder.call(world.call)
      await reply.full
      holder.pause()
      reply.release()
      world.presentations.end(holder.name)
      const outcomes = await other.call(world.call)
      const token = (await world.stored(store))?.accessToken ?? ""
      expect(outcomes).toEqual(one(token))

      holder.resume()
      // Its timers have run out, and the response lies in its socket: either may be seen first.
      expect([one(token), timedOut]).toContainEqual(await call)
      const afterPause = { ...world.call, offset: world.offset + 2000 }
      expect(await holder.call(afterPause)).toEqual(one(token))
      expect(world.refreshes).toBe(2)
      await world.expectSound(store, { workers: [holder, other] })
    })

    test("before it sent its request: it does not send the refresh token that the other one has used", async () => {
      const { world, store, holder, other } = await open({ rotation: "always" })
      // The first read is the look before the lease.
      const held = holder.hold("afterRead", 1)
      const call = holder.call(world.call)
      await held
      holder.pause()
      const outcomes = await other.call(world.call)
      const token = (await world.stored(store))?.accessToken ?? ""
      expect(outcomes).toEqual(one(token))

      holder.resume()
      holder.letGo()
      expect(await call).toEqual(one(token))
      expect(world.refreshes).toBe(1)
      await world.expectSound(store, { workers: [holder, other] })
    })
  })
}
