// Who waits for what, how long, and what is asked of the store and the server meanwhile.
import { describe, expect } from "vitest"
import { type TokenStoreAdapter, TransportError } from "../../src/promise/index.js"
import { type Scene, scene } from "../oneTimeTokens.js"
import { rejection } from "../sessions.js"

const hour = 3_600_000

/** A token that is good for an hour, and whose refresh token is R1. */
const importAnHour = (at: Scene, session = at.client(at.memory).session()) =>
  session.importToken({ accessToken: "A1", refreshToken: "R1", expiresAt: at.now() + hour })

/** How long a promise takes, in milliseconds, to a step of the clock. */
const timed = async <A>(at: Scene, promise: Promise<A>): Promise<{ took: number; value: A }> => {
  const start = at.now()
  const value = await at.until(promise)
  return { took: at.now() - start, value }
}

/** A view of the store that keeps the names of its calls. */
const spied = (at: Scene, more: Partial<TokenStoreAdapter> = {}) => {
  const calls: string[] = []
  const store = at.store(more)
  const spy = new Proxy(store, {
    get: (target, name) => {
      const call = Reflect.get(target, name)
      if (typeof call !== "function") return call
      return (...given: unknown[]) => {
        calls.push(String(name))
        return Reflect.apply(call, target, given)
      }
    },
  })
  return { calls, store: spy }
}

describe("with a token that is still valid, a caller waits two seconds for a refresh", () => {
  const options = { timeout: 30_000, deadline: 30_000 }

  scene("where the token is in memory", async (at) => {
    const session = at.client(at.store(), options).session()
    await importAnHour(at, session)
    await at.skip(hour - 30_000)
    at.onRequest = () => at.sleep(10_000)
    const { took, value } = await timed(at, session.getAccessToken())
    expect(value).toBe("A1")
    expect(took).toBeGreaterThanOrEqual(2000)
    expect(took).toBeLessThanOrEqual(2050)
    // The refresh goes on, and anyone who comes now waits for nothing.
    expect((await timed(at, session.getAccessToken())).took).toBe(0)
    await at.elapse(8000)
    expect(await at.until(session.getAccessToken())).toBe("A2")
    expect(at.presented).toEqual(["R1"])
  })

  scene("where it comes from a store that is quick", async (at) => {
    await importAnHour(at)
    const session = at.client(at.store(), options).session()
    await at.skip(hour - 30_000)
    at.onRequest = () => at.sleep(10_000)
    const asking = session.getAccessToken()
    await at.elapse(500)
    expect(session.peekAccessToken()).toBe("A1")
    expect(session.getSnapshot()).toMatchObject({ status: "ready", refresh: { phase: "refreshing" } })
    const { took, value } = await timed(at, asking)
    expect(value).toBe("A1")
    expect(took).toBeGreaterThanOrEqual(1500)
    expect(took).toBeLessThanOrEqual(1550)
  })

  scene("where it comes later than that, and then not any longer", async (at) => {
    await importAnHour(at)
    let isFirst = true
    const slow = at.store({
      read: async (key) => {
        if (isFirst) {
          isFirst = false
          await at.sleep(3000)
        }
        return at.memory.read(key)
      },
    })
    const session = at.client(slow, options).session()
    await at.skip(hour - 30_000)
    at.onRequest = () => at.sleep(10_000)
    const { took, value } = await timed(at, session.getAccessToken())
    expect(value).toBe("A1")
    expect(took).toBeGreaterThanOrEqual(3000)
    expect(took).toBeLessThanOrEqual(3100)
  })

  scene("and not at all for a token that it does not want", async (at) => {
    const session = at.client(at.store(), options).session()
    await importAnHour(at, session)
    at.onRequest = () => at.sleep(10_000)
    const { took, value } = await timed(at, session.getAccessToken({ force: true }))
    expect(value).toBe("A2")
    expect(took).toBeGreaterThanOrEqual(10_000)
  })
})

