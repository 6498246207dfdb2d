// Others come in between: at each place where a refresh has looked and not yet acted.
import { describe, expect } from "vitest"
import { TransportError } from "../../src/promise/index.js"
import { type Scene, scene } from "../oneTimeTokens.js"
import { rejection } from "../sessions.js"

/** Another process logs in: its token is AX, and its refresh token RX1. */
const logInElsewhere = (at: Scene) =>
  at
    .client(at.memory)
    .session()
    .importToken({ accessToken: "AX", refreshToken: "RX1", expiresAt: at.now() + 3_600_000 })

/** A view of the store, whose holder loses its lease when it is to be prolonged. */
const losingLease = (at: Scene) => {
  let calls = 0
  return at.store({
    lease: async (...call) =>
      ++calls === 1 ? at.memory.lease(...call) : { acquired: false, expiresIn: 1000 },
  })
}

const failLate = (at: Scene, meanwhile: () => Promise<void>) => async () => {
  if (at.presented.length > 1) return
  await at.sleep(20_000)
  await meanwhile()
  throw new TransportError({ reason: "network", sent: "maybe" })
}

describe("a lease that was lost between two requests", () => {
  const options = { timeout: 30_000, deadline: 40_000 }

  scene("sends no second one, and takes what the next holder got", async (at) => {
    const session = at.client(losingLease(at), options).session()
    await session.importToken({ refreshToken: "R1" })
    at.onRequest = failLate(at, () => logInElsewhere(at))
    expect(await at.until(session.getAccessToken())).toBe("AX")
    expect(at.presented).toEqual(["R1"])
  })

  scene("ends in an error where the next holder has got nothing yet", async (at) => {
    const session = at.client(losingLease(at), options).session()
    await session.importToken({ refreshToken: "R1" })
    at.onRequest = failLate(at, async () => {})
    expect(await rejection(at.until(session.getAccessToken()))).toMatchObject({
      _tag: "TokenStoreError",
      reason: "leaseTimeout",
      detail: "this process was stopped for longer than its lease",
    })
    expect(at.presented).toEqual(["R1"])
    expect(await at.stored()).toBe("R1")
  })
})

describe("a lease that was lost before anything was sent", () => {
  /** The holder was stopped: its first lease is lost while it reads the store for the second time. */
  const stopping = (at: Scene, meanwhile = async () => {}) => {
    let leases = 0
    let reads = 0
    return at.store({
      lease: async (...call) =>
        ++leases === 2 ? { acquired: false, expiresIn: 1000 } : at.memory.lease(...call),
      read: async (key) => {
        const found = await at.memory.read(key)
        if (++reads !== 2) return found
        await at.sleep(3000)
        await meanwhile()
        return found
      },
    })
  }

  scene("is taken again", async (at) => {
    await at.client(at.memory).session().importToken({ refreshToken: "R1" })
    const session = at.client(stopping(at), { deadline: 5000 }).session()
    expect(await at.until(session.getAccessToken())).toBe("A2")
    expect(at.presented).toEqual(["R1"])
    expect(await at.stored()).toBe("R2")
    expect(await at.memory.lease(at.key(), "another", 1000)).toMatchObject({ acquired: true })
  })

  scene("leaves the refresh to the next holder", async (at) => {
    await at.client(at.memory).session().importToken({ refreshToken: "R1" })
    const store = stopping(at, () => logInElsewhere(at))
    const session = at.client(store, { deadline: 5000 }).session()
    expect(await at.until(session.getAccessToken())).toBe("AX")
    expect(at.presented).toEqual([])
  })

  scene("again and again ends in an error", async (at) => {
    await at.client(at.memory).session().importToken({ refreshToken: "R1" })
    let leases = 0
    let reads = 0
    const store = at.store({
      lease: async (...call) =>
        ++leases % 2 === 0 ? { acquired: false, expiresIn: 1000 } : at.memory.lease(...call),
      read: async (key) => {
        if (++reads > 1) await at.sleep(8000)
        return at.memory.read(key)
      },
    })
    const session = at.client(store, { deadline: 30_000 }).session()
    expect(await rejection(at.until(session.getAccessToken()))).toMatchObject({
      _tag: "TokenStoreError",
      reason: "leaseTimeout",
      action: "retry",
    })
    expect(at.presented).toEqual([])
  })
})

describe("a refresh token that the server refuses", () => {
  scene("signs nobody out who has logged in before it is removed", async (at) => {
    const store = at.store({
      remove: async (...call) => {
        await logInElsewhere(at)
        return at.memory.remove(...call)
      },
    })
    const session = at.client(store).session()
    await session.importToken({ refreshToken: "unknown" })
    expect(await at.until(session.getAccessToken())).toBe("AX")
    expect(session.getSnapshot()).toMatchObject({ status: "ready" })
    expect(await at.stored()).toBe("RX1")
  })

  scene("signs out who has signed out elsewhere before it is removed", async (at) => {
    const store = at.store({
      remove: async (...call) => {
        await at.memory.remove(at.key())
        return at.memory.remove(...call)
      },
    })
    const session = at.client(store).session()
    await session.importToken({ refreshToken: "unknown" })
    expect(await rejection(at.until(session.getAccessToken()))).toMatchObject({
      _tag: "LoginRequired",
      reason: "noToken",
    })
  })
})

