// What a session tells while it works: every event with its numbers, and every state in order.
import { describe, expect } from "vitest"
import {
  type PromiseTokenSession,
  type TokenClientOptions,
  type TokenEvent,
  type TokenStoreAdapter,
  TransportError,
} from "../../src/promise/index.js"
import { type Scene, scene } from "../oneTimeTokens.js"
import { rejection } from "../sessions.js"

const hour = 3_600_000

/** A session, with its events and its states from now on. */
const watched = (at: Scene, store?: TokenStoreAdapter, options: Partial<TokenClientOptions> = {}) => {
  const events: TokenEvent[] = []
  const client = at.client(store, { onEvent: (event) => events.push(event), ...options })
  const session = client.session("default")
  return { client, events, session, states: statesOf(session) }
}

const statesOf = (session: PromiseTokenSession): string[] => {
  const states: string[] = []
  session.subscribe(() => {
    const state = session.getSnapshot()
    states.push("refresh" in state ? `${state.status} ${state.refresh.phase}` : state.status)
  })
  return states
}

/** The time of the last event, in milliseconds since the epoch. */
const endOf = (events: readonly TokenEvent[]): number => events.at(-1)?.at ?? 0

const anHour = (at: Scene) => ({ accessToken: "A1", refreshToken: "R1", expiresAt: at.now() + hour })

const logInElsewhere = (at: Scene) => at.client(at.memory).session().importToken(anHour(at))

const key = "default"

describe("a refresh tells", () => {
  scene("when it starts, how long it took, and with how many requests", async (at) => {
    await logInElsewhere(at)
    const { events, session, states } = watched(at)
    await at.skip(hour - 10_000)
    const start = at.now()
    at.onRequest = async () => {
      if (at.presented.length === 1) throw new TransportError({ reason: "network", sent: "maybe" })
      await at.sleep(200)
    }
    expect(await at.until(session.getAccessToken())).toBe("A2")
    const end = endOf(events)
    expect(end - start).toBeGreaterThanOrEqual(200)
    expect(end - start).toBeLessThan(1000)
    const { expiresAt } = await session.getToken()
    expect(events).toStrictEqual([
      { type: "refreshStarted", key, at: start },
      { type: "refreshed", rotated: true, expiresAt, duration: end - start, attempts: 2, key, at: end },
    ])
    expect(states).toEqual(["ready idle", "ready refreshing", "ready idle"])
    expect(session.getSnapshot()).toStrictEqual({
      status: "ready",
      expiresAt,
      scope: [],
      refresh: { phase: "idle" },
    })
  })

  scene("that it failed, and shows until when there is no other", async (at) => {
    await logInElsewhere(at)
    const { events, session, states } = watched(at)
    await session.restore()
    await at.skip(hour)
    expect(session.getSnapshot()).toMatchObject({ status: "stale" })
    await at.elapse(0)
    states.length = 0
    const start = at.now()
    const error = new TransportError({ reason: "network", sent: "no" })
    at.onRequest = () => {
      throw error
    }
    expect(await rejection(at.until(session.getAccessToken()))).toBe(error)
    const end = endOf(events)
    expect(end).toBeGreaterThan(start)
    expect(at.presented.length).toBeGreaterThan(1)
    const attempts = at.presented.length
    expect(events).toStrictEqual([
      { type: "refreshStarted", key, at: start },
      { type: "refreshFailed", error, duration: end - start, attempts, key, at: end },
    ])
    expect(states).toEqual(["stale refreshing", "stale failed"])
    expect(session.getSnapshot()).toStrictEqual({
      status: "stale",
      refresh: { phase: "failed", error, retryAt: end + 1000 },
    })
  })

  scene("that the device is offline", async (at) => {
    await logInElsewhere(at)
    const { events, session, states } = watched(at)
    await session.restore()
    await at.skip(hour)
    expect(session.getSnapshot()).toMatchObject({ status: "stale" })
    await at.elapse(0)
    states.length = 0
    const error = new TransportError({ reason: "offline", sent: "no" })
    at.onRequest = () => {
      throw error
    }
    expect(await rejection(at.until(session.getAccessToken()))).toBe(error)
    expect(events).toStrictEqual([
      { type: "refreshStarted", key, at: at.now() },
      { type: "refreshFailed", error, duration: 0, attempts: 1, key, at: at.now() },
    ])
    expect(states).toEqual(["stale refreshing", "stale offline"])
  })

  scene("that the user has to log in", async (at) => {
    const { events, session, states } = watched(at)
    await session.importToken({ refreshToken: "unknown" })
    const error = await rejection(at.until(session.getAccessToken()))
    expect(error).toMatchObject({ _tag: "LoginRequired", reason: "revoked" })
    expect(events).toStrictEqual([
      { type: "refreshStarted", key, at: at.now() },
      { type: "signedOut", reason: "revoked", key, at: at.now() },
    ])
    expect(states).toEqual(["stale idle", "stale refreshing", "signedOut"])
    expect(session.getSnapshot()).toStrictEqual({ status: "signedOut", reason: "revoked", error })
  })

  scene("that the refresh token stayed the same", async (at) => {
    const { events, session } = watched(at)
    await session.importToken({ refreshToken: "R1" })
    at.keepsRefreshToken = true
    expect(await at.until(session.getAccessToken())).toBe("A2")
    expect(events.at(-1)).toMatchObject({ type: "refreshed", rotated: false })
    expect(await at.stored()).toBe("R1")
  })
})