describe("without a valid token, a caller waits until the deadline", () => {
  scene("of a request that hangs", async (at) => {
    const session = at.client(at.store(), { timeout: 20_000, deadline: 5000 }).session()
    await session.importToken({ refreshToken: "R1" })
    at.onRequest = () => at.sleep(15_000)
    const { took, value } = await timed(at, rejection(session.getAccessToken()))
    expect(value).toMatchObject({
      _tag: "TransportError",
      reason: "timeout",
      sent: "maybe",
      detail: "after 5 s; the request goes on in the background",
    })
    expect(took).toBeGreaterThanOrEqual(5000)
    expect(took).toBeLessThanOrEqual(5100)
    // Who joins later has the whole deadline.
    await at.elapse(1000)
    const later = await timed(at, rejection(session.getAccessToken()))
    expect(later.took).toBeGreaterThanOrEqual(5000)
    expect(later.took).toBeLessThanOrEqual(5100)
    await at.elapse(4000)
    expect(await at.until(session.getAccessToken())).toBe("A2")
    expect(at.presented).toEqual(["R1"])
  })

  scene("and longer by the wait for a lease", async (at) => {
    const session = at.client(at.store(), { timeout: 20_000, deadline: 5000 }).session()
    await session.importToken({ refreshToken: "R1" })
    await at.memory.lease(at.key(), "another", 3000)
    at.onRequest = () => at.sleep(15_000)
    const { took, value } = await timed(at, rejection(session.getAccessToken()))
    expect(value).toMatchObject({ reason: "timeout", sent: "maybe" })
    expect(took).toBeGreaterThanOrEqual(8000)
    expect(took).toBeLessThanOrEqual(8400)
    // The wait is over: it does not count for who comes later.
    const later = await timed(at, rejection(session.getAccessToken()))
    expect(later.took).toBeGreaterThanOrEqual(5000)
    expect(later.took).toBeLessThanOrEqual(5100)
  })

  scene("and longer only by that part of the wait for a lease that is one's own", async (at) => {
    const session = at.client(at.store(), { timeout: 20_000, deadline: 5000 }).session()
    await session.importToken({ refreshToken: "R1" })
    await at.memory.lease(at.key(), "another", 4000)
    at.onRequest = () => at.sleep(15_000)
    const first = rejection(session.getAccessToken())
    await at.elapse(3000)
    const { took } = await timed(at, rejection(session.getAccessToken()))
    expect(took).toBeGreaterThanOrEqual(6000)
    expect(took).toBeLessThanOrEqual(6400)
    await first
  })

  scene("of a store that is slow", async (at) => {
    const slow = at.store({
      read: async (key) => {
        await at.sleep(8000)
        return at.memory.read(key)
      },
    })
    const session = at.client(slow, { deadline: 5000 }).session()
    const { took, value } = await timed(at, rejection(session.getAccessToken()))
    expect(value).toMatchObject({
      reason: "timeout",
      sent: "no",
      detail: "after 5 s; the request was not sent yet, since the token store is slow",
    })
    expect(took).toBeLessThanOrEqual(5100)
  })
})

describe("a request that hangs", () => {
  scene("holds back another session for ten seconds, and no longer", async (at) => {
    const client = at.client(at.store(), { maxConcurrentRefreshes: 1, timeout: 30_000, deadline: 30_000 })
    const [one, other] = [client.session("one"), client.session("other")]
    await one.importToken({ refreshToken: "R1" })
    await other.importToken({ refreshToken: "RX1" })
    const start = at.now()
    const times: number[] = []
    at.onRequest = async (presented) => {
      times.push(at.now() - start)
      if (presented === "R1") await at.sleep(20_000)
    }
    const hanging = one.getAccessToken()
    expect(await at.until(other.getAccessToken())).toMatch(/^A/)
    expect(times).toEqual([0, 10_000])
    expect(await at.until(hanging)).toMatch(/^A/)
  })

  scene("that ended gives back one place, and not two", async (at) => {
    const client = at.client(at.store(), { maxConcurrentRefreshes: 1, timeout: 30_000, deadline: 60_000 })
    const names = ["RX1", "R1"] as const
    for (const name of names) await client.session(name).importToken({ refreshToken: name })
    const times: number[] = []
    const start = at.now()
    at.onRequest = async () => {
      times.push(at.now() - start)
      await at.sleep(12_000)
    }
    const asking = [client.session("RX1").getAccessToken(), client.session("R1").getAccessToken()]
    await at.until(Promise.all(asking))
    expect(times).toEqual([0, 10_000])
    await at.elapse(20_000)
    // All have ended, and one request at a time is sent again.
    const later = at.now()
    times.length = 0
    const forced = names.map((name) => client.session(name).getAccessToken({ force: true }))
    await at.until(Promise.all(forced))
    expect(times.map((time) => time + start - later)).toEqual([0, 10_000])
  })
})

describe("a user who is signed out", () => {
  scene("is told at once, without a lease", async (at) => {
    const { calls, store } = spied(at)
    await at.memory.lease(at.key(), "another", 60_000)
    const { took, value } = await timed(at, rejection(at.client(store).session().getAccessToken()))
    expect(value).toMatchObject({ _tag: "LoginRequired", reason: "noToken", key: "default" })
    expect(took).toBe(0)
    expect(calls).toEqual(["read"])
  })

  scene("elsewhere, while a session waits for a lease, is told when that is next tried", async (at) => {
    const session = at.client().session()
    await session.importToken({ refreshToken: "R1" })
    await at.memory.lease(at.key(), "another", 60_000)
    const asking = rejection(session.getAccessToken())
    await at.elapse(500)
    await at.client(at.memory).session().signOut()
    const { took, value } = await timed(at, asking)
    expect(value).toMatchObject({ _tag: "LoginRequired", reason: "noToken" })
    expect(took).toBeLessThanOrEqual(300)
    expect(session.getSnapshot()).toMatchObject({ status: "signedOut", reason: "elsewhere" })
    expect(at.presented).toEqual([])
  })
})

