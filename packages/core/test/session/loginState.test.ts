// What a login, other tabs and a missing network do to the state of a session.
import { describe, expect, test } from "vitest"
import { LoginAbandoned, type PromiseTokenSession, TransportError } from "../../src/promise/index.js"
import { scene } from "../oneTimeTokens.js"
import { rejection, World } from "../sessions.js"

const hour = 3_600_000

describe("a login under way", () => {
  test("is shown, and ends with its token", async () => {
    const world = new World()
    const client = world.client()
    const session = client.session()
    session.beginLogin("popup")
    expect(session.getSnapshot()).toEqual({ status: "signingIn", method: "popup" })
    await world.login(client, session)
    expect(session.getSnapshot()).toMatchObject({ status: "ready" })
  })

  test("that is given up restores the state before the first login", async () => {
    const world = new World()
    const { session } = await world.loggedIn()
    const before = session.getSnapshot()
    const first = session.beginLogin("popup")
    const second = session.beginLogin("redirect")
    first()
    expect(session.getSnapshot()).toEqual({ ...before, login: "redirect" })
    second()
    expect(session.getSnapshot()).toEqual(before)
  })

  test("that is given up late changes nothing", async () => {
    const world = new World()
    const client = world.client()
    const session = client.session()
    const giveUp = session.beginLogin("popup")
    await world.login(client, session)
    const after = session.getSnapshot()
    giveUp()
    expect(session.getSnapshot()).toBe(after)
  })

  test("that the user refuses ends with the error, unless the user is signed in", async () => {
    const world = new World()
    const client = world.client()
    const refuse = async (session: ReturnType<typeof client.session>) => {
      session.beginLogin("redirect")
      const { url, transaction } = await client.createAuthorizationRequest()
      const state = new URL(url).searchParams.get("state")
      return rejection(
        session.completeAuthorization(`/callback?error=access_denied&state=${state}`, transaction),
      )
    }
    const error = await refuse(client.session("ada"))
    expect(client.session("ada").getSnapshot()).toEqual({ status: "signedOut", reason: "initial", error })
    await world.login(client, client.session("bob"))
    await refuse(client.session("bob"))
    expect(client.session("bob").getSnapshot()).toMatchObject({ status: "ready" })
  })

  test("goes on after a redirect of another login", async () => {
    const world = new World()
    const client = world.client()
    const session = client.session()
    session.beginLogin("redirect")
    const { transaction } = await client.createAuthorizationRequest()
    await rejection(session.completeAuthorization("/callback?code=c&state=evil", transaction))
    expect(session.getSnapshot()).toEqual({ status: "signingIn", method: "redirect" })
  })
})

describe("a search for a token that finds none", () => {
  type Search = "getAccessToken" | "restore" | "reload"
  const searches = ["getAccessToken", "restore", "reload"] as const
  const search = (session: PromiseTokenSession, by: Search) => session[by]().catch(() => {})

  test.each(searches)("by %s tells of no sign-out, since nobody was signed in", async (by) => {
    const world = new World()
    const session = world.client().session()
    await search(session, by)
    expect(session.getSnapshot()).toEqual({ status: "signedOut", reason: "initial" })
    await search(session, by)
    expect(world.events).toEqual([])
  })

  test.each(["getAccessToken", "reload"] as const)(
    "by %s during a login lets the login go on",
    async (by) => {
      const world = new World()
      const session = world.client().session()
      const giveUp = session.beginLogin("popup")
      await search(session, by)
      expect(session.getSnapshot()).toEqual({ status: "signingIn", method: "popup" })
      const error = new LoginAbandoned({})
      giveUp(error)
      expect(session.getSnapshot()).toEqual({ status: "signedOut", reason: "initial", error })
      expect(world.events).toEqual([])
    },
  )

  test("finds one that has expired: a login that is given up ends where that one did", async () => {
    const world = new World()
    await world
      .client()
      .session()
      .importToken({ accessToken: "A", expiresAt: world.now() + hour })
    world.server.clock.advance(hour)
    const session = world.client().session()
    const giveUp = session.beginLogin("popup")
    await session.reload()
    giveUp()
    expect(session.getSnapshot()).toEqual({ status: "signedOut", reason: "expired" })
  })
})

