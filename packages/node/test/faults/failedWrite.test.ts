import { expect, test } from "vitest"
import { rejection } from "../fixtures.js"
import { describeDatabases } from "../processes/databases.js"
import { World } from "../processes/World.js"
import { watchedStore } from "./watchedStore.js"

describeDatabases("any", (database) => {
  const open = async (deadline: number) => {
    const world = await World.open({ rotation: "always" })
    const watched = watchedStore(await database.open())
    const client = world.client(watched.store, { deadline })
    await world.login(client)
    world.expire()
    return { world, ...watched, client, session: client.session(world.key) }
  }

  test.each([
    ["nothing is written", undefined],
    ["it is written and the answer is lost", "written"],
  ] as const)("a write that fails twice, then works: one request, no error (%s)", async (_, written) => {
    const { world, store, failWrites, failures, session } = await open(2000)
    failWrites(2, written)
    const accessToken = await session.getAccessToken()
    expect(failures("write")).toBe(2)
    expect((await world.stored(store))?.accessToken).toBe(accessToken)
    expect(world.refreshes).toBe(1)
    expect(world.events.map(({ type }) => type)).toEqual(["tokenIssued", "refreshStarted", "refreshed"])
    await world.expectSound(store)
  })

  test("writes that fail for longer than that: the token is kept in memory until one works", async () => {
    const { world, store, failWrites, client, session } = await open(800)
    const before = await world.stored(store)
    failWrites(1000)
    expect(await rejection(session.getAccessToken())).toMatchObject({
      _tag: "TokenStoreError",
      reason: "notDurable",
      action: "retry",
    })
    const kept = await session.getAccessToken()
    expect((await world.stored(store))?.accessToken).toBe(before?.accessToken)

    failWrites(0)
    world.server.clock.advance(2000)
    expect(await session.getAccessToken()).toBe(kept)
    await expect.poll(async () => (await world.stored(store))?.accessToken).toBe(kept)
    expect(world.refreshes).toBe(1)
    await world.expectSound(store)

    // It was the newest refresh token, too: the next refresh works.
    world.expire()
    expect(await client.session(world.key).getAccessToken()).not.toBe(kept)
    await world.expectSound(store)
  })

  test("a login whose write fails for that long is kept as well, and written later", async () => {
    const { world, store, failWrites, client, session } = await open(800)
    failWrites(1000)
    expect(await rejection(world.login(client))).toMatchObject({ reason: "notDurable" })
    const kept = await session.getAccessToken()
    failWrites(0)
    world.server.clock.advance(2000)
    expect(await session.getAccessToken()).toBe(kept)
    await expect.poll(async () => (await world.stored(store))?.accessToken).toBe(kept)
    expect(world.refreshes).toBe(0)
  })
})
