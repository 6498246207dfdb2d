import { createClient } from "redis"
import { expect, onTestFinished, test, vi } from "vitest"
import type { TokenSession } from "../../src/index.js"
import { redisTokenStore } from "../../src/stores/redisTokenStore.js"
import { rejection } from "../fixtures.js"
import { type Database, describeDatabases } from "../processes/databases.js"
import { bundleWorker } from "../processes/Worker.js"
import { World } from "../processes/World.js"
import { type WatchedStore, watchedStore } from "./watchedStore.js"

/** Half of it is for the write, in milliseconds: longer than any of the servers takes to start. */
const deadline = 12_000

const unavailable = { _tag: "TokenStoreError", reason: "unavailable", action: "retry" }

const open = async (database: Database) => {
  const world = await World.open({ rotation: "always" })
  const watched = watchedStore(await database.open())
  await world.login(world.client(watched.store))
  world.expire()
  const client = world.client(watched.store, { deadline })
  return { world, ...watched, session: client.session(world.key) }
}

/** Asks while the database is down, brings it up, and gives the token that comes in the end. */
const askAcross = async (
  database: Database,
  world: World,
  asked: WatchedStore["asked"],
  session: TokenSession,
): Promise<string> => {
  const { refreshes } = world
  const leasing = asked("lease")
  const call = session.getAccessToken()
  if (database.whileDown === "waits") {
    await leasing
    expect(world.refreshes).toBe(refreshes)
    await database.up()
    return call
  }
  expect(await rejection(call)).toMatchObject(unavailable)
  expect(world.refreshes).toBe(refreshes)
  await database.up()
  return eventually(world, () => session.getAccessToken())
}

/** A driver may need a moment to connect again; until then calls say retry, which means after a pause. */
const eventually = <A>(world: World, ask: () => Promise<A>): Promise<A> =>
  vi.waitFor(
    () => {
      world.server.clock.advance(2000)
      return ask()
    },
    { timeout: 25_000 },
  )

bundleWorker()

describeDatabases("own", (database) => {
  test("down before a refresh: nothing is sent; up again: one refresh", async () => {
    const { world, store, asked, session } = await open(database)
    await database.down()
    const accessToken = await askAcross(database, world, asked, session)
    expect(accessToken).toBe((await world.stored(store))?.accessToken)
    expect(world.refreshes).toBe(1)
    await world.expectSound(store)
  })

  test("down while the request is under way, up again within the time for the write: no error", async () => {
    const { world, store, asked, failures, session } = await open(database)
    const request = world.server.faults.hold(1)
    const call = session.getAccessToken()
    await request.full
    await database.down()
    const writing = asked("write")
    request.release()
    await writing
    await database.up()
    const accessToken = await call
    if (database.whileDown === "fails") expect(failures("write")).toBeGreaterThan(0)
    expect((await world.stored(store))?.accessToken).toBe(accessToken)
    expect(world.refreshes).toBe(1)
    await world.expectSound(store)
  })

  test("down after a refresh: the token is served from memory; the next refresh waits until it is up", async () => {
    const { world, store, asked, session } = await open(database)
    const accessToken = await session.getAccessToken()
    await database.down()
    expect(await session.getAccessToken()).toBe(accessToken)
    world.expire()
    const next = await askAcross(database, world, asked, session)
    expect(next).not.toBe(accessToken)
    expect((await world.stored(store))?.accessToken).toBe(next)
    expect(world.refreshes).toBe(2)
    await world.expectSound(store)
  })

  // A locked file is waited for, and for longer than there is time for the write.
  if (database.kind !== "SQLite") {
    test("down while the request is under way, for longer than the time for the write: kept in memory", async () => {
      const world = await World.open({ rotation: "always" })
      const { store, failures } = watchedStore(await database.open())
      const client = world.client(store, { deadline: 2000 })
      await world.login(client)
      const session = client.session(world.key)
      world.expire()
      const request = world.server.faults.hold(1)
      const call = session.getAccessToken()
      await request.full
      await database.down()
      request.release()
      expect(await rejection(call)).toMatchObject({ ...unavailable, reason: "notDurable" })
      expect(failures("write")).toBeGreaterThan(1)
      const kept = await session.getAccessToken()

      await database.up()
      await eventually(world, async () => {
        expect(await session.getAccessToken()).toBe(kept)
        expect((await world.stored(store))?.accessToken).toBe(kept)
      })
      expect(world.refreshes).toBe(1)
      await world.expectSound(store)
    })

    test("restarted between two refreshes of a process: both work, and the process still runs", async () => {
      const world = await World.open({ rotation: "always" })
      const store = await database.open()
      await world.login(world.client(store))
      const worker = await world.start(database.location)
      world.expire()
      const [first] = await worker.call(world.call)
      await database.down()
      await database.up()
      world.expire()
      const second = await eventually(world, async () => {
        const [outcome] = await worker.call(world.call)
        expect(outcome).toHaveProperty("token")
        return outcome
      })
      expect(first).toMatchObject({ token: expect.any(String) })
      expect(second).toMatchObject({
        token: (await eventually(world, () => world.stored(store)))?.accessToken,
      })
      expect(second).not.toEqual(first)
      expect(world.refreshes).toBe(2)
      await world.expectSound(store, { workers: [worker] })
      expect(await worker.end()).toBe(0)
    })
  }

  if (database.kind === "Redis") {
    test("a node-redis that queues commands while there is no connection, as it does unless told otherwise", async () => {
      const { location } = database
      if (location.kind !== "Redis") throw new Error("not Redis")
      const redis = createClient({ url: location.url })
      redis.on("error", () => {})
      await redis.connect()
      onTestFinished(() => redis.destroy())
      const world = await World.open({ rotation: "always" })
      const { store, asked } = watchedStore(redisTokenStore({ client: redis, prefix: location.prefix }))
      const client = world.client(store, { deadline })
      await world.login(client)
      world.expire()
      const request = world.server.faults.hold(1)
      const call = client.session(world.key).getAccessToken()
      await request.full
      await database.down()
      const writing = asked("write")
      request.release()
      await writing
      await database.up()
      expect((await world.stored(store))?.accessToken).toBe(await call)
      expect(world.refreshes).toBe(1)
      await world.expectSound(store)
    })
  }
})
