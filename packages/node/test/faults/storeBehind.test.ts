// A store that went back by one write, as after a failover or a restore, while a process has the newer credential.
import { setImmediate as nextTurn } from "node:timers/promises"
import { describe, expect, test } from "vitest"
import { memoryTokenStore, type StoredRecord, type TokenStoreAdapter } from "../../src/index.js"
import { approve, rejection } from "../fixtures.js"
import { World } from "../processes/World.js"
import { watchedStore } from "./watchedStore.js"

/** A session with a token of its second refresh, and the record that was in the store before that. */
const open = async () => {
  const world = await World.open({ rotation: "always" })
  const watched = watchedStore(memoryTokenStore())
  const { store } = watched
  // Half of it is how long a write is tried again.
  const client = world.client(store, { timeout: 10_000, deadline: 2000 })
  await world.login(client)
  const session = client.session(world.key)
  world.expire()
  await session.getAccessToken()
  const before = await store.read(world.storeKey())
  if (before === undefined) throw new Error("the store has no record")
  return { world, ...watched, client, session, before }
}

/** Puts an older record back, whatever is there. */
const putBack = async (store: TokenStoreAdapter, key: string, record: StoredRecord): Promise<void> => {
  expect(await store.write(key, record)).toBe(true)
}

/** Every refresh token worked, so that none was sent that had been replaced before. */
const expectAllGranted = (world: World): void => {
  expect(world.server.log.filter(({ decision }) => decision === "refused")).toEqual([])
}

describe("the newer refresh token in memory is used, and the store is updated", () => {
  test("if the access token has expired", async () => {
    const { world, store, session, before } = await open()
    world.expire()
    const newer = await session.getAccessToken()
    await putBack(store, world.storeKey(), before)

    world.expire()
    const newest = await session.getAccessToken()
    expect(newest).not.toBe(newer)
    expect((await world.stored(store))?.accessToken).toBe(newest)
    expectAllGranted(world)
    await world.expectSound(store)
  })

  test("if the request fails: the store has the newer one before it is sent", async () => {
    const { world, store, session, before } = await open()
    world.expire()
    const newer = await session.getAccessToken()
    await putBack(store, world.storeKey(), before)

    world.expire()
    world.server.faults.next("token", { reply: { status: 503, headers: { "retry-after": "60" } } })
    expect(await rejection(session.getAccessToken())).toMatchObject({ _tag: "TokenEndpointUnavailable" })
    expect((await world.stored(store))?.accessToken).toBe(newer)
    await world.expectSound(store)
  })

  test("if another token is requested, and the older one has not expired", async () => {
    const { world, store, session, before } = await open()
    const newer = await session.getAccessToken({ force: true })
    await putBack(store, world.storeKey(), before)

    const newest = await session.getAccessToken({ force: true })
    expect(newest).not.toBe(newer)
    world.expire()
    await session.getAccessToken()
    expectAllGranted(world)
    await world.expectSound(store)
  })

  test("if an API refused the newer one, the older one has not expired, and the first request fails", async () => {
    const { world, store, session, before } = await open()
    const newer = await session.getAccessToken({ force: true })
    await putBack(store, world.storeKey(), before)

    session.reportRejected(newer)
    world.server.faults.next("token", { reply: { status: 503, headers: { "retry-after": "60" } } })
    expect(await rejection(session.getAccessToken())).toMatchObject({ _tag: "TokenEndpointUnavailable" })
    world.server.clock.advance("61 seconds")
    await session.getAccessToken({ force: true })
    expectAllGranted(world)
    await world.expectSound(store)
  })

  test("if the first token is imported again", async () => {
    const { world, store, client } = await open()
    const imported = await client.refreshToken(await world.stored(store))
    const { refreshToken } = imported
    const key = `ci-${world.key}`
    const session = client.session(key)
    await session.importToken({ refreshToken })
    await session.getAccessToken()
    const before = await store.read(world.storeKey(key))
    if (before === undefined) throw new Error("the store has no record")
    await session.getAccessToken({ force: true })
    await putBack(store, world.storeKey(key), before)

    await session.importToken({ refreshToken })
    world.expire()
    await session.getAccessToken()
    expectAllGranted(world)
  })

  test("if the store goes back during the request", async () => {
    const { world, store, session, before } = await open()
    world.expire()
    await session.getAccessToken()
    world.expire()
    const held = world.server.faults.hold(1, { at: "afterCommit" })
    const call = session.getAccessToken()
    await held.full
    await putBack(store, world.storeKey(), before)
    held.release()

    const newest = await call
    expect((await world.stored(store))?.accessToken).toBe(newest)
    world.expire()
    await session.getAccessToken()
    expectAllGranted(world)
    await world.expectSound(store)
  })

  test("if the store accepts no write until the request has ended", async () => {
    const { world, store, client, session, before, failWrites, failures } = await open()
    world.expire()
    await session.getAccessToken()
    await putBack(store, world.storeKey(), before)

    world.expire()
    const held = world.server.faults.hold(1, { at: "afterCommit" })
    failWrites(Number.POSITIVE_INFINITY)
    const call = session.getAccessToken()
    await held.full
    expect(failures("write")).toBeGreaterThan(0)
    failWrites(0)
    held.release()
    const newest = await call
    expect((await world.stored(store))?.accessToken).toBe(newest)

    await nextTurn()
    expect(await client.session(world.key).getAccessToken()).toBe(newest)
    world.expire()
    await session.getAccessToken()
    expectAllGranted(world)
    await world.expectSound(store)
  })
})

test.each([
  ["is right", 0],
  ["is five minutes behind", 300_000],
])("a later login of a process whose clock %s replaces the credential in memory", async (_, behind) => {
  const { world, store, client, session } = await open()
  await world.login(client)
  await session.getAccessToken({ force: true })
  const other = world.client(store, { now: () => world.server.clock.now() - behind })
  const { url, transaction } = await other.createAuthorizationRequest()
  const callback = await approve(world.server, url)
  const { accessToken } = await other.session(world.key).completeAuthorization(callback, transaction)
  expect(await session.getAccessToken({ force: true })).toBe(accessToken)
})