scene("a newer credential in memory gives way to a login that comes while it is offered", async (at) => {
  let isOffered = false
  const store = at.store({
    write: async (...call) => {
      if (isOffered) {
        isOffered = false
        await logInElsewhere(at)
      }
      return at.memory.write(...call)
    },
  })
  const session = at.client(store).session()
  await session.importToken({ refreshToken: "R1" })
  const before = await at.record()
  expect(await at.until(session.getAccessToken())).toBe("A2")
  // A failover: the store is one write behind.
  if (before !== undefined) await at.memory.write(at.key(), before)
  await at.elapse(1000)
  isOffered = true
  expect(await at.until(session.getAccessToken({ force: true }))).toBe("AX")
  expect(at.presented).toEqual(["R1"])
  expect(await at.stored()).toBe("RX1")
})

describe("a login that the store did not accept at first", () => {
  scene("replaces an older one of another process", async (at) => {
    await at.client(at.memory).session().importToken({ refreshToken: "R1" })
    await at.elapse(1000)
    const session = at.client().session()
    at.isReadOnly = true
    expect(await rejection(at.until(session.importToken({ refreshToken: "RX1" })))).toMatchObject({
      reason: "notDurable",
    })
    at.isReadOnly = false
    await at.elapse(60_000)
    expect(await at.until(session.getAccessToken())).toBe("A2")
    expect(at.presented).toEqual(["RX1"])
    expect(await at.stored()).toBe("R2")
  })

  scene("is written where there is no record", async (at) => {
    const session = at.client().session()
    at.isReadOnly = true
    expect(await rejection(at.until(session.importToken({ refreshToken: "R1" })))).toMatchObject({
      reason: "notDurable",
    })
    at.isReadOnly = false
    await at.elapse(60_000)
    expect(await at.until(session.getAccessToken())).toBe("A2")
    expect(await at.stored()).toBe("R2")
  })
})

describe("a token that could not be written, and a store that has lost its record", () => {
  const waiting = async (at: Scene, onWrite: (count: number) => Promise<boolean | undefined>) => {
    let isWatched = false
    let count = 0
    const store = at.store({
      write: async (...call) => {
        if (at.isReadOnly) throw new Error("read-only")
        return (isWatched ? await onWrite(++count) : undefined) ?? at.memory.write(...call)
      },
    })
    const session = at.client(store).session()
    await session.importToken({ refreshToken: "R1" })
    at.isReadOnly = true
    expect(await rejection(at.until(session.getAccessToken()))).toMatchObject({ reason: "notDurable" })
    at.isReadOnly = false
    await at.memory.remove(at.key())
    isWatched = true
    await at.elapse(60_000)
    return session
  }

  scene("gives way to a login that comes while it is written again", async (at) => {
    const session = await waiting(at, async (count) => {
      if (count === 2) await logInElsewhere(at)
      return undefined
    })
    await at.until(session.getAccessToken())
    await at.elapse(1000)
    expect(await at.until(session.getAccessToken())).toBe("AX")
    expect(await at.stored()).toBe("RX1")
    expect(at.presented).toEqual(["R1"])
  })

  scene("is kept where the store fails again, until it does not", async (at) => {
    let isBroken = true
    const session = await waiting(at, async (count) => {
      if (count >= 2 && isBroken) throw new Error("read-only")
      return undefined
    })
    expect(await at.until(session.getAccessToken())).toBe("A2")
    await at.elapse(3000)
    expect(await at.record()).toBeUndefined()
    expect(session.peekAccessToken()).toBe("A2")
    isBroken = false
    await at.elapse(60_000)
    await at.until(session.getAccessToken())
    await at.elapse(3000)
    expect(await at.stored()).toBe("R2")
    expect(at.presented).toEqual(["R1"])
  })
})

describe("a late write that ends after a login of this process", () => {
  scene("keeps the token of that login, which is not stored yet either", async (at) => {
    let refusesImports = false
    const store = at.store({
      write: async (...call) => {
        if (at.isReadOnly) throw new Error("read-only")
        const [, record] = call
        if (refusesImports && record.value.includes("RX1")) throw new Error("read-only")
        if (refusesImports) await at.sleep(3000)
        return at.memory.write(...call)
      },
    })
    const session = at.client(store).session()
    await session.importToken({ refreshToken: "R1" })
    at.isReadOnly = true
    expect(await rejection(at.until(session.getAccessToken()))).toMatchObject({ reason: "notDurable" })
    at.isReadOnly = false
    refusesImports = true
    await at.elapse(1100)
    // It starts the late write of A2, which takes three seconds.
    expect(await at.until(session.getAccessToken())).toBe("A2")
    const importing = session.importToken({ accessToken: "AX", refreshToken: "RX1" })
    expect(await rejection(at.until(importing))).toMatchObject({ reason: "notDurable" })
    expect(await at.stored()).toBe("R1")
    await at.elapse(3000)
    expect(await at.stored()).toBe("R2")
    expect(session.peekAccessToken()).toBe("AX")
    refusesImports = false
    await at.elapse(1100)
    expect(await at.until(session.getAccessToken())).toBe("AX")
    await at.elapse(1000)
    expect(await at.stored()).toBe("RX1")
    expect(at.presented).toEqual(["R1"])
  })
})

scene("a refresh whose lease is given back slowly does not undo a login of the same moment", async (at) => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const store = at.store({
    release: async (...call) => {
      await released
      return at.memory.release(...call)
    },
  })
  const session = at.client(store).session()
  await session.importToken({ refreshToken: "R1" })
  const asking = session.getAccessToken()
  await at.elapse(0)
  expect(await at.stored()).toBe("R2")
  await session.importToken(
    { accessToken: "AX", refreshToken: "RX1", expiresAt: at.now() + 3_600_000 },
    { replace: true },
  )
  release()
  expect(await at.until(asking)).toBe("AX")
  expect(session.peekAccessToken()).toBe("AX")
  expect(await at.stored()).toBe("RX1")
})
