// Waits for leases that other processes hold: they cost no token and no place among the requests.
import { expect, onTestFinished, test } from "vitest"
import { rejection } from "../fixtures.js"
import { describeDatabases } from "../processes/databases.js"
import { World } from "../processes/World.js"
import { watchedStore } from "./watchedStore.js"

describeDatabases("any", (database) => {
  test("a caller without a usable token waits for another process, for longer than its own deadline", async () => {
    const world = await World.open({ rotation: "always" })
    const store = await database.open()
    await world.login(world.client(store))
    world.expire()
    const held = world.server.faults.hold(1, { at: "afterCommit" })
    const first = world.client(store, { deadline: "30 seconds" }).session(world.key).getAccessToken()
    await held.full

    const { store: other, calls } = watchedStore(await database.open())
    const client = world.client(other, { timeout: 1000, deadline: 200 })
    onTestFinished(() => held.release())
    const second = client.session(world.key).getAccessToken()
    // Without this an error before the release would end the test run.
    second.catch(() => {})
    // With the pauses between them that is three times its deadline at least.
    await expect.poll(() => calls("lease")).toBeGreaterThan(13)
    held.release()
    expect(await second).toBe(await first)
    expect(world.refreshes).toBe(1)
    await world.expectSound(store)
  })

  test("64 leases of a dead process do not hold up the 65th user", async () => {
    const world = await World.open({ rotation: "always" })
    const store = await database.open()
    const client = world.client(store)
    const accessToken = await world.login(client)
    const users = Array.from({ length: 64 }, (_, index) => `${world.key}-${index}`)
    for (const user of users) await client.session(user).importToken({ refreshToken: `refresh-${user}` })
    for (const user of users) await store.lease(world.storeKey(user), "a dead process", 60_000)
    world.expire()

    const waiting = users.map((user) => rejection(client.session(user).getAccessToken()))
    await expect
      .poll(() => users.filter((user) => phase(client.session(user).getSnapshot()) === "waiting").length)
      .toBe(64)
    const token = await client.session(world.key).getAccessToken()
    expect(token).not.toBe(accessToken)
    expect(world.refreshes).toBe(1)
    await client.close()
    await Promise.all(waiting)
  })
})

const phase = (state: object): unknown =>
  "refresh" in state &&
  typeof state.refresh === "object" &&
  state.refresh !== null &&
  "phase" in state.refresh
    ? state.refresh.phase
    : undefined
