// The state machine that core's session and the backend client of react share.
import { describe, expect, test } from "vitest"
import {
  type HeldToken,
  LoginRequired,
  SessionState,
  TokenEndpointUnavailable,
  type TokenError,
  type TokenEvent,
  TransportError,
} from "../../src/promise/index.js"

const timing = { duration: 0, attempts: 1 }

const setup = () => {
  const clock = { now: 1_000_000 }
  const events: TokenEvent[] = []
  const state = new SessionState<HeldToken>({
    key: "ada",
    now: () => clock.now,
    onEvent: (event) => events.push(event),
  })
  const token = (isRefreshable: boolean): HeldToken => ({
    accessToken: "token",
    issuedAt: clock.now,
    expiresAt: clock.now + 60_000,
    scope: [],
    isRefreshable,
  })
  return { clock, events, state, token }
}

describe("a token that ends", () => {
  test.each([
    [true, "stale"],
    [false, "signedOut"],
  ] as const)(
    "with a refresh token: %s, is told to all who watch, after the look that found it",
    async (isRefreshable, status) => {
      const { clock, events, state, token } = setup()
      state.publish(token(isRefreshable))
      const seen: string[] = []
      state.subscribe(() => seen.push(state.snapshot().status))
      clock.now += 60_000
      expect(state.snapshot().status).toBe(status)
      expect(state.snapshot()).toBe(state.snapshot())
      // Not before: the look may be that of a page which is just rendering.
      expect(seen).toEqual([])
      await Promise.resolve()
      expect(seen).toEqual([status])
      expect(events.map(({ type }) => type)).toEqual(isRefreshable ? [] : ["signedOut"])
    },
  )
})

describe("a login that is under way when a token ends that cannot be refreshed", () => {
  const begin = () => {
    const { clock, events, state, token } = setup()
    state.publish(token(false))
    const end = state.beginLogin("popup")
    clock.now += 60_000
    return { end, events, state }
  }

  test("goes on, and nobody is sent to another one", () => {
    const { events, state } = begin()
    expect(state.snapshot()).toEqual({ status: "signingIn", method: "popup" })
    expect(events).toMatchObject([{ type: "signedOut", reason: "expired" }])
  })

  test("leaves a session that has expired where it comes to nothing", () => {
    const { end, state } = begin()
    state.snapshot()
    end()
    expect(state.snapshot()).toEqual({ status: "signedOut", reason: "expired" })
  })

  test("does so where nobody has looked in between", () => {
    const { end, state } = begin()
    end()
    expect(state.snapshot()).toEqual({ status: "signedOut", reason: "expired" })
  })

  test("is over where its code is refused", () => {
    const { end, state } = begin()
    state.beginExchange()
    expect(state.snapshot()).toEqual({ status: "exchanging" })
    const error = new TokenEndpointUnavailable({ status: 503 })
    state.endLogin(error)
    end()
    expect(state.snapshot()).toEqual({ status: "signedOut", reason: "expired", error })
  })
})

describe("a failure of the last refresh", () => {
  test("is kept while it is not known yet whether there is a token", () => {
    const { clock, state } = setup()
    const error = new TokenEndpointUnavailable({ status: 503, retryAfter: 30_000 })
    state.fail(error, timing)
    expect(state.snapshot()).toEqual({ status: "restoring" })
    clock.now += 29_999
    expect(state.recentFailure()).toBe(error)
    clock.now += 1
    expect(state.recentFailure()).toBeUndefined()
  })

  test("is dropped with the next token, and by a sign-out", () => {
    const { state, token } = setup()
    const error = new TokenEndpointUnavailable({ status: 503, retryAfter: 30_000 })
    state.fail(error, timing)
    state.publish(token(true))
    expect(state.recentFailure()).toBeUndefined()
    state.fail(error, timing)
    expect(state.recentFailure()).toBe(error)
    state.forget("logout")
    expect(state.recentFailure()).toBeUndefined()
  })
})

