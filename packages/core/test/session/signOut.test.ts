// Sign-outs and logins while the store fails or has not taken the token yet.
import { describe, expect } from "vitest"
import { type Scene, scene } from "../oneTimeTokens.js"
import { rejection } from "../sessions.js"

/** A session with a token that the store did not take, although it takes writes again. */
const unsaved = async (at: Scene, store = at.store(), timeout = 2000) => {
  const session = at.client(store, { timeout }).session()
  await session.importToken({ refreshToken: "R1" })
  at.isReadOnly = true
  expect(await rejection(at.until(session.getAccessToken()))).toMatchObject({ reason: "notDurable" })
  at.isReadOnly = false
  return session
}

scene("a sign-out while the token is being written leaves the store empty", async (at) => {
  const { write } = at.store()
  let isSlow = false
  const slow = at.store({
    write: async (...call) => {
      if (isSlow) await at.sleep(200)
      return write(...call)
    },
  })
  const session = await unsaved(at, slow)
  isSlow = true
  await at.elapse(1100)
  // It is offered to the store again, in the background.
  expect(await session.getAccessToken()).toBe("A2")
  await at.elapse(0)
  await session.signOut()
  expect(session.getSnapshot()).toMatchObject({ status: "signedOut", reason: "logout" })
  await at.elapse(1000)
  expect(await at.record()).toBeUndefined()
  expect(await rejection(at.until(session.getAccessToken()))).toMatchObject({ _tag: "LoginRequired" })
  expect(session.getSnapshot()).toMatchObject({ status: "signedOut" })
})

describe("the lease that was kept for the unsaved token is given back", () => {
  scene("by a sign-out", async (at) => {
    const session = await unsaved(at, at.store(), 20_000)
    await session.signOut()
    const other = at.client().session()
    await other.importToken({ refreshToken: "RX1" })
    const since = at.now()
    expect(await at.until(other.getAccessToken())).toBe("A3")
    expect(at.now() - since).toBe(0)
  })

  scene("by another login", async (at) => {
    const session = await unsaved(at, at.store(), 20_000)
    await at.until(session.importToken({ refreshToken: "RX1" }))
    const since = at.now()
    expect(await at.until(at.client().session().getAccessToken())).toBe("A3")
    expect(at.now() - since).toBe(0)
    expect(at.presented).toEqual(["R1", "RX1"])
  })
})

scene("a sign-out that fails on its way takes away no login that came meanwhile", async (at) => {
  let calls = 0
  const store = at.store({
    remove: async (...call) => {
      if (++calls > 1) return at.memory.remove(...call)
      await at.sleep(500)
      throw new Error("ECONNRESET")
    },
  })
  const session = at.client(store).session()
  await session.importToken({ refreshToken: "R1" })
  const signingOut = session.signOut()
  await at.elapse(100)
  await at.until(session.importToken({ refreshToken: "RX1" }))
  await at.until(signingOut)
  expect(await at.stored()).toBe("RX1")
  expect(await at.until(session.getAccessToken())).toBe("A2")
  expect(at.presented).toEqual(["RX1"])
})

scene("a sign-out after close() fails, and signs nobody out", async (at) => {
  const client = at.client()
  const session = client.session()
  await session.importToken({ refreshToken: "R1" })
  expect(await at.until(session.getAccessToken())).toBe("A2")
  await at.until(client.close())
  expect(await rejection(session.signOut())).toMatchObject({ _tag: "ConfigurationError", option: "client" })
  expect(session.getSnapshot()).toMatchObject({ status: "ready" })
  expect(await at.stored()).toBe("R2")
})
