// What other libraries get wrong at the token endpoint, each on a real socket.
import type { Fault, MockServerOptions } from "@ellipsis-oauth/mock-server"
import { describe, expect, onTestFinished, test, vi } from "vitest"
import {
  createTokenClient,
  ellipsisDrive,
  type Token,
  type TokenClientOptions,
  type TokenError,
} from "../src/index.js"
import { clientFor, listening, login, rejection } from "./fixtures.js"

/** Logs in with an ordinary client, so that the options of the one under test count for what follows alone. */
const start = async (options: MockServerOptions = {}, clientOptions: Partial<TokenClientOptions> = {}) => {
  const server = await listening(options)
  const token = await clientFor(server).exchangeAuthorizationCode(await login(server, clientFor(server)))
  const client = clientFor(server, clientOptions)
  const before = server.log.length
  return { server, client, token, requests: () => server.log.length - before }
}

const reply = (status: number, body: string | object, headers: Record<string, string> = {}): Fault => ({
  reply: { status, body, headers },
})

/** Refreshes once with the fault in the way, and gives the error. */
const refreshWith = async (fault: Fault, times = 1, clientOptions: Partial<TokenClientOptions> = {}) => {
  const started = await start({}, clientOptions)
  for (let i = 0; i < times; i++) started.server.faults.next("token", fault)
  const outcome = await started.client.refreshToken(started.token).then(
    (token): { token?: Token; error?: TokenError } => ({ token }),
    (error: TokenError) => ({ error }),
  )
  return { ...started, ...outcome, requests: started.requests() }
}

const good = { access_token: "scripted-access", token_type: "Bearer", expires_in: 60 }
const json = { "content-type": "application/json" }
const html = "<html><head><title>502 Bad Gateway</title></head></html>"

describe("responses", () => {
  test("200 with an error", async () => {
    const { error, requests } = await refreshWith(reply(200, { error: "invalid_grant" }))
    expect(error).toMatchObject({ _tag: "TokenErrorResponse", error: "invalid_grant", status: 200 })
    expect(requests).toBe(1)
  })

  test("a 5xx with a JSON error is retried as unavailable", async () => {
    const { token, requests } = await refreshWith(reply(500, { error: "server_error" }))
    expect(token?.accessToken).toBeTruthy()
    expect(requests).toBe(2)
  })

  test("502 with HTML, for longer than the deadline", async () => {
    const { error } = await refreshWith(reply(502, html), 5, { deadline: 2000 })
    expect(error).toMatchObject({ _tag: "TokenEndpointUnavailable", status: 502, summary: "502 Bad Gateway" })
  })

  test.each(["omit", "bearer"] as const)("token_type: %s", async (tokenType) => {
    const { token } = await start({ tokenType })
    expect(token.tokenType).toBe("Bearer")
  })

  test.each([
    ["string", 3_600_000],
    ["number", 3_600_000],
    ["omit", undefined],
  ] as const)("expires_in: %s", async (expiresIn, lifetime) => {
    const { token } = await start({ expiresIn })
    expect(token.expiresAt).toBe(lifetime === undefined ? undefined : token.issuedAt + lifetime)
  })

  test.each([0, -1, "NaN", "Thu, 01 Jan 2026 00:00:00 GMT"])(
    "expires_in: %o is nonsense: the token is used, of unknown lifetime",
    async (expires_in) => {
      const { token } = await refreshWith(reply(200, { ...good, expires_in }))
      expect(token.accessToken).toBe(good.access_token)
      expect(token.expiresAt).toBeUndefined()
    },
  )

  test.each([undefined, ""])("access_token: %o is malformed", async (access_token) => {
    const { error } = await refreshWith(reply(200, { ...good, access_token }))
    expect(error).toMatchObject({
      _tag: "InvalidTokenResponse",
      problem: expect.stringContaining("access_token"),
    })
  })

  test("no new refresh token, and no scope: the old ones stay", async () => {
    const { token, client } = await start({ rotation: "off", scopeInReply: "omit" })
    const refreshed = await client.refreshToken(token)
    expect(refreshed.refreshToken).toBe(token.refreshToken)
    expect(refreshed.scope).toEqual(token.scope)
  })

  test("a new refresh token replaces the old one, which is dead", async () => {
    const { token, client } = await start({ rotation: "always" })
    const refreshed = await client.refreshToken(token)
    expect(refreshed.refreshToken).not.toBe(token.refreshToken)
    expect((await client.refreshToken(refreshed)).refreshToken).not.toBe(refreshed.refreshToken)
    expect(await rejection(client.refreshToken(token))).toMatchObject({
      error: "invalid_grant",
      action: "login",
    })
  })

  test("no content type, but valid JSON", async () => {
    const { token } = await refreshWith(reply(200, JSON.stringify(good)))
    expect(token?.accessToken).toBe("scripted-access")
  })

  test("a truncated body, and then a good one", async () => {
    const { token, requests } = await refreshWith(reply(200, JSON.stringify(good).slice(0, -9), json))
    expect(token?.accessToken).toBeTruthy()
    expect(requests).toBe(2)
  })

  test.each([
    ["reset", { wire: "reset" }],
    ["closed before the reply", { wire: "close" }],
    ["closed in the body", { wire: "closeInBody" }],
    ["cut off", reply(200, '{"access_token":"a', json)],
  ] as const)("a connection that is %s, every time, is a transport error", async (_, fault) => {
    const { error } = await refreshWith(fault, 9, { deadline: 2000 })
    expect(error).toMatchObject({ _tag: "TransportError", reason: "network", sent: "maybe", action: "retry" })
  })

  test.each([307, 308, 302])("%i is never followed", async (status) => {
    const other = await listening()
    const { error, requests } = await refreshWith(reply(status, "", { location: `${other.url}/oauth/token` }))
    expect(error).toMatchObject({ _tag: "TransportError", reason: "redirect", action: "fix" })
    expect(error?.message).toContain(new URL(other.url).origin)
    expect(requests).toBe(1)
    expect(other.log).toHaveLength(0)
  })
})

