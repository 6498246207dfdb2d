// Stores, listeners and observers of an app's own that hang, reject or give nonsense.
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { describe, expect, onTestFinished } from "vitest"
import { TokenStore } from "../../src/index.js"
import { type Lease, TokenStoreError } from "../../src/promise/index.js"
import { scene } from "../oneTimeTokens.js"
import { rejection } from "../sessions.js"

/** What nobody has caught, until the test ends. */
const unhandledRejections = () => {
  const found: unknown[] = []
  const listener = (error: unknown) => found.push(error)
  process.on("unhandledRejection", listener)
  onTestFinished(() => {
    process.off("unhandledRejection", listener)
  })
  return found
}

const never = () => new Promise<never>(() => {})

scene("a release that hangs delays its callers by a second at most", async (at) => {
  const session = at.client(at.store({ release: never })).session()
  await session.importToken({ refreshToken: "R1" })
  const since = at.now()
  expect(await at.until(session.getAccessToken())).toBe("A2")
  expect(at.now() - since).toBeLessThanOrEqual(1050)
})

scene("a store whose close hangs delays close() by ten seconds at most", async (at) => {
  const since = at.now()
  await at.until(at.client(at.store({ close: never })).close())
  expect(at.now() - since).toBeLessThanOrEqual(10_050)
})

scene("and the end of a scope that has such a store", async (at) => {
  const since = at.now()
  const layer = TokenStore.fromAdapter(at.store({ close: never }))
  await at.until(at.run(Effect.scoped(Layer.build(layer))))
  expect(at.now() - since).toBeLessThanOrEqual(10_050)
})

scene("what onEvent and listeners reject with is ignored", async (at) => {
  const found = unhandledRejections()
  let calls = 0
  const reject = async () => {
    calls++
    throw new Error("the log is full")
  }
  const session = at.client(at.store(), { onEvent: reject }).session()
  session.subscribe(reject)
  await session.importToken({ refreshToken: "R1" })
  expect(await at.until(session.getAccessToken())).toBe("A2")
  await at.elapse(100)
  expect(calls).toBeGreaterThan(1)
  expect(found).toEqual([])
})

describe("a result of lease() that is not a lease", () => {
  for (const [name, lease] of [
    ["undefined", undefined],
    ["not acquired, for nobody knows how long", { acquired: false }],
    ["not acquired, for NaN milliseconds", { acquired: false, expiresIn: Number.NaN }],
    ["neither acquired nor not", { expiresIn: 1000 }],
  ] as const) {
    scene(`${name}: the error says so, after one call`, async (at) => {
      let calls = 0
      const store = at.store({
        lease: () => {
          // Asked for without end, it would keep this process busy for good.
          if (++calls > 100) throw new Error("asked for a hundred times")
          return lease as unknown as Lease
        },
      })
      const session = at.client(store).session()
      await session.importToken({ refreshToken: "R1" })
      const error = await rejection(at.until(session.getAccessToken()))
      expect(error).toMatchObject({ _tag: "TokenStoreError", reason: "unusable", action: "fix" })
      expect(String(error)).toContain("lease()")
      expect(calls).toBe(1)
      expect(at.presented).toEqual([])
    })
  }

  scene("and that comes too late ends nothing", async (at) => {
    const found = unhandledRejections()
    const store = at.store({
      lease: async () => {
        await at.sleep(12_000)
        return undefined as unknown as Lease
      },
    })
    const session = at.client(store, { deadline: 20_000 }).session()
    await session.importToken({ refreshToken: "R1" })
    expect(await rejection(at.until(session.getAccessToken()))).toMatchObject({ reason: "unavailable" })
    await at.elapse(2000)
    expect(found).toEqual([])
  })
})

describe("the error of a refresh whose request was not sent in time", () => {
  const timeout = { _tag: "TransportError", reason: "timeout", sent: "no" }

  scene("names the other requests of this client", async (at) => {
    at.onRequest = () => at.sleep(8000)
    const client = at.client(at.store(), { maxConcurrentRefreshes: 1 })
    await client.session("ada").importToken({ refreshToken: "R1" })
    await client.session("bob").importToken({ refreshToken: "RX1" })
    const first = rejection(client.session("ada").getAccessToken())
    await at.elapse(50)
    const error = await rejection(at.until(client.session("bob").getAccessToken()))
    expect(error).toMatchObject(timeout)
    expect(String(error)).toContain("this client is sending too many others")
    expect(at.presented).toEqual(["R1"])
    expect(await first).toMatchObject({ reason: "timeout", sent: "maybe" })
  })

  scene("names the store", async (at) => {
    let hangs = false
    const store = at.store({ read: (key) => (hangs ? never() : at.memory.read(key)) })
    const session = at.client(store).session()
    await session.importToken({ refreshToken: "R1" })
    hangs = true
    const error = await rejection(at.until(session.getAccessToken()))
    expect(error).toMatchObject(timeout)
    expect(String(error)).toContain("the token store is slow")
    expect(at.presented).toEqual([])
  })
})

scene("a store that cannot be used costs no login its code", async (at) => {
  let isUsable = false
  const store = at.store({
    read: async (key) => {
      if (isUsable) return at.memory.read(key)
      throw new TokenStoreError({ reason: "unusable", key, detail: "the path is a folder" })
    },
  })
  const client = at.client(store)
  const { url, transaction } = await at.until(client.createAuthorizationRequest())
  const callback = `https://app.example/callback?code=c&state=${new URL(url).searchParams.get("state")}`
  const session = client.session()
  const login = () => at.until(session.completeAuthorization(callback, transaction))
  expect(await rejection(login())).toMatchObject({ reason: "unusable", action: "fix", key: "default" })
  expect(at.presented).toEqual([])
  expect(session.getSnapshot()).toMatchObject({ status: "signedOut", error: { reason: "unusable" } })
  isUsable = true
  await login()
  expect(at.presented).toEqual(["code c"])
})

scene("a store that takes no write and says nothing of it loses no new token", async (at) => {
  let isTaking = true
  const store = at.store({ write: (...call) => isTaking && at.memory.write(...call) })
  const session = at.client(store).session()
  await session.importToken({ refreshToken: "R1" })
  isTaking = false
  expect(await rejection(at.until(session.getAccessToken()))).toMatchObject({ reason: "notDurable" })
  isTaking = true
  await at.elapse(1100)
  expect(await at.until(session.getAccessToken({ force: true }))).toBe("A3")
  expect(at.presented).toEqual(["R1", "R2"])
})