describe("a login that was not started here and fails", () => {
  const error = new TokenEndpointUnavailable({ status: 503, retryAfter: undefined })

  test("shows its error to a user who is signed out", () => {
    const { state } = setup()
    state.forget("logout")
    state.endLogin(error)
    expect(state.snapshot()).toEqual({ status: "signedOut", reason: "logout", error })
  })

  test("changes nothing for a user who is signed in, or before the state is known", () => {
    const { state, token } = setup()
    state.endLogin(error)
    expect(state.snapshot()).toEqual({ status: "restoring" })
    state.publish(token(true))
    const before = state.snapshot()
    state.endLogin(error)
    expect(state.snapshot()).toBe(before)
  })

  test("without an error changes nothing", () => {
    const { state } = setup()
    state.forget("logout")
    const before = state.snapshot()
    state.endLogin()
    expect(state.snapshot()).toBe(before)
  })
})

test("a token that has expired already, without a refresh token, signs out", () => {
  const { clock, events, state, token } = setup()
  state.publish({ ...token(false), expiresAt: clock.now })
  expect(state.snapshot()).toEqual({ status: "signedOut", reason: "expired" })
  expect(events).toMatchObject([{ type: "signedOut", reason: "expired", key: "ada", at: clock.now }])
  expect(state.held).toBeUndefined()
})

const unavailable = new TokenEndpointUnavailable({ status: 503, retryAfter: undefined })
const offline = new TransportError({ reason: "offline", sent: "no" })

/** A session with a token, and what its listeners and its observer get from now on. */
const signedIn = (isRefreshable = true) => {
  const { clock, events, state, token } = setup()
  const held = token(isRefreshable)
  state.publish(held)
  const seen: unknown[] = []
  state.subscribe(() => seen.push(state.snapshot()))
  return { clock, events, held, seen, state, token }
}

describe("the phases of a refresh", () => {
  test("are shown in order, each once", () => {
    const { held, seen, state } = signedIn()
    const ready = { status: "ready", expiresAt: held.expiresAt, scope: [] }
    state.phase("idle")
    state.phase("waiting")
    state.phase("waiting")
    state.phase("refreshing")
    state.phase("refreshing")
    state.phase("idle")
    state.fail(offline, timing)
    state.phase("refreshing")
    state.fail(unavailable, timing)
    const retryAt = 1_001_000
    expect(seen).toEqual([
      { ...ready, refresh: { phase: "waiting" } },
      { ...ready, refresh: { phase: "refreshing" } },
      { ...ready, refresh: { phase: "idle" } },
      { ...ready, refresh: { phase: "offline" } },
      { ...ready, refresh: { phase: "refreshing" } },
      { ...ready, refresh: { phase: "failed", error: unavailable, retryAt } },
    ])
  })

  test("are shown of a token that has expired, and not of a user who is signed out", () => {
    const { clock, seen, state } = signedIn()
    clock.now += 60_000
    state.phase("refreshing")
    expect(seen).toEqual([{ status: "stale", refresh: { phase: "refreshing" } }])
    state.forget("logout")
    state.phase("refreshing")
    expect(seen.slice(1)).toEqual([{ status: "signedOut", reason: "logout" }])
  })

  test("stay while a token of the store is adopted, and end with the next token", () => {
    const { clock, events, seen, state, token } = signedIn()
    state.phase("refreshing")
    clock.now += 1000
    const adopted = token(true)
    state.adoptMeanwhile(adopted)
    expect(state.held).toBe(adopted)
    expect(seen.at(-1)).toMatchObject({
      status: "ready",
      expiresAt: adopted.expiresAt,
      refresh: { phase: "refreshing" },
    })
    state.publish(token(true))
    expect(seen.at(-1)).toMatchObject({ status: "ready", refresh: { phase: "idle" } })
    expect(events).toEqual([])
  })

  test("drop the failure of the refresh before", () => {
    const { state } = signedIn()
    state.fail(unavailable, timing)
    expect(state.recentFailure()).toBe(unavailable)
    state.phase("waiting")
    expect(state.recentFailure()).toBeUndefined()
  })

  test("are idle for a token that is adopted before anything else is known", () => {
    const { state, token } = setup()
    state.adoptMeanwhile(token(true))
    expect(state.snapshot()).toMatchObject({ status: "ready", refresh: { phase: "idle" } })
  })
})