test.each([true, false])(
  "a token that expires during a login, seen before the end of the login: %s, is no longer shown when that is given up",
  async (isSeen) => {
    const world = new World()
    const session = world.client().session()
    await session.importToken({ accessToken: "A", expiresAt: world.now() + hour })
    const giveUp = session.beginLogin("popup")
    world.server.clock.advance(hour)
    if (isSeen) session.getSnapshot()
    giveUp()
    expect(session.getSnapshot()).toEqual({ status: "signedOut", reason: "expired" })
  },
)

describe("the token in hand", () => {
  test("is returned while it is valid, without reading the store", async () => {
    const world = new World()
    const { session, accessToken } = await world.loggedIn()
    expect(session.peekAccessToken()).toBe(accessToken)
    world.server.clock.advance(hour - 1)
    expect(session.peekAccessToken()).toBe(accessToken)
    world.server.clock.advance(1)
    expect(session.peekAccessToken()).toBeUndefined()
    expect(world.client().session().peekAccessToken()).toBeUndefined()
  })

  test("is not returned after an API has refused it", async () => {
    const world = new World()
    const { session, accessToken } = await world.loggedIn()
    session.reportRejected(accessToken)
    expect(session.peekAccessToken()).toBeUndefined()
  })
})

describe("reload", () => {
  test("adopts the token of another process, and emits an event", async () => {
    const world = new World()
    const { session, accessToken } = await world.loggedIn()
    const other = world.client().session()
    await other.restore()
    const newer = await other.getAccessToken({ force: true })
    expect(newer).not.toBe(accessToken)
    world.events.length = 0
    expect(await session.reload()).toMatchObject({ status: "ready" })
    expect(session.peekAccessToken()).toBe(newer)
    expect(world.events).toMatchObject([{ type: "adopted" }])
  })

  test("changes nothing if the store has not changed", async () => {
    const world = new World()
    const { session } = await world.loggedIn()
    const before = session.getSnapshot()
    expect(await session.reload()).toBe(before)
    expect(world.events).toEqual([])
  })

  test("follows the sign-out and the next login of another process", async () => {
    const world = new World()
    const { session } = await world.loggedIn()
    const otherClient = world.client()
    const other = otherClient.session()
    await other.signOut()
    expect(await session.reload()).toEqual({ status: "signedOut", reason: "elsewhere" })
    await world.login(otherClient, other)
    expect(await session.reload()).toMatchObject({ status: "ready" })
    expect(session.peekAccessToken()).toBe(other.peekAccessToken())
  })

  test("does not affect a refresh that is under way", async () => {
    const world = new World()
    const { session } = await world.loggedIn()
    const hold = world.server.faults.hold(1)
    const refreshing = session.getAccessToken({ force: true })
    await hold.full
    await world.store.remove(world.key("default"))
    expect(await session.reload()).toMatchObject({ status: "ready", refresh: { phase: "refreshing" } })
    hold.release()
    expect(await rejection(refreshing)).toMatchObject({ _tag: "LoginRequired" })
  })

  test("does not undo a sign-out during the read", async () => {
    const world = new World()
    const { session } = await world.loggedIn()
    const reading = session.reload()
    const signingOut = session.signOut()
    expect(await reading).toEqual({ status: "signedOut", reason: "logout" })
    await signingOut
  })
})

