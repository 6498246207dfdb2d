// What the callers of a refresh wait for. Times are those of any clock.
import * as Deferred from "effect/Deferred"
import { describe, expect, test } from "vitest"
import { TokenEndpointUnavailable } from "../../src/promise/index.js"
import { InFlightRefresh } from "../../src/session/InFlightRefresh.js"

describe("the wait for a lease", () => {
  test("is nothing before it begins", () => {
    expect(new InFlightRefresh().leaseWait(5000)).toBe(0)
  })

  test("counts while it lasts, and each later one is added", () => {
    const refresh = new InFlightRefresh()
    refresh.leaseWaitBegins(1000)
    expect(refresh.leaseWait(1000)).toBe(0)
    expect(refresh.leaseWait(1700)).toBe(700)
    refresh.leaseWaitEnds(2000)
    expect(refresh.leaseWait(9000)).toBe(1000)
    refresh.leaseWaitBegins(10_000)
    expect(refresh.leaseWait(10_500)).toBe(1500)
    refresh.leaseWaitEnds(13_000)
    expect(refresh.leaseWait(20_000)).toBe(4000)
  })

  test("is never negative, on a clock that was set back", () => {
    const refresh = new InFlightRefresh()
    refresh.leaseWaitBegins(1000)
    expect(refresh.leaseWait(400)).toBe(0)
    refresh.leaseWaitEnds(400)
    expect(refresh.leaseWait(5000)).toBe(0)
  })
})

describe("a caller stops waiting for a slow refresh", () => {
  const letsGo = (change: (refresh: InFlightRefresh) => void): boolean => {
    const refresh = new InFlightRefresh()
    change(refresh)
    return Deferred.isDoneUnsafe(refresh.doneOrSlow)
  }

  test.each<[string, (refresh: InFlightRefresh) => void, boolean]>([
    ["with a token in hand: yes", (refresh) => refresh.markSlow(true), true],
    ["without one: no", (refresh) => refresh.markSlow(false), false],
    [
      "without one, until the store has one: yes",
      (refresh) => {
        refresh.markSlow(false)
        refresh.markUsableTokenFound()
      },
      true,
    ],
    ["while it is not slow yet: no", (refresh) => refresh.markUsableTokenFound(), false],
  ])("%s", (_, change, expected) => {
    expect(letsGo(change)).toBe(expected)
  })
})

describe("a caller whose deadline has passed", () => {
  const slowStore = {
    _tag: "TransportError",
    reason: "timeout",
    sent: "no",
    detail: "after 1.5 s; the request was not sent yet, since the token store is slow",
  }
  const queued = {
    ...slowStore,
    detail: "after 1.5 s; the request was not sent yet, since this client is sending too many others",
  }
  const sent = { ...slowStore, sent: "maybe", detail: "after 1.5 s; the request goes on in the background" }

  test.each<[string, (refresh: InFlightRefresh) => void, object]>([
    ["before the first request", () => {}, slowStore],
    ["in the queue", (refresh) => refresh.attempt(undefined), queued],
    [
      "after a request was sent",
      (refresh) => {
        refresh.attempt(undefined)
        refresh.markSent()
      },
      sent,
    ],
    [
      "when a sent request is repeated",
      (refresh) => {
        refresh.attempt(undefined)
        refresh.markSent()
        refresh.attempt(undefined)
      },
      sent,
    ],
  ])("is told %s what it waits for", (_, change, expected) => {
    const refresh = new InFlightRefresh()
    change(refresh)
    expect(refresh.deadlineError(1500)).toMatchObject(expected)
  })

  test("gets the error of the last request", () => {
    const refresh = new InFlightRefresh()
    const error = new TokenEndpointUnavailable({ status: 503, retryAfter: undefined })
    refresh.attempt(undefined)
    refresh.markSent()
    refresh.attempt(error)
    expect(refresh.deadlineError(1500)).toBe(error)
  })
})