describe("a refresh that fails", () => {
  test.each([unavailable, offline])("tells how long it took, and how many requests: %o", (error) => {
    const { clock, events, state } = signedIn()
    state.fail(error, { duration: 1234, attempts: 3 })
    expect(events).toStrictEqual([
      { type: "refreshFailed", error, duration: 1234, attempts: 3, key: "ada", at: clock.now },
    ])
  })

  test("for lack of a network is no reason to wait", () => {
    const { state } = signedIn()
    state.fail(unavailable, timing)
    state.fail(offline, timing)
    expect(state.recentFailure()).toBeUndefined()
  })

  test("is recent until its time has come, and not on a clock that was set back", () => {
    const { clock, state } = signedIn()
    state.fail(unavailable, timing)
    clock.now += 999
    expect(state.recentFailure()).toBe(unavailable)
    clock.now += 1
    expect(state.recentFailure()).toBeUndefined()
    clock.now -= 1001
    expect(state.recentFailure()).toBeUndefined()
  })

  const required = (reason: "noToken" | "expired" | "revoked") => new LoginRequired({ reason, key: "ada" })

  test.each<[LoginRequired, string]>([
    [required("noToken"), "elsewhere"],
    [required("revoked"), "revoked"],
  ])("because only a login helps signs out: %o", (error, reason) => {
    const { clock, events, seen, state } = signedIn()
    state.fail(error, timing)
    expect(seen).toEqual([{ status: "signedOut", reason, error }])
    expect(state.held).toBeUndefined()
    expect(events).toStrictEqual([{ type: "signedOut", reason, key: "ada", at: clock.now }])
  })

  test("because nobody is signed in tells of no sign-out", () => {
    const { events, state } = setup()
    state.fail(required("noToken"), timing)
    expect(state.snapshot()).toStrictEqual({ status: "signedOut", reason: "initial" })
    expect(events).toEqual([])
  })

  test("because there is no refresh token signs out only where the token is of no use", () => {
    const { events, held, state } = signedIn()
    state.phase("refreshing")
    state.fail(required("expired"), timing)
    expect(state.snapshot()).toMatchObject({ status: "ready", refresh: { phase: "idle" } })
    expect(state.held).toBe(held)
    expect(events).toEqual([])
    state.reject("token")
    const error = required("expired")
    state.fail(error, timing)
    expect(state.snapshot()).toEqual({ status: "signedOut", reason: "expired", error })
    expect(events).toMatchObject([{ type: "signedOut", reason: "expired" }])
  })
})

describe("a sign-out", () => {
  test.each(["logout", "elsewhere", "expired", "revoked"] as const)("is told once: %s", (reason) => {
    const { clock, events, seen, state } = signedIn()
    state.forget(reason)
    state.forget(reason)
    expect(state.snapshot()).toStrictEqual({ status: "signedOut", reason })
    expect(seen[0]).toStrictEqual({ status: "signedOut", reason })
    expect(events).toStrictEqual([{ type: "signedOut", reason, key: "ada", at: clock.now }])
  })

  test("elsewhere changes nothing for a user who has signed out here", () => {
    const { seen, state } = signedIn()
    state.forget("logout")
    const before = state.snapshot()
    state.forget("elsewhere")
    expect(state.snapshot()).toBe(before)
    expect(seen).toEqual([before])
  })

  test("here counts for a user who was signed out elsewhere", () => {
    const { events, state } = signedIn()
    state.forget("elsewhere")
    state.forget("logout")
    expect(state.snapshot()).toStrictEqual({ status: "signedOut", reason: "logout" })
    expect(events).toMatchObject([{ reason: "elsewhere" }])
  })

  test("elsewhere ends a login that is under way", () => {
    const { state } = signedIn()
    const giveUp = state.beginLogin("popup")
    state.forget("elsewhere")
    giveUp(unavailable)
    expect(state.snapshot()).toStrictEqual({ status: "signedOut", reason: "elsewhere" })
  })

  test("that the token's end caused does not forget that an API refused it", () => {
    const { state } = signedIn()
    state.reject("token")
    state.forget("expired")
    expect(state.rejected).toBe("token")
    state.forget("logout")
    expect(state.rejected).toBeUndefined()
  })
})