describe("a device without a network", () => {
  test("sends one request, shows the state, keeps the user signed in, and goes on when the network is back", async () => {
    const world = new World()
    let online = true
    let asked = 0
    const client = world.publicClient(
      (request, signal) => {
        asked++
        if (!online) return Promise.reject(new TransportError({ reason: "offline", sent: "no" }))
        return world.send(request, signal)
      },
      { deadline: 60_000 },
    )
    const session = client.session()
    await world.login(client, session)
    online = false
    asked = 0
    world.server.clock.advance(hour)
    expect(await rejection(session.getAccessToken())).toMatchObject({
      _tag: "TransportError",
      reason: "offline",
      action: "retry",
    })
    expect(asked).toBe(1)
    expect(session.getSnapshot()).toEqual({ status: "stale", refresh: { phase: "offline" } })
    online = true
    expect(await session.getAccessToken()).toMatch(/./)
    expect(session.getSnapshot()).toMatchObject({ status: "ready", refresh: { phase: "idle" } })
  })
})

describe("a token that came without a refresh token", () => {
  const withoutRefresh = async () => {
    const world = new World()
    const client = world.publicClient(async (request, signal) => {
      const response = await world.send(request, signal)
      const { refresh_token: _, ...body } = JSON.parse(response.body)
      return { ...response, body: JSON.stringify(body) }
    })
    const session = client.session()
    const accessToken = await world.login(client, session)
    return { world, accessToken, session }
  }

  test("is returned until it expires, and only then is a login required", async () => {
    const { world, accessToken, session } = await withoutRefresh()
    world.server.clock.advance(hour - 1000)
    expect(await session.getAccessToken()).toBe(accessToken)
    expect(session.getSnapshot()).toMatchObject({ status: "ready" })
    world.server.clock.advance(1000)
    expect(await rejection(session.getAccessToken())).toMatchObject({
      _tag: "LoginRequired",
      reason: "expired",
    })
    expect(session.getSnapshot()).toMatchObject({ status: "signedOut", reason: "expired" })
  })

  test("is kept if no other can be obtained, and dropped after an API has refused it", async () => {
    const { accessToken, session } = await withoutRefresh()
    expect(await rejection(session.getAccessToken({ force: true }))).toMatchObject({ _tag: "LoginRequired" })
    expect(session.getSnapshot()).toMatchObject({ status: "ready", refresh: { phase: "idle" } })
    expect(await session.getAccessToken()).toBe(accessToken)
    session.reportRejected(accessToken)
    expect(await rejection(session.getAccessToken())).toMatchObject({ _tag: "LoginRequired" })
    expect(session.getSnapshot()).toMatchObject({ status: "signedOut", reason: "expired" })
  })
})

scene("restore() together with a refresh that fails leaves a state", async (at) => {
  await at.client().session().importToken({ refreshToken: "R1" })
  at.onRequest = () => {
    throw new TransportError({ reason: "offline", sent: "no" })
  }
  const slow = at.store({
    read: async (key) => {
      await at.sleep(20)
      return at.memory.read(key)
    },
  })
  const session = at.client(slow).session()
  const asking = rejection(session.getAccessToken())
  const restoring = session.restore()
  expect(await at.until(asking)).toMatchObject({ reason: "offline" })
  expect(await at.until(restoring)).toMatchObject({ status: "stale" })
  expect(session.getSnapshot()).toMatchObject({ status: "stale" })
})

scene(
  "a refresh that an import overtakes while it waits for a lease leaves nothing under way",
  async (at) => {
    let isSlow = false
    const slow = at.store({
      lease: async (...call) => {
        if (isSlow) await at.sleep(100)
        return at.memory.lease(...call)
      },
    })
    const session = at.client(slow).session()
    await session.importToken({ refreshToken: "R1" })
    await at.memory.lease(at.key(), "another", 5000)
    isSlow = true
    const asking = session.getAccessToken()
    await at.elapse(50)
    await session.importToken({ accessToken: "AX", refreshToken: "RX1", expiresAt: at.now() + hour })
    expect(await at.until(asking)).toBe("AX")
    expect(session.getSnapshot()).toMatchObject({ status: "ready", refresh: { phase: "idle" } })
    await at.elapse(7000)
    expect(session.getSnapshot()).toMatchObject({ status: "ready", refresh: { phase: "idle" } })
    expect(at.presented).toEqual([])
  },
)
