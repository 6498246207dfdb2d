/** Faults by name, and responses that a client must not accept as token responses. */
import type { Fault } from "./Fault.js"

/** One fault of each kind, by name. */
export const faultCatalog = {
  /** The connection is reset; the provider did not process the request. */
  reset: { wire: "reset" },
  /** The connection is closed before a response; the provider did not process the request. */
  close: { wire: "close" },
  /** The provider carried out the request (where tokens rotate, this one was rotated), but the response is lost. */
  lostReply: { at: "afterCommit", wire: "reset" },
  /** As `lostReply`, but half of the response arrives. */
  halfReply: { wire: "closeInBody" },
  /** As `lostReply`, but a gateway's response replaces the provider's. */
  replacedReply: {
    at: "afterCommit",
    reply: {
      status: 502,
      headers: { "content-type": "text/html" },
      body: "<html><body><h1>502 Bad Gateway</h1></body></html>",
    },
  },
  /** The grant is no longer valid: the user must log in again. */
  refusedGrant: {
    reply: {
      status: 400,
      body: {
        error: "invalid_grant",
        error_description: "The refresh token is invalid, expired or revoked.",
      },
    },
  },
  hang: { wire: "hang" },
  slow: { delay: "3 seconds" },
  slowBody: { slowBody: { pause: "100 ms" } },
  truncated: { change: { keep: 30 } },
  badGateway: {
    reply: {
      status: 502,
      headers: { "content-type": "text/html" },
      body: "<html><body><h1>502 Bad Gateway</h1></body></html>",
    },
  },
  serverError: { reply: { status: 500, body: { error: "server_error" } } },
  unavailable: { reply: { status: 503, retryAfter: "2 seconds", body: { message: "Service unavailable" } } },
  unavailableUntil: {
    reply: {
      status: 503,
      retryAfter: "2 seconds",
      retryAfterAs: "date",
      body: { message: "Service unavailable" },
    },
  },
  tooManyRequests: {
    reply: { status: 429, retryAfter: "30 seconds", body: { message: "Too many requests" } },
  },
  redirect: { reply: { status: 307, headers: { location: "https://elsewhere.example/oauth/token" } } },
  loginPage: {
    reply: {
      headers: { "content-type": "text/html" },
      body: "<html><body>Please sign in to this network.</body></html>",
    },
  },
} as const satisfies Readonly<Record<string, Fault>>

/** A malformed HTTP response, by name. */
export interface MalformedReply {
  readonly name: string
  readonly fault: Fault
}

const set = (name: string, value: unknown): MalformedReply => ({
  name: `${name}: ${typeof value === "number" ? String(value) : JSON.stringify(value)}`,
  fault: { change: { set: { [name]: value } } },
})

const body = (name: string, text: string | Uint8Array, contentType = "application/json"): MalformedReply => ({
  name,
  fault: { at: "afterCommit", reply: { headers: { "content-type": contentType }, body: text } },
})

/**
 * HTTP responses with status 200 that are not valid token responses (RFC 6749 section 5.1), each sent after the grant
 * was carried out: for table tests. A client must fail on each, without returning a token.
 */
export const malformedReplies: readonly MalformedReply[] = [
  { name: "no access_token", fault: { change: { omit: ["access_token"] } } },
  set("access_token", ""),
  set("access_token", null),
  set("access_token", 42),
  set("access_token", ["a", "b"]),
  set("access_token", { value: "a" }),
  set("expires_in", -1),
  set("expires_in", 0),
  set("expires_in", Number.NaN),
  set("expires_in", "soon"),
  set("expires_in", "2026-01-01T00:00:00Z"),
  set("expires_in", true),
  set("expires_in", { seconds: 3600 }),
  set("token_type", 7),
  set("refresh_token", 42),
  set("scope", ["projects"]),
  { name: "cut off JSON", fault: { change: { keep: 30 } } },
  {
    name: "an error with status 200",
    fault: { at: "afterCommit", reply: { body: { error: "invalid_grant" } } },
  },
  body("an empty body", ""),
  body("null", "null"),
  body("an array", "[]"),
  body("a string", '"token"'),
  body("a number", "42"),
  body("an empty object", "{}"),
  body("HTML", "<html><body>Welcome</body></html>", "text/html"),
  body("HTML that claims to be JSON", "<html><body>Welcome</body></html>"),
  body("a form", "access_token=abc&token_type=Bearer", "application/x-www-form-urlencoded"),
  body("plain text", "ok", "text/plain"),
  body("bytes that are not UTF-8", Uint8Array.of(0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d)),
]
