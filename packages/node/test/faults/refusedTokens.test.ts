// Responses of an API that could start a storm of refreshes: no storm follows.
import { describe, expect, test } from "vitest"
import { memoryTokenStore, type TokenClientOptions } from "../../src/index.js"
import { rejection } from "../fixtures.js"
import { World } from "../processes/World.js"

const open = async (options: Partial<TokenClientOptions> = {}) => {
  const world = await World.open({ rotation: "always" })
  const store = memoryTokenStore()
  const client = world.client(store, options)
  const accessToken = await world.login(client)
  return { world, store, session: client.session(world.key), accessToken }
}

const day = 86_400

describe.each([
  ["seconds", () => String(day)],
  ["a date", (now: number) => new Date(now + day * 1000).toUTCString()],
] as const)("Retry-After of a day, in %s", (_, header) => {
  test.each([429, 503])("HTTP %i: nothing is sent for five minutes", async (status) => {
    const { world, session, store } = await open()
    world.expire()
    const headers = { "retry-after": header(world.server.clock.now()) }
    world.server.faults.next("token", { reply: { status, headers } })
    const refused = { _tag: "TokenEndpointUnavailable", status, action: "retry" }
    expect(await rejection(session.getAccessToken())).toMatchObject(refused)
    world.server.clock.advance("295 seconds")
    expect(await rejection(session.getAccessToken())).toMatchObject(refused)
    expect(world.refreshes).toBe(1)

    world.server.clock.advance("6 seconds")
    expect(await session.getAccessToken()).toBe((await world.stored(store))?.accessToken)
    expect(world.refreshes).toBe(2)
    await world.expectSound(store)
  })
})

describe("an API that refuses every token", () => {
  test("polled 10 times by session.fetch: one refresh, a 401 each time, and the user stays signed in", async () => {
    const { world, session, store } = await open()
    world.server.faults.always("account", { reply: { status: 401 } })
    for (let poll = 0; poll < 10; poll++) {
      const response = await session.fetch(`${world.server.url}/account`)
      expect(response.status).toBe(401)
      await response.body?.cancel()
    }
    expect(world.refreshes).toBe(1)
    expect(session.getSnapshot()).toMatchObject({ status: "ready" })
    await world.expectSound(store)
  })

  test("polled 10 times at once: one refresh", async () => {
    const { world, session, store } = await open()
    world.server.faults.always("account", { reply: { status: 401 } })
    const polls = Array.from({ length: 10 }, async () => {
      const response = await session.fetch(`${world.server.url}/account`)
      await response.body?.cancel()
      return response.status
    })
    expect(await Promise.all(polls)).toEqual(Array(10).fill(401))
    expect(world.refreshes).toBe(1)
    await world.expectSound(store)
  })

  test("polled 10 times by two sessions of two clients on one store: at most one refresh each", async () => {
    const { world, session, store } = await open()
    const other = world.client(store).session(world.key)
    await other.getAccessToken()
    world.server.faults.always("account", { reply: { status: 401 } })
    for (let poll = 0; poll < 10; poll++) {
      for (const each of [session, other]) {
        const response = await each.fetch(`${world.server.url}/account`)
        expect(response.status).toBe(401)
        await response.body?.cancel()
      }
    }
    expect(world.refreshes).toBeLessThanOrEqual(2)
    expect(session.getSnapshot()).toMatchObject({ status: "ready" })
    await world.expectSound(store)
  })

  test("polled each second for five minutes: refreshes come less and less often", async () => {
    const { world, session, store } = await open()
    world.server.faults.always("account", { reply: { status: 401 } })
    for (let second = 0; second < 300; second++) {
      world.server.clock.advance(1000)
      session.reportRejected(session.peekAccessToken() ?? "")
      await session.getAccessToken()
    }
    // After 10, 20, 40, 80 and 160 seconds, and the first one.
    expect(world.refreshes).toBeLessThanOrEqual(6)
    await world.expectSound(store)
  })
})
