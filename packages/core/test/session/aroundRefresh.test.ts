// What happens beside a refresh: other sessions, sign-outs, a client that closes.
import { afterEach, describe, expect, test, vi } from "vitest"
import { type TokenEvent, TokenStoreError, TransportError } from "../../src/promise/index.js"
import { scene } from "../oneTimeTokens.js"
import { rejection, World } from "../sessions.js"

afterEach(() => {
  vi.useRealTimers()
})

scene("a store that is slow to write holds back no request of another session", async (at) => {
  let isSlow = false
  const slow = at.store({
    write: async (...call) => {
      if (isSlow) await at.sleep(5000)
      return at.memory.write(...call)
    },
  })
  const client = at.client(slow, { maxConcurrentRefreshes: 1, deadline: 20_000, timeout: 20_000 })
  const [ada, bob] = [client.session("ada"), client.session("bob")]
  await ada.importToken({ refreshToken: "R1" })
  await bob.importToken({ refreshToken: "RX1" })
  isSlow = true
  const both = Promise.all([ada.getAccessToken(), bob.getAccessToken()])
  await at.elapse(100)
  expect(at.presented).toEqual(["R1", "RX1"])
  expect(await at.until(both)).toEqual(["A2", "A3"])
})

scene("one callback in two sessions is two logins, and each keeps its own token", async (at) => {
  at.onRequest = () => at.sleep(100)
  const client = at.client()
  const { url, transaction } = await client.createAuthorizationRequest()
  const callback = `/callback?code=c&state=${new URL(url).searchParams.get("state")}`
  const [ada, bob] = [client.session("ada"), client.session("bob")]
  const both = [ada, bob].map((session) => session.completeAuthorization(callback, transaction))
  const tokens = await at.until(Promise.all(both))
  expect(tokens.map(({ accessToken }) => accessToken)).toEqual(["A2", "A3"])
  expect([ada.peekAccessToken(), bob.peekAccessToken()]).toEqual(["A2", "A3"])
  expect([ada, bob].map((session) => session.getSnapshot().status)).toEqual(["ready", "ready"])
})

describe("a user who signs out", () => {
  scene("stays signed out where the store finds the old token a moment later", async (at) => {
    let isSlow = false
    const slow = at.store({
      read: async (key) => {
        const record = await at.memory.read(key)
        if (isSlow) await at.sleep(500)
        return record
      },
    })
    const first = at.client(slow).session()
    await first.importToken({ accessToken: "A1", refreshToken: "R1", expiresAt: at.now() + 3_600_000 })
    // The token is still valid, and no longer fresh.
    await at.skip(3_600_000 - 30_000)
    isSlow = true
    const session = at.client(slow).session()
    const asking = rejection(session.getAccessToken())
    const statuses: string[] = []
    session.subscribe(() => statuses.push(session.getSnapshot().status))
    await at.elapse(100)
    await at.until(session.signOut())
    await at.until(asking)
    expect(session.getSnapshot()).toMatchObject({ status: "signedOut" })
    expect(statuses).not.toContain("ready")
    expect(session.peekAccessToken()).toBeUndefined()
  })

  scene("in another process during a refresh is signed out here too, and told so once", async (at) => {
    const events: TokenEvent[] = []
    const session = at.client(at.store(), { onEvent: (event) => events.push(event) }).session()
    await session.importToken({ accessToken: "A1", refreshToken: "R1", expiresAt: at.now() + 3_600_000 })
    at.onRequest = async () => {
      await at.memory.remove(at.key())
    }
    expect(await rejection(at.until(session.getAccessToken({ force: true })))).toMatchObject({
      _tag: "LoginRequired",
      reason: "noToken",
    })
    expect(session.getSnapshot()).toMatchObject({ status: "signedOut", reason: "elsewhere" })
    expect(events.filter(({ type }) => type === "signedOut")).toMatchObject([{ reason: "elsewhere" }])
    expect(await at.record()).toBeUndefined()
  })
})