describe("a token of another process is adopted with an event", () => {
  scene("from the store, without a request", async (at) => {
    await logInElsewhere(at)
    const { events, session, states } = watched(at)
    expect(await at.until(session.getAccessToken())).toBe("A1")
    expect(events).toStrictEqual([
      { type: "adopted", expiresAt: at.now() + hour, duration: 0, attempts: 0, key, at: at.now() },
    ])
    expect(states).toEqual(["ready idle"])
    expect(at.presented).toEqual([])
  })

  scene("without an expiry where that is not known", async (at) => {
    await at.client(at.memory).session().importToken({ accessToken: "A1" })
    const { events, session } = watched(at)
    expect(await at.until(session.getAccessToken())).toBe("A1")
    expect(events).toStrictEqual([{ type: "adopted", duration: 0, attempts: 0, key, at: at.now() }])
  })

  scene("by a reload, with the time that the store took", async (at) => {
    const slow = at.store({
      read: async (name) => {
        await at.sleep(100)
        return at.memory.read(name)
      },
    })
    const { events, session, states } = watched(at, slow)
    await at.until(session.importToken({ refreshToken: "RX1" }))
    await at.skip(1000)
    await logInElsewhere(at)
    const expiresAt = at.now() + hour
    events.length = 0
    expect(await at.until(session.reload())).toMatchObject({ status: "ready" })
    expect(events).toStrictEqual([
      { type: "adopted", expiresAt, duration: 100, attempts: 0, key, at: at.now() },
    ])
    expect(states).toEqual(["stale idle", "ready idle"])
  })

  scene("after the wait for its refresh", async (at) => {
    await logInElsewhere(at)
    await at.skip(hour)
    const other = at.client(at.memory, { deadline: 5000 }).session()
    at.onRequest = () => at.sleep(1000)
    const refreshing = other.getAccessToken()
    await at.elapse(0)
    const { events, session, states } = watched(at, at.store(), { deadline: 5000 })
    await session.restore()
    const start = at.now()
    expect(await at.until(session.getAccessToken())).toBe("A2")
    expect(await at.until(refreshing)).toBe("A2")
    const [leaseWaited, adopted] = events
    expect(events).toHaveLength(2)
    if (leaseWaited?.type !== "leaseWaited") throw new Error("there was no wait")
    expect(leaseWaited.attempts).toBeGreaterThan(3)
    expect(leaseWaited.duration).toBeCloseTo(leaseWaited.at - start)
    expect(leaseWaited.duration).toBeGreaterThanOrEqual(1000)
    expect(leaseWaited.duration).toBeLessThanOrEqual(1250)
    expect(adopted).toStrictEqual({
      type: "adopted",
      expiresAt: start + hour,
      duration: leaseWaited.at - start,
      attempts: 0,
      key,
      at: leaseWaited.at,
    })
    expect(states).toEqual(["stale idle", "stale waiting", "ready idle"])
    expect(at.presented).toEqual(["R1"])
  })
})

scene("the wait for the lease of a process that died ends with a request of one's own", async (at) => {
  await logInElsewhere(at)
  await at.skip(hour)
  await at.memory.lease(at.key(), "the dead", 3000)
  const { events, session, states } = watched(at, at.store(), { deadline: 5000 })
  await session.restore()
  expect(await at.until(session.getAccessToken())).toBe("A2")
  expect(events.map(({ type }) => type)).toEqual(["leaseWaited", "refreshStarted", "refreshed"])
  expect(states).toEqual(["stale idle", "stale waiting", "stale refreshing", "ready idle"])
})

describe("a client that closes while a session waits for a lease", () => {
  scene("leaves the session idle", async (at) => {
    await logInElsewhere(at)
    await at.skip(hour - 10_000)
    await at.memory.lease(at.key(), "another", 60_000)
    const { client, events, session, states } = watched(at)
    const asking = session.getAccessToken()
    await at.elapse(100)
    expect(session.getSnapshot()).toMatchObject({ status: "ready", refresh: { phase: "waiting" } })
    await at.until(client.close())
    expect(await at.until(asking)).toBe("A1")
    expect(session.getSnapshot()).toMatchObject({ status: "ready", refresh: { phase: "idle" } })
    expect(states).toEqual(["ready idle", "ready waiting", "ready idle"])
    expect(events.map(({ type }) => type)).toEqual([])
  })
})