describe("a token that an API refuses", () => {
  /** Publishes tokens 1, 2, 3, … and gives the numbers of those whose refusal counts, at these times in seconds. */
  const refusals = (times: readonly number[]): readonly number[] => {
    const { clock, state, token } = setup()
    const start = clock.now
    return times.filter((time) => {
      clock.now = start + time * 1000
      const held = { ...token(true), accessToken: `token ${time}`, expiresAt: undefined }
      state.publish(held)
      state.reject(held.accessToken)
      return state.rejected === held.accessToken
    })
  }

  test("counts at once, the first time", () => {
    expect(refusals([0])).toEqual([0])
  })

  test("counts after pauses of 10, 20, 40 s and so on, to ten minutes", () => {
    const counted = [0, 10, 30, 70, 150, 310, 630, 1230, 1830, 2430]
    const early = counted.slice(1).map((time) => time - 0.001)
    expect(refusals([...counted, ...early].sort((one, other) => one - other))).toEqual(counted)
  })

  test("counts as the first again twenty minutes later, and not before", () => {
    expect(refusals([0, 10, 1210, 1215, 1220])).toEqual([0, 10, 1210, 1220])
    expect(refusals([0, 10, 1209.999, 1220, 1249.999])).toEqual([0, 10, 1209.999, 1249.999])
  })

  test("counts as the first on a clock that was set back", () => {
    expect(refusals([100, 50, 55, 60])).toEqual([100, 50, 60])
  })

  test("counts at once after a sign-out and another login", () => {
    const { clock, state, token } = setup()
    state.publish(token(true))
    state.reject("token")
    state.forget("logout")
    clock.now += 1
    state.publish(token(true))
    state.reject("token")
    expect(state.rejected).toBe("token")
    expect(state.snapshot()).toEqual({ status: "stale", refresh: { phase: "idle" } })
  })

  test("is told to those who watch, once, and not for another token", async () => {
    const { seen, state } = signedIn()
    state.reject("another")
    expect(seen).toEqual([])
    expect(state.rejected).toBeUndefined()
    state.reject("token")
    const count = seen.length
    expect(seen[0]).toEqual({ status: "stale", refresh: { phase: "idle" } })
    state.reject("token")
    expect(seen).toHaveLength(count)
    expect(state.usable()).toBeUndefined()
  })

  test("before there is any token changes nothing", () => {
    const { events, state } = setup()
    state.reject("token")
    expect(state.snapshot()).toEqual({ status: "restoring" })
    expect(state.rejected).toBeUndefined()
    expect(events).toEqual([])
  })
})

describe("a token in hand", () => {
  test("is usable for as long as it is required to be", () => {
    const { clock, held, state } = signedIn()
    clock.now += 40_000
    expect(state.usable()).toBe(held)
    expect(state.usable(20_000)).toBeUndefined()
    expect(state.usable(19_999)).toBe(held)
    expect(state.usable(0, "another")).toBe(held)
    expect(state.usable(0, "token")).toBeUndefined()
  })

  test("without a refresh token is usable until it expires, whatever is required", () => {
    const { clock, held, state } = signedIn(false)
    clock.now += 59_999
    expect(state.usable(30_000)).toBe(held)
    clock.now += 1
    expect(state.usable(0)).toBeUndefined()
  })
})

