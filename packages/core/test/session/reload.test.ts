// Looks into a store that others write.
import { describe, expect } from "vitest"
import { scene } from "../oneTimeTokens.js"
import { rejection } from "../sessions.js"

const hour = 3_600_000

describe("a reload", () => {
  scene("of what another process removed signs out", async (at) => {
    const session = at.client().session()
    await session.importToken({ refreshToken: "R1" })
    await at.until(session.getAccessToken())
    await at.until(at.client().session().signOut())
    expect(await session.reload()).toMatchObject({ status: "signedOut", reason: "elsewhere" })
  })

  scene("of what another process refreshed takes that", async (at) => {
    const session = at.client().session()
    await session.importToken({ refreshToken: "R1" })
    expect(await at.until(session.getAccessToken())).toBe("A2")
    const other = at.client().session()
    expect(await at.until(other.getAccessToken())).toBe("A2")
    expect(await at.until(other.getAccessToken({ force: true }))).toBe("A3")
    expect(await session.reload()).toMatchObject({ status: "ready" })
    expect(session.peekAccessToken()).toBe("A3")
    // Nothing new: nobody is told.
    const before = session.getSnapshot()
    expect(await session.reload()).toBe(before)
  })

  scene("of an empty store says that nobody is signed in, once", async (at) => {
    const session = at.client().session()
    const first = await session.reload()
    expect(first).toEqual({ status: "signedOut", reason: "initial" })
    expect(await session.reload()).toBe(first)
    expect(await session.restore()).toBe(first)
  })

  scene("of a token that has expired, and that nobody can refresh, signs out and removes it", async (at) => {
    const session = at.client().session()
    await session.importToken({ accessToken: "A", expiresAt: at.now() + hour })
    const fresh = at.client().session()
    await at.skip(2 * hour)
    expect(await fresh.restore()).toMatchObject({ status: "signedOut", reason: "expired" })
    expect(await at.record()).toBeUndefined()
    expect(await rejection(session.getAccessToken())).toMatchObject({ _tag: "LoginRequired" })
  })

  scene("while a sign-out is on its way changes nothing", async (at) => {
    const slow = at.store({
      read: async (key) => {
        const found = await at.memory.read(key)
        await at.sleep(500)
        return found
      },
    })
    const session = at.client(slow).session()
    await at.until(session.importToken({ refreshToken: "R1" }))
    const reloaded = session.reload()
    await at.elapse(100)
    await at.until(session.signOut())
    expect(await at.until(reloaded)).toMatchObject({ status: "signedOut", reason: "logout" })
  })
})