describe("a new token that the store does not take tells", () => {
  scene("that, and later that it was stored, late, without another request", async (at) => {
    const { events, session, states } = watched(at)
    await session.importToken({ refreshToken: "R1" })
    at.isReadOnly = true
    const expiresAt = at.now() + hour
    const start = at.now()
    const error = await rejection(at.until(session.getAccessToken()))
    expect(error).toMatchObject({ reason: "notDurable" })
    const failedAt = at.now()
    expect(events).toStrictEqual([
      { type: "refreshStarted", key, at: start },
      { type: "refreshFailed", error, duration: failedAt - start, attempts: 1, key, at: failedAt },
    ])
    expect(failedAt).toBeGreaterThan(start)
    expect(states).toEqual(["stale idle", "stale refreshing", "ready idle", "ready failed"])
    events.length = 0
    states.length = 0
    at.isReadOnly = false
    await at.elapse(1100)
    const again = at.now()
    expect(await at.until(session.getAccessToken())).toBe("A2")
    await at.elapse(1000)
    expect(events).toStrictEqual([
      { type: "refreshed", rotated: false, expiresAt, duration: 0, attempts: 0, key, at: again },
    ])
    expect(states).toEqual(["ready idle"])
    expect(at.presented).toEqual(["R1"])
  })

  scene("that it was stored, where the store has lost the record meanwhile", async (at) => {
    const { events, session } = watched(at)
    await session.importToken({ refreshToken: "R1" })
    at.isReadOnly = true
    await rejection(at.until(session.getAccessToken()))
    at.isReadOnly = false
    await at.memory.remove(at.key())
    await at.elapse(1100)
    events.length = 0
    expect(await at.until(session.getAccessToken())).toBe("A2")
    await at.elapse(1000)
    expect(events.map(({ type }) => type)).toEqual(["refreshed"])
    expect(session.getSnapshot()).toMatchObject({ status: "ready", refresh: { phase: "idle" } })
    expect(await at.stored()).toBe("R2")
  })
})

describe("an import that the store does not take", () => {
  scene("tells so, and no request was sent for it", async (at) => {
    const { events, session, states } = watched(at)
    at.isReadOnly = true
    const error = await rejection(at.until(session.importToken(anHour(at))))
    expect(error).toMatchObject({ reason: "notDurable" })
    expect(events).toStrictEqual([
      { type: "refreshFailed", error, duration: 0, attempts: 0, key, at: at.now() },
    ])
    expect(states).toEqual(["ready idle", "ready failed"])
  })
})

describe("a login tells", () => {
  const logIn = async (at: Scene, { client, session }: ReturnType<typeof watched>) => {
    const { url, transaction } = await at.until(client.createAuthorizationRequest())
    const state = new URL(url).searchParams.get("state")
    return at.until(session.completeAuthorization(`/callback?code=c&state=${state}`, transaction))
  }

  scene("of its token, with the time and the requests that it took", async (at) => {
    const all = watched(at, at.store(), { deadline: 5000 })
    at.onRequest = async () => {
      await at.sleep(100)
      if (at.presented.length === 1) throw new TransportError({ reason: "network", sent: "no" })
    }
    const start = at.now()
    await logIn(at, all)
    const duration = at.now() - start
    expect(all.events).toMatchObject([{ type: "tokenIssued", attempts: 2, key }])
    const [issued] = all.events
    if (issued?.type !== "tokenIssued") throw new Error("there was no token")
    expect(issued.duration).toBeGreaterThanOrEqual(200)
    expect(issued.duration).toBeLessThanOrEqual(duration)
    // It counts from the time at which the last request was sent.
    expect(issued.expiresAt).toBe(issued.at - 100 + hour)
    expect(all.states).toEqual(["exchanging", "ready idle"])
  })

  scene("of its token, and that the store did not take it", async (at) => {
    const all = watched(at)
    at.isReadOnly = true
    const start = at.now()
    const error = await rejection(logIn(at, all))
    expect(error).toMatchObject({ reason: "notDurable" })
    const told = { duration: at.now() - start, attempts: 1, key, at: at.now() }
    expect(all.events).toStrictEqual([
      { type: "tokenIssued", expiresAt: start + hour, ...told },
      { type: "refreshFailed", error, ...told },
    ])
    expect(all.states).toEqual(["exchanging", "ready idle", "ready failed"])
  })
})

describe("a session that was read once", () => {
  scene("is not read again by restore(), and is by reload()", async (at) => {
    await logInElsewhere(at)
    let reads = 0
    const store = at.store({
      read: (name) => {
        reads++
        return at.memory.read(name)
      },
    })
    const { events, session } = watched(at, store)
    const first = await session.restore()
    expect(first).toMatchObject({ status: "ready" })
    expect(await session.restore()).toBe(first)
    expect(reads).toBe(1)
    expect(await session.reload()).toBe(first)
    expect(reads).toBe(2)
    expect(events).toEqual([])
  })
})
