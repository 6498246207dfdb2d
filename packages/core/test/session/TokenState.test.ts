// The states after a refresh that failed, and after the end of an access token.
import { expect, test } from "vitest"
import { TokenEndpointUnavailable, type TokenError, TransportError } from "../../src/promise/index.js"
import { refreshFailed, type TokenState, withoutAccessToken } from "../../src/session/TokenState.js"

const now = 1_800_000_000_000

test.each<[string, TokenError, number]>([
  ["the network fails", new TransportError({ reason: "network", sent: "maybe" }), 1000],
  ["there is no response", new TransportError({ reason: "timeout", sent: "no" }), 1000],
  ["the server names no time", new TokenEndpointUnavailable({ status: 503, retryAfter: undefined }), 1000],
  ["the server asks for no pause", new TokenEndpointUnavailable({ status: 503, retryAfter: 0 }), 1000],
  ["the server asks for 1 ms more", new TokenEndpointUnavailable({ status: 503, retryAfter: 1001 }), 1001],
  ["the server asks for 299 s", new TokenEndpointUnavailable({ status: 503, retryAfter: 299_000 }), 299_000],
  [
    "the server asks for a day",
    new TokenEndpointUnavailable({ status: 503, retryAfter: 86_400_000 }),
    300_000,
  ],
])("where %s, the next refresh waits for its time", (_, error, pause) => {
  expect(refreshFailed(error, now)).toEqual({ phase: "failed", error, retryAt: now + pause })
})

test("where the device is offline, the next refresh waits for nothing", () => {
  expect(refreshFailed(new TransportError({ reason: "offline", sent: "no" }), now)).toEqual({
    phase: "offline",
  })
})

const ready: TokenState = { status: "ready", scope: [], refresh: { phase: "idle" } }

test.each<[string, TokenState, boolean, TokenState]>([
  ["can be refreshed: it is stale", ready, true, { status: "stale", refresh: { phase: "idle" } }],
  ["cannot: it has expired", ready, false, { status: "signedOut", reason: "expired" }],
  [
    "can be refreshed in a login: both show",
    { ...ready, login: "popup" },
    true,
    { status: "stale", refresh: { phase: "idle" }, login: "popup" },
  ],
  [
    "cannot in a login: the login goes on",
    { ...ready, login: "popup" },
    false,
    { status: "signingIn", method: "popup" },
  ],
])("a session whose access token has ended and %s", (_, before, isRefreshable, after) => {
  expect(withoutAccessToken(before, isRefreshable)).toEqual(after)
})
