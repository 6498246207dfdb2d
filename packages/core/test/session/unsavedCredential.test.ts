// A new token that the store does not take at once, or that it loses again.
import { describe, expect } from "vitest"
import { TransportError } from "../../src/promise/index.js"
import { scene } from "../oneTimeTokens.js"
import { rejection } from "../sessions.js"

const notDurable = { _tag: "TokenStoreError", reason: "notDurable" }

describe("the same token imported again changes nothing", () => {
  scene("while its successor waits for the store", async (at) => {
    const session = at.client().session()
    await session.importToken({ refreshToken: "R1" })
    at.isReadOnly = true
    expect(await rejection(at.until(session.getAccessToken()))).toMatchObject(notDurable)
    at.isReadOnly = false
    await at.until(session.importToken({ refreshToken: "R1" }))
    await at.elapse(1100)
    expect(await at.until(session.getAccessToken())).toBe("A2")
    await at.elapse(1000)
    expect(at.presented).toEqual(["R1"])
    expect(await at.stored()).toBe("R2")
  })

  scene("while its successor waits for a store that has lost the record", async (at) => {
    const session = at.client().session()
    await session.importToken({ refreshToken: "R1" })
    at.isReadOnly = true
    expect(await rejection(at.until(session.getAccessToken()))).toMatchObject(notDurable)
    at.isReadOnly = false
    await at.memory.remove(at.key())
    await at.until(session.importToken({ refreshToken: "R1" }))
    await at.elapse(1100)
    expect(await at.until(session.getAccessToken())).toBe("A2")
    await at.elapse(1000)
    expect(at.presented).toEqual(["R1"])
    expect(await at.stored()).toBe("R2")
  })

  scene("while memory is newer than the store", async (at) => {
    const session = at.client().session()
    await session.importToken({ refreshToken: "R1" })
    const before = await at.record()
    expect(await at.until(session.getAccessToken())).toBe("A2")
    if (before !== undefined) await at.memory.write(at.key(), before)
    await session.importToken({ refreshToken: "R1" })
    expect(session.getSnapshot()).toMatchObject({ status: "ready" })
    expect(await at.until(session.getAccessToken())).toBe("A2")
    expect(at.presented).toEqual(["R1"])
  })
})

scene("a store that is one write behind, and takes none for a moment, gets the next token", async (at) => {
  const session = at.client(at.store(), { deadline: 3000 }).session()
  await session.importToken({ refreshToken: "R1" })
  const before = await at.record()
  expect(await at.until(session.getAccessToken())).toBe("A2")
  if (before !== undefined) await at.memory.write(at.key(), before)
  at.isReadOnly = true
  at.onRequest = () => {
    at.isReadOnly = false
  }
  expect(await at.until(session.getAccessToken({ force: true }))).toBe("A3")
  expect(await at.stored()).toBe("R3")
  expect(await at.until(session.getAccessToken({ force: true }))).toBe("A4")
  expect(at.presented).toEqual(["R1", "R2", "R3"])
})

scene(
  "a write that was done, and seemed to fail, is not done again over what others made of it",
  async (at) => {
    let isFirst = true
    const flaky = at.store({
      write: async (...call) => {
        const isDone = await at.memory.write(...call)
        if (!isFirst) return isDone
        isFirst = false
        throw new Error("ECONNRESET")
      },
    })
    const session = at.client(flaky).session()
    const importing = session.importToken({ refreshToken: "R1" })
    await at.elapse(0)
    expect(await at.stored()).toBe("R1")
    expect(await at.until(at.client().session().getAccessToken())).toBe("A2")
    expect(await at.stored()).toBe("R2")
    await at.until(importing)
    expect(await at.stored()).toBe("R2")
    expect(await at.until(session.getAccessToken())).toBe("A2")
    expect(at.presented).toEqual(["R1"])
  },
)