describe("the calls to the store", () => {
  scene("of a refresh: two looks, a lease, a write", async (at) => {
    const { calls, store } = spied(at)
    const session = at.client(store).session()
    await session.importToken({ refreshToken: "R1" })
    calls.length = 0
    expect(await at.until(session.getAccessToken())).toBe("A2")
    expect(calls).toEqual(["read", "lease", "read", "write", "release"])
  })

  scene("of a fresh token in the store: one look", async (at) => {
    await importAnHour(at)
    const { calls, store } = spied(at)
    expect(await at.until(at.client(store).session().getAccessToken())).toBe("A1")
    expect(calls).toEqual(["read"])
  })

  scene(
    "of a refresh token that is refused, and whose successor is stored: nothing is removed",
    async (at) => {
      const { calls, store } = spied(at, { lease: () => ({ acquired: true, expiresIn: 1 }) })
      const session = at.client(store).session()
      await session.importToken({ refreshToken: "unknown" })
      at.onRequest = () => importAnHour(at)
      expect(await at.until(session.getAccessToken())).toBe("A1")
      expect(calls).not.toContain("remove")
    },
  )

  scene("of a late write: no look before the lease that was kept", async (at) => {
    const { calls, store } = spied(at)
    const session = at.client(store).session()
    await session.importToken({ refreshToken: "R1" })
    at.isReadOnly = true
    expect(await rejection(at.until(session.getAccessToken()))).toMatchObject({ reason: "notDurable" })
    at.isReadOnly = false
    await at.elapse(1100)
    calls.length = 0
    expect(await at.until(session.getAccessToken())).toBe("A2")
    await at.elapse(1000)
    expect(calls).toEqual(["lease", "write", "release"])
  })
})

scene("a lease that comes after its caller has given up is given back", async (at) => {
  let isFirst = true
  const slow = at.store({
    lease: async (...call) => {
      if (isFirst) {
        isFirst = false
        await at.sleep(15_000)
      }
      return at.memory.lease(...call)
    },
  })
  const session = at.client(slow, { deadline: 20_000 }).session()
  await session.importToken({ refreshToken: "R1" })
  expect(await rejection(at.until(session.getAccessToken()))).toMatchObject({
    _tag: "TokenStoreError",
    reason: "unavailable",
  })
  await at.elapse(6000)
  expect(await at.memory.lease(at.key(), "another", 1000)).toMatchObject({ acquired: true })
})

scene(
  "the lease of a token that is not written yet is given back where a later login is adopted",
  async (at) => {
    const options = { timeout: 20_000, deadline: 1500 }
    const session = at.client(at.store(), options).session()
    await session.importToken({ refreshToken: "R1" })
    at.isReadOnly = true
    expect(await rejection(at.until(session.getAccessToken()))).toMatchObject({ reason: "notDurable" })
    at.isReadOnly = false
    await at.elapse(1000)
    expect(await at.memory.lease(at.key(), "another", 1000)).toMatchObject({ acquired: false })
    await at.client(at.memory).session().importToken({ accessToken: "AX", refreshToken: "RX1" })
    await at.until(session.getAccessToken())
    await at.elapse(500)
    expect(await at.until(session.getAccessToken())).toBe("AX")
    expect(await at.memory.lease(at.key(), "another", 1000)).toMatchObject({ acquired: true })
  },
)

describe("a caller that requires another token", () => {
  const failing = new TransportError({ reason: "offline", sent: "no" })

  scene("sends a request right after one that failed, and others do not", async (at) => {
    const session = at.client(at.store(), { deadline: 500 }).session()
    await session.importToken({ refreshToken: "R1" })
    at.onRequest = () => {
      throw new TransportError({ reason: "network", sent: "no" })
    }
    const error = await rejection(at.until(session.getAccessToken()))
    expect(at.presented).toHaveLength(1)
    expect(await rejection(session.getAccessToken())).toBe(error)
    expect(at.presented).toHaveLength(1)
    expect(await rejection(at.until(session.getAccessToken({ force: true })))).not.toBe(error)
    expect(at.presented).toHaveLength(2)
  })

  scene("does not get the one that it has where that fails", async (at) => {
    const session = at.client().session()
    await importAnHour(at, session)
    at.onRequest = () => {
      throw failing
    }
    expect(await rejection(at.until(session.getAccessToken({ force: true })))).toBe(failing)
    expect(await session.getAccessToken()).toBe("A1")
  })

  scene("gives up after three tokens that it does not want", async (at) => {
    const session = at.client().session()
    const same = { accessToken: "A1", refreshToken: "R1", expiresAt: at.now() + hour }
    await session.importToken(same)
    // Someone imports the same token again while each of its requests is on its way.
    at.onRequest = async () => {
      if (at.presented.length <= 10) await session.importToken(same, { replace: true })
    }
    expect(await rejection(at.until(session.getAccessToken({ force: true })))).toMatchObject({
      _tag: "TokenStoreError",
      reason: "leaseTimeout",
      key: "default",
    })
    expect(at.presented).toEqual(["R1", "R1", "R1"])
    expect(await session.getAccessToken()).toBe("A1")
  })
})