describe("client authentication", () => {
  const registration = {
    clientId: "a b",
    clientSecret: "p:ss+wo%rd",
    redirectUris: ["http://localhost:3000/callback"],
  }
  const { clientId, clientSecret } = registration

  test.each([
    ["basic", "raw", "basic-raw"],
    ["basic-raw", "form", "basic"],
  ] as const)(
    "%s to a server that reads it otherwise: the hint names %s's other way",
    async (clientAuthentication, basicDecoding, other) => {
      const server = await listening({ clients: [registration], basicDecoding })
      const client = clientFor(server, { clientId, clientSecret, clientAuthentication })
      const error = await rejection(client.exchangeAuthorizationCode(await login(server, client)))
      expect(error).toMatchObject({
        error: "invalid_client",
        status: 401,
        hint: expect.stringContaining(`"${other}"`),
      })
      const right = clientFor(server, { clientId, clientSecret, clientAuthentication: other })
      expect((await right.exchangeAuthorizationCode(await login(server, right))).accessToken).toBeTruthy()
    },
  )

  test("401 with a challenge and a JSON error: code, description, status and challenge are kept", async () => {
    const server = await listening()
    const client = clientFor(server, { clientSecret: "wrong", clientAuthentication: "basic" })
    const error = await rejection(client.exchangeAuthorizationCode(await login(server, client)))
    expect(error).toMatchObject({
      _tag: "TokenErrorResponse",
      error: "invalid_client",
      status: 401,
      errorDescription: expect.any(String),
      challenge: expect.stringContaining("Basic"),
      action: "fix",
    })
  })
})

describe("time", () => {
  test.each(["1", "date"])("Retry-After (%s) is honoured", async (kind) => {
    const now = Date.UTC(2030, 0, 1)
    const header = kind === "date" ? new Date(now + 1000).toUTCString() : kind
    const pauses = vi.spyOn(globalThis, "setTimeout")
    onTestFinished(() => pauses.mockRestore())
    const refused = reply(429, "", { "retry-after": header })
    const { token, requests } = await refreshWith(refused, 1, { now: () => now })
    expect(token?.accessToken).toBeTruthy()
    expect(requests).toBe(2)
    expect(pauses.mock.calls.map(([, milliseconds]) => milliseconds)).toContain(1000)
  })

  test("a Retry-After beyond the deadline is in the error, at once", async () => {
    const { error, requests } = await refreshWith(reply(503, "", { "retry-after": "3600" }))
    expect(error).toMatchObject({ _tag: "TokenEndpointUnavailable", status: 503, retryAfter: 3_600_000 })
    expect(requests).toBe(1)
  })

  test("a server that never responds: the attempt's timeout", async () => {
    const { error } = await refreshWith({ wire: "hang" }, 3, { timeout: 100, deadline: 200 })
    expect(error).toMatchObject({ _tag: "TransportError", reason: "timeout", sent: "maybe", action: "retry" })
  })

  test("a refused connection: the server cannot have seen the request", async () => {
    const { server, client, token } = await start({}, { deadline: 2000 })
    await server.close()
    expect(await rejection(client.refreshToken(token))).toMatchObject({
      _tag: "TransportError",
      reason: "network",
      sent: "no",
      detail: "ECONNREFUSED",
    })
  })
})

describe("the provider's other response formats", () => {
  test.each(["rfc6749", "message", "text"] as const)("a reused code, in %s", async (errorFormat) => {
    const server = await listening({ errorFormat })
    const client = clientFor(server)
    const authorization = await login(server, client)
    await client.exchangeAuthorizationCode(authorization)
    expect(await rejection(client.exchangeAuthorizationCode(authorization))).toMatchObject({
      _tag: "TokenErrorResponse",
      error: "invalid_grant",
      inferred: errorFormat !== "rfc6749",
      action: "login",
    })
  })

  test.each([
    ["form", "json"],
    ["json", "form"],
  ] as const)(
    "a server that reads only %s bodies: the error suggests the other encoding",
    async (bodyEncoding, sent) => {
      const server = await listening({ bodyEncoding })
      const client = createTokenClient({
        clientId: "demo-app",
        clientSecret: "demo-secret",
        server: ellipsisDrive({ baseUrl: server.url, bodyEncoding: sent }),
      })
      const error = await rejection(client.exchangeAuthorizationCode(await login(server, client)))
      expect(error).toMatchObject({ hint: expect.stringContaining(`bodyEncoding: "${bodyEncoding}"`) })
    },
  )

  test("a server that accepts no public client: the hint suggests a backend", async () => {
    const server = await listening({ publicClients: "refuse" })
    const client = createTokenClient({ clientId: "demo-spa", server: ellipsisDrive({ baseUrl: server.url }) })
    const error = await rejection(client.exchangeAuthorizationCode(await login(server, client)))
    expect(error).toMatchObject({ hint: expect.stringContaining("backend") })
  })
})