scene("a prolongation whose result comes too late does not give the lease back", async (at) => {
  let leases = 0
  let isOpen = false
  const releasedWhileOpen: string[] = []
  const slow = at.store({
    lease: async (...call) => {
      const lease = await at.memory.lease(...call)
      if (++leases === 2) await at.sleep(11_500)
      return lease
    },
    release: (key, owner) => {
      if (isOpen) releasedWhileOpen.push(key)
      return at.memory.release(key, owner)
    },
  })
  at.onRequest = async () => {
    isOpen = true
    await at.sleep(26_000)
    isOpen = false
  }
  const options = { timeout: 30_000, deadline: 4000 }
  const session = at.client(slow, options).session()
  await session.importToken({ refreshToken: "R1" })
  expect(await rejection(at.until(session.getAccessToken()))).toMatchObject({ sent: "maybe" })
  // Another process waits for the lease all the time.
  expect(await at.until(at.client(at.store(), options).session().getAccessToken())).toBe("A2")
  expect(leases).toBeGreaterThan(1)
  expect(releasedWhileOpen).toEqual([])
  expect(at.presented).toEqual(["R1"])
  expect(await at.until(session.getAccessToken())).toBe("A2")
})

scene("close() writes what the store did not take", async (at) => {
  const client = at.client(at.store(), { deadline: 500 })
  const session = client.session()
  await session.importToken({ refreshToken: "R1" })
  at.isReadOnly = true
  expect(await rejection(at.until(session.getAccessToken()))).toMatchObject(notDurable)
  at.isReadOnly = false
  expect(await at.stored()).toBe("R1")
  await at.until(client.close())
  expect(await at.stored()).toBe("R2")
})

scene("a refresh that went on from a token imported meanwhile keeps what it got", async (at) => {
  const session = at.client().session()
  await session.importToken({ refreshToken: "R1" })
  await at.memory.lease(at.key(), "another", 700)
  const asking = rejection(at.until(session.getAccessToken()))
  await at.elapse(100)
  at.onRequest = () => {
    at.isReadOnly = true
  }
  await session.importToken({ refreshToken: "RX1" })
  expect(await asking).toMatchObject(notDurable)
  at.isReadOnly = false
  await at.elapse(1100)
  expect(await at.until(session.getAccessToken())).toBe("A2")
  await at.elapse(1000)
  expect(at.presented).toEqual(["RX1"])
  expect(await at.stored()).toBe("R2")
})

scene("a late write is over once it is done, also where the request after it fails", async (at) => {
  const session = at.client().session()
  await session.importToken({ refreshToken: "R1" })
  at.isReadOnly = true
  expect(await rejection(at.until(session.getAccessToken()))).toMatchObject(notDurable)
  at.isReadOnly = false
  await at.elapse(1100)
  at.onRequest = () => {
    throw new TransportError({ reason: "offline", sent: "no" })
  }
  expect(await rejection(at.until(session.getAccessToken({ force: true })))).toMatchObject({
    reason: "offline",
  })
  expect(await at.stored()).toBe("R2")
  await at.until(at.client().session().signOut())
  expect(await at.record()).toBeUndefined()
  await at.elapse(1100)
  // The token in hand is good for a while; what matters is the store.
  await at.until(session.getAccessToken())
  await at.elapse(1000)
  expect(await at.record()).toBeUndefined()
})

scene("close() does not write an older login over a later one of another process", async (at) => {
  const client = at.client()
  const session = client.session()
  at.isReadOnly = true
  expect(await rejection(at.until(session.importToken({ refreshToken: "R1" })))).toMatchObject({
    reason: "notDurable",
  })
  at.isReadOnly = false
  await at.elapse(1000)
  await at.until(at.client().session().importToken({ refreshToken: "RX1" }))
  expect(await at.stored()).toBe("RX1")
  await at.until(client.close())
  expect(await at.stored()).toBe("RX1")
})