describe("a client that closes", () => {
  scene("tells a waiting caller of the request that failed", async (at) => {
    at.onRequest = () => {
      throw new TransportError({ reason: "network", sent: "maybe", detail: "ECONNRESET" })
    }
    const client = at.client(at.store(), { deadline: 60_000, timeout: 60_000 })
    const session = client.session()
    await session.importToken({ refreshToken: "R1" })
    const asking = rejection(session.getAccessToken())
    await at.elapse(100)
    expect(at.presented).toEqual(["R1"])
    await at.until(client.close())
    expect(await asking).toMatchObject({ _tag: "TransportError", detail: "ECONNRESET" })
  })

  scene("gives the lease back with the token that the store did not take before", async (at) => {
    const client = at.client(at.store(), { timeout: 20_000 })
    const session = client.session()
    await session.importToken({ refreshToken: "R1" })
    at.isReadOnly = true
    expect(await rejection(at.until(session.getAccessToken()))).toMatchObject({ reason: "notDurable" })
    at.isReadOnly = false
    await at.until(client.close())
    expect(await at.stored()).toBe("R2")
    expect(await at.memory.lease(at.key(), "another process", 1000)).toMatchObject({ acquired: true })
  })
})

test("a refresh that has ended leaves no timer, which would keep a process alive", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval"] })
  const { session } = await new World().loggedIn()
  await session.getAccessToken({ force: true })
  expect(vi.getTimerCount()).toBe(0)
})

scene("a second login that is given up leads back to the state before the first one", async (at) => {
  const session = at.client().session()
  await at.until(session.restore())
  const before = session.getSnapshot()
  session.beginLogin("redirect")
  const giveUp = session.beginLogin("popup")
  expect(session.getSnapshot()).toEqual({ status: "signingIn", method: "popup" })
  giveUp()
  expect(session.getSnapshot()).toEqual(before)
})

describe("a write of a new token that fails", () => {
  scene(
    "is repeated every two seconds at the least, so that a store that is back is used soon",
    async (at) => {
      const session = at.client(at.store(), { deadline: 60_000, timeout: 60_000 }).session()
      await session.importToken({ refreshToken: "R1" })
      at.isReadOnly = true
      const start = at.now()
      const asking = session.getAccessToken()
      await at.elapse(20_000)
      at.isReadOnly = false
      expect(await at.until(asking)).toBe("A2")
      expect(at.now() - start).toBeLessThanOrEqual(22_100)
      expect(await at.stored()).toBe("R2")
    },
  )

  scene("is not repeated where only a person can help", async (at) => {
    let writes = 0
    let isUnusable = false
    const store = at.store({
      write: (...call) => {
        if (!isUnusable) return at.memory.write(...call)
        writes++
        throw new TokenStoreError({ reason: "unusable", key: "default", detail: "no table" })
      },
    })
    const session = at.client(store).session()
    await session.importToken({ refreshToken: "R1" })
    isUnusable = true
    const start = at.now()
    expect(await rejection(at.until(session.getAccessToken()))).toMatchObject({ reason: "notDurable" })
    expect([writes, at.now() - start]).toEqual([1, 0])
    expect(session.peekAccessToken()).toBe("A2")
  })
})

scene("of two logins of the same millisecond the one that is in the store counts", async (at) => {
  const session = at.client().session()
  at.isReadOnly = true
  const importing = rejection(session.importToken({ refreshToken: "R1" }))
  await at.client(at.memory).session().importToken({ refreshToken: "RX1" })
  expect(await at.until(importing)).toMatchObject({ reason: "notDurable" })
  at.isReadOnly = false
  await at.elapse(1100)
  expect(await at.until(session.getAccessToken())).toBe("A2")
  expect(at.presented).toEqual(["RX1"])
})

scene("a token of a machine whose clock is four minutes ahead is used, and not refreshed", async (at) => {
  const inFourMinutes = at.now() + 240_000
  await at
    .client()
    .session()
    .importToken({ accessToken: "A1", refreshToken: "R1", expiresAt: at.now() + 3_600_000 })
  const record = await at.record()
  const value = JSON.parse(record?.value ?? "")
  const token = JSON.stringify({ ...JSON.parse(value.token), issuedAt: inFourMinutes })
  await at.memory.write(at.key(), { value: JSON.stringify({ ...value, token }), version: "ahead" })
  expect(await at.until(at.client().session().getAccessToken())).toBe("A1")
  expect(at.presented).toEqual([])
})

scene("an import that was aborted before does nothing", async (at) => {
  const session = at.client().session()
  const signal = AbortSignal.abort(new Error("enough"))
  await expect(session.importToken({ refreshToken: "R1" }, { signal })).rejects.toThrow("enough")
  await at.elapse(1000)
  expect(await at.record()).toBeUndefined()
})
