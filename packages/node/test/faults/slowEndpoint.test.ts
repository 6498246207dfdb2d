// A token endpoint that responds late, or never: nobody waits for longer than promised, and no token is lost.

import { once } from "node:events"
import { type AddressInfo, createServer } from "node:net"
import { describe, expect, onTestFinished, test } from "vitest"
import {
  createTokenClient,
  ellipsisDrive,
  memoryTokenStore,
  type TokenClientOptions,
} from "../../src/index.js"
import { approve, confidential, rejection } from "../fixtures.js"
import { World } from "../processes/World.js"

const timedOut = { _tag: "TransportError", reason: "timeout", action: "retry" }

/** A session whose token has expired, or is about to. */
const open = async (options: Partial<TokenClientOptions> = {}) => {
  const world = await World.open({ rotation: "always" })
  const store = memoryTokenStore()
  const client = world.client(store, options)
  const accessToken = await world.login(client)
  return { world, store, client, session: client.session(world.key), accessToken }
}

describe("a response that comes after the deadline of the callers", () => {
  const options = { timeout: "10 seconds", deadline: 500 } as const

  test("of a refresh: it is stored, a caller that comes later joins, and one request is made", async () => {
    const { world, store, session } = await open(options)
    world.expire()
    const held = world.server.faults.hold(1, { at: "afterCommit" })
    expect(await rejection(session.getAccessToken())).toMatchObject({ ...timedOut, sent: "maybe" })
    const later = session.getAccessToken()
    held.release()
    const token = await later
    expect((await world.stored(store))?.accessToken).toBe(token)
    expect(await session.getAccessToken()).toBe(token)
    expect(world.refreshes).toBe(1)
    await world.expectSound(store)
  })

  test("of a refresh without callers: the next caller gets its token", async () => {
    const { world, store, session, accessToken } = await open(options)
    world.expire()
    const held = world.server.faults.hold(1, { at: "afterCommit" })
    expect(await rejection(session.getAccessToken())).toMatchObject(timedOut)
    held.release()
    await expect.poll(async () => (await world.stored(store))?.accessToken).not.toBe(accessToken)
    const token = await session.getAccessToken()
    expect((await world.stored(store))?.accessToken).toBe(token)
    expect(world.refreshes).toBe(1)
    await world.expectSound(store)
  })

  test("of a login: the user is logged in, and the code is sent once", async () => {
    const world = await World.open({ rotation: "always" })
    const store = memoryTokenStore()
    const client = world.client(store, options)
    const session = client.session(world.key)
    const { url, transaction } = await client.createAuthorizationRequest()
    const callback = await approve(world.server, url)
    const held = world.server.faults.hold(1, { at: "afterCommit" })
    expect(await rejection(session.completeAuthorization(callback, transaction))).toMatchObject(timedOut)
    // The user reloads the page of the callback.
    const again = session.completeAuthorization(callback, transaction)
    held.release()
    const { accessToken } = await again
    expect(await session.getAccessToken()).toBe(accessToken)
    expect((await world.stored(store))?.accessToken).toBe(accessToken)
    expect(world.server.log.filter(({ grantType }) => grantType === "authorization_code")).toHaveLength(1)
    expect(world.presentations.atOnce).toBe(0)
  })

  test("of the bare calls: the next caller gets it, and the token is sent once", async () => {
    const { world, store, client } = await open(options)
    const token = await world.stored(store)
    const held = world.server.faults.hold(1, { at: "afterCommit" })
    expect(await rejection(client.refreshToken(token))).toMatchObject(timedOut)
    const again = client.refreshToken(token)
    held.release()
    expect((await again).accessToken).not.toBe(token?.accessToken)
    expect(world.refreshes).toBe(1)
  })
})

test("an endpoint that hangs, and 640 users: each gets an error in time, or a token that is still valid", async () => {
  const users = Array.from({ length: 640 }, (_, index) => `user-${index}`)
  const valid = Array.from({ length: 20 }, (_, index) => `valid-${index}`)
  const { world, client } = await open({ timeout: "1 minute", deadline: 1000 })
  for (const user of users) await client.session(user).importToken({ refreshToken: `refresh-${user}` })
  // With less left than callers ask for, so that a refresh is due.
  const expiresAt = world.server.clock.now() + 7_200_000
  for (const user of valid) {
    const token = { accessToken: `access-${user}`, refreshToken: `refresh-${user}`, expiresAt }
    await client.session(user).importToken(token)
  }
  world.server.clock.set(expiresAt - 30_000)
  const held = world.server.faults.hold(1)
  onTestFinished(() => held.release())

  const failures = users.map((user) => rejection(client.session(user).getAccessToken()))
  await held.full
  const tokens = valid.map((user) => client.session(user).getAccessToken())
  // The endpoint hangs until all of them have what they get.
  const reasons = (await Promise.all(failures)).map((error) => {
    expect(error).toMatchObject(timedOut)
    return (error as { sent: string }).sent
  })
  expect(reasons.filter((sent) => sent === "maybe")).toHaveLength(64)
  expect(await Promise.all(tokens)).toEqual(valid.map((user) => `access-${user}`))
})

describe("a new process with a valid token in the store gets it before the refresh has ended", () => {
  const start = async () => {
    const world = await World.open({ rotation: "always" })
    const store = memoryTokenStore()
    const accessToken = await world.login(world.client(store))
    world.server.clock.advance("59.5 minutes")
    return { world, store, accessToken }
  }
  const hasEnded = ({ events }: World) => events.some(({ type }) => type === "refreshFailed")

  test("if the endpoint hangs", async () => {
    const { world, store, accessToken } = await start()
    const held = world.server.faults.hold(1)
    const client = world.client(store, { timeout: "10 minutes", deadline: "10 minutes" })
    onTestFinished(() => held.release())
    expect(await client.session(world.key).getAccessToken()).toBe(accessToken)
    expect(held.waiting).toBe(1)
  })

  test("if it is unavailable", async () => {
    const { world, store, accessToken } = await start()
    world.server.faults.always("token", { reply: { status: 503 } })
    const client = world.client(store, { deadline: "30 seconds" })
    expect(await client.session(world.key).getAccessToken()).toBe(accessToken)
    expect(world.refreshes).toBeGreaterThan(0)
    expect(hasEnded(world)).toBe(false)
  })

  test("if it refuses connections", async () => {
    const { world, store, accessToken } = await start()
    await world.server.close()
    const client = world.client(store, { deadline: "30 seconds" })
    expect(await client.session(world.key).getAccessToken()).toBe(accessToken)
    expect(world.presentations.count).toBeGreaterThan(0)
    expect(hasEnded(world)).toBe(false)
  })

  test("if it accepts connections and does not respond", async () => {
    const { world, store, accessToken } = await start()
    // What a client asks for is at the server's address.
    const { port } = new URL(world.server.url)
    await world.server.close()
    const silent = createServer().listen(Number(port), "127.0.0.1")
    await once(silent, "listening")
    const connected = once(silent, "connection")
    expect((silent.address() as AddressInfo).port).toBe(Number(port))
    const client = createTokenClient({
      server: ellipsisDrive({ baseUrl: world.server.url }),
      ...confidential,
      store,
      timeout: "3 seconds",
      now: () => world.server.clock.now(),
      onEvent: (event) => world.events.push(event),
    })
    const call = client.session(world.key).getAccessToken()
    const [socket] = await connected
    onTestFinished(async () => {
      socket.destroy()
      silent.close()
      await client.close()
    })
    expect(await call).toBe(accessToken)
    expect(hasEnded(world)).toBe(false)
  })
})