describe("those who watch", () => {
  test("are told each on its own, and no more after they have left", () => {
    const { state, token } = setup()
    const told: string[] = []
    const listener = () => told.push("twice")
    expect(state.isWatched).toBe(false)
    const leaves = [
      state.subscribe(() => {
        throw new Error("a listener")
      }),
      state.subscribe(listener),
      state.subscribe(listener),
    ]
    expect(state.isWatched).toBe(true)
    state.publish(token(true))
    expect(told).toEqual(["twice", "twice"])
    leaves[1]?.()
    leaves[1]?.()
    state.phase("refreshing")
    expect(told).toHaveLength(3)
    for (const leave of leaves) leave()
    expect(state.isWatched).toBe(false)
    state.phase("idle")
    expect(told).toHaveLength(3)
  })

  test("are all told, also where one leaves when it is told", () => {
    const { state, token } = setup()
    const told: string[] = []
    const leave = state.subscribe(() => {
      told.push("first")
      leave()
    })
    state.subscribe(() => told.push("second"))
    state.publish(token(true))
    state.phase("refreshing")
    expect(told).toEqual(["first", "second", "second"])
  })

  test("need no observer of events beside them", () => {
    const state = new SessionState<HeldToken>({ key: "ada", now: () => 0 })
    state.fail(unavailable as TokenError, timing)
    expect(state.recentFailure()).toBe(unavailable)
  })
})

describe("a search that finds no token", () => {
  test.each(["initial", "expired"] as const)("says so before anything else is known: %s", (reason) => {
    const { events, state } = setup()
    state.restoreSignedOut(reason)
    expect(state.snapshot()).toStrictEqual({ status: "signedOut", reason })
    expect(events).toEqual([])
  })

  test("changes nothing for a user who is known to be signed out", () => {
    const { state } = setup()
    state.forget("logout")
    const before = state.snapshot()
    state.restoreSignedOut("expired")
    expect(state.snapshot()).toBe(before)
  })

  test("during a login is where that ends when it is given up, and a later one is not", () => {
    const { state } = setup()
    const giveUp = state.beginLogin("loopback")
    state.restoreSignedOut("expired")
    state.restoreSignedOut("initial")
    expect(state.snapshot()).toEqual({ status: "signingIn", method: "loopback" })
    giveUp()
    expect(state.snapshot()).toStrictEqual({ status: "signedOut", reason: "expired" })
  })

  test("drops the failure of the last refresh", () => {
    const { state } = setup()
    state.fail(unavailable, timing)
    state.restoreSignedOut()
    expect(state.recentFailure()).toBeUndefined()
  })
})

describe("a login of a user who is signed in", () => {
  test.each(["redirect", "popup", "loopback"] as const)("shows how it goes: %s", (method) => {
    const { held, state } = signedIn()
    const giveUp = state.beginLogin(method)
    const ready = { status: "ready", expiresAt: held.expiresAt, scope: [], refresh: { phase: "idle" } }
    expect(state.snapshot()).toStrictEqual({ ...ready, login: method })
    state.beginExchange()
    expect(state.snapshot()).toStrictEqual({ ...ready, login: method })
    giveUp(unavailable)
    expect(state.snapshot()).toStrictEqual(ready)
  })

  test("goes on where the token expires", () => {
    const { clock, state } = signedIn()
    state.beginLogin("popup")
    clock.now += 60_000
    expect(state.snapshot()).toStrictEqual({ status: "stale", refresh: { phase: "idle" }, login: "popup" })
  })

  test("that failed is not ended by one that was given up before", () => {
    const { state } = setup()
    state.forget("logout")
    const first = state.beginLogin("popup")
    state.beginLogin("redirect")
    first(unavailable)
    expect(state.snapshot()).toStrictEqual({ status: "signingIn", method: "redirect" })
  })
})

test("a login that fails before it is known whether there is a token shows no error", () => {
  const { state } = setup()
  state.beginLogin("popup")(unavailable)
  expect(state.snapshot()).toStrictEqual({ status: "restoring" })
})
