import { expect, test } from "vitest"
import { keyInStore, rejection } from "../fixtures.js"
import { describeDatabases } from "../processes/databases.js"
import { World } from "../processes/World.js"

const redirectUris = ["http://localhost:3000/callback"]
const clients = [
  { clientId: "demo-app", clientSecret: "demo-secret", redirectUris },
  { clientId: "other-app", clientSecret: "other-secret", redirectUris },
]
const otherApp = { clientId: "other-app", clientSecret: "other-secret" }

describeDatabases("any", (database) => {
  test.each([
    ["no JSON", "k4n4ry"],
    ["cut off", '{"format":1,"clientId":"demo-app","tok'],
    ["empty", ""],
    ["of another format", '{"format":99}'],
  ])("a record that is %s: a clear error, and the next login replaces it", async (_, value) => {
    const world = await World.open()
    const store = await database.open()
    const client = world.client(store)
    const neighbour = `lin-${world.key}`
    await world.login(client, neighbour)
    await store.write(world.storeKey(), { value, version: "damaged" })
    const session = client.session(world.key)
    const error = await rejection(session.getAccessToken())
    expect(error).toMatchObject({
      _tag: "TokenStoreError",
      reason: "corrupt",
      action: "login",
      key: world.key,
    })
    expect(String(error)).not.toContain("k4n4ry")
    expect(await store.read(world.storeKey())).toEqual({ value, version: "damaged" })

    world.expire()
    expect(await client.session(neighbour).getAccessToken()).toBe(
      (await world.stored(store, neighbour))?.accessToken,
    )
    expect(world.refreshes).toBe(1)

    expect(await session.getAccessToken().catch(() => "still damaged")).toBe("still damaged")
    const accessToken = await world.login(client)
    expect(await session.getAccessToken()).toBe(accessToken)
    world.expire()
    expect(await session.getAccessToken()).not.toBe(accessToken)
    await world.expectSound(store, { keys: [world.key, neighbour] })
  })

  test("another client on the same store has other keys: nothing is sent, and no record is changed", async () => {
    const world = await World.open({ clients })
    const store = await database.open()
    const owner = world.client(store, otherApp)
    const stranger = world.client(store)
    const neighbour = `lin-${world.key}`
    await world.login(owner)
    await world.login(stranger, neighbour)
    world.expire()
    const key = keyInStore(owner, world.key)
    const record = await store.read(key)
    expect(record).toBeDefined()
    expect(await rejection(stranger.session(world.key).getAccessToken())).toMatchObject({
      _tag: "LoginRequired",
      reason: "noToken",
      key: world.key,
    })
    await stranger.session(world.key).signOut()
    expect(world.refreshes).toBe(0)
    expect(await store.read(key)).toEqual(record)

    expect(await stranger.session(neighbour).getAccessToken()).toBeTruthy()
    expect(await owner.session(world.key).getAccessToken()).toBeTruthy()
    expect(world.refreshes).toBe(2)
    await world.expectSound(store, { keys: [neighbour] })
  })
})