scene("who joins while it is written and wants another token gets another one", async (at) => {
  const store = at.store({
    write: async (...call) => {
      if (at.isReadOnly) throw new Error("read-only")
      await at.sleep(200)
      return at.memory.write(...call)
    },
  })
  const session = at.client(store, { deadline: 5000 }).session()
  await at.until(session.importToken({ refreshToken: "R1" }))
  at.isReadOnly = true
  expect(await rejection(at.until(session.getAccessToken()))).toMatchObject(notDurable)
  at.isReadOnly = false
  await at.elapse(1100)
  // With a valid token in hand, this call starts the write and does not wait for it.
  expect(await at.until(session.getAccessToken())).toBe("A2")
  expect(await at.until(session.getAccessToken({ force: true }))).toBe("A3")
  expect(at.presented).toEqual(["R1", "R2"])
})

scene("a store that takes nothing through two budgets gets the token once it does", async (at) => {
  const session = at.client().session()
  await session.importToken({ refreshToken: "R1" })
  at.isReadOnly = true
  expect(await rejection(at.until(session.getAccessToken()))).toMatchObject(notDurable)
  await at.elapse(1100)
  // It is good for an hour, and goes to the store again while callers have it.
  expect(await at.until(session.getAccessToken())).toBe("A2")
  await at.elapse(5000)
  expect(session.getSnapshot()).toMatchObject({ status: "ready", refresh: { phase: "failed" } })
  expect(await at.stored()).toBe("R1")
  at.isReadOnly = false
  await at.elapse(60_000)
  expect(await at.until(session.getAccessToken())).toBe("A2")
  await at.elapse(1000)
  expect(await at.stored()).toBe("R2")
  expect(session.getSnapshot()).toMatchObject({ status: "ready", refresh: { phase: "idle" } })
  expect(at.presented).toEqual(["R1"])
})

describe("a write that fails is tried again", () => {
  /** The times at which each round of writes was tried, from its first, in milliseconds. */
  const timesOf = (writes: readonly number[]) => writes.map((time) => time - (writes[0] ?? 0))

  scene("for half the deadline, and a late one too", async (at) => {
    let writes: number[] = []
    const store = at.store({
      write: (...call) => {
        writes.push(at.now())
        if (at.isReadOnly) throw new Error("read-only")
        return at.memory.write(...call)
      },
    })
    const session = at.client(store, { deadline: 10_000 }).session()
    await session.importToken({ refreshToken: "R1" })
    at.isReadOnly = true
    writes = []
    expect(await rejection(at.until(session.getAccessToken()))).toMatchObject(notDurable)
    // The next would come after the five seconds.
    const times = [0, 100, 300, 700, 1500, 3100]
    expect(timesOf(writes)).toEqual(times)
    writes = []
    await at.elapse(60_000)
    expect(await at.until(session.getAccessToken())).toBe("A2")
    await at.elapse(20_000)
    expect(timesOf(writes)).toEqual(times)
  })

  scene("twice where the client closes", async (at) => {
    const client = at.client(at.store(), { deadline: 500 })
    const session = client.session()
    await session.importToken({ refreshToken: "R1" })
    at.isReadOnly = true
    expect(await rejection(at.until(session.getAccessToken()))).toMatchObject(notDurable)
    const closing = client.close()
    await at.elapse(50)
    at.isReadOnly = false
    await at.until(closing)
    expect(await at.stored()).toBe("R2")
  })
})

scene("a lease that was prolonged is one's own: a request that fails late is sent again", async (at) => {
  // The lease lasts 52 seconds, and is prolonged after 17.
  const session = at.client(at.store(), { timeout: 30_000, deadline: 40_000 }).session()
  await session.importToken({ refreshToken: "R1" })
  at.onRequest = async () => {
    if (at.presented.length > 1) return
    await at.sleep(25_000)
    throw new TransportError({ reason: "network", sent: "maybe" })
  }
  expect(await at.until(session.getAccessToken())).toBe("A2")
  expect(at.presented).toEqual(["R1", "R1"])
  expect(await at.stored()).toBe("R2")
})
