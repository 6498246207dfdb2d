// The state machine that core's session and the backend client of react share.
import { describe, expect, test } from "vitest"
import {
  type HeldToken,
  SessionState,
  TokenEndpointUnavailable,
  type TokenEvent,
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
