import { webcrypto } from "node:crypto"
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import {
  type AuthorizationServer,
  type Client,
  type ClientOptions,
  ellipsisDrive,
  type Grant,
  type HttpRequest,
  type HttpResponse,
  makeClient,
  type TokenResponseContext,
  Transport,
  type TransportError,
  WebCrypto,
} from "../src/index.js"

export const server: AuthorizationServer = ellipsisDrive()

export const client = (options: Partial<ClientOptions> = {}, on = server): Client =>
  makeClient(on, { clientId: "app", redirectUri: "https://app.example/callback", ...options })

export const codeGrant: Grant = { grantType: "authorization_code", code: "the-code-of-the-redirect" }
export const refreshGrant: Grant = { grantType: "refresh_token", refreshToken: "the-old-refresh-token" }

export const reply = (status: number, body: unknown, headers: Record<string, string> = {}): HttpResponse => ({
  status,
  headers,
  body: typeof body === "string" ? body : JSON.stringify(body),
})

export const context = (overrides: Partial<TokenResponseContext> = {}): TokenResponseContext => ({
  server,
  client: client({ clientSecret: "s3cret" }),
  grant: refreshGrant,
  sentAt: 1_000_000,
  receivedAt: 1_000_500,
  ...overrides,
})

/** What a pure step gives; the test fails if it fails. */
export const succeeded = <A, E>(result: Result.Result<A, E>): A => Result.getOrThrow(result)

/** The error of a pure step; the test fails if it succeeds. */
export const failed = <E>(result: Result.Result<unknown, E>): E => {
  if (Result.isFailure(result)) return result.failure
  throw new Error("it succeeded")
}

/** The error that a function throws; the test fails if it throws none. */
export const thrown = (evaluate: () => unknown): unknown => {
  try {
    evaluate()
  } catch (error) {
    return error
  }
  throw new Error("nothing was thrown")
}

export const cryptoLayer = WebCrypto.layer(webcrypto as never)

/** A transport that responds from a list, one entry a request, and keeps the requests. */
export const scripted = (
  ...replies: readonly (HttpResponse | TransportError | Effect.Effect<HttpResponse, TransportError>)[]
) => {
  const requests: HttpRequest[] = []
  const send: Transport["Service"]["send"] = (request) =>
    Effect.suspend(() => {
      requests.push(request)
      const next = replies[Math.min(requests.length, replies.length) - 1]
      if (next === undefined) return Effect.never
      return "_tag" in next
        ? Effect.fail(next as TransportError)
        : "status" in next
          ? Effect.succeed(next)
          : next
    })
  return { requests, send, layer: Layer.succeed(Transport, { send }) }
}

/** The same clock, but for its wall clock, which is ahead by so many milliseconds, as after a sleep of the machine. */
export const clockAhead = (clock: Clock.Clock, ahead: () => number): Clock.Clock =>
  Object.assign(Object.create(clock) as Clock.Clock, {
    currentTimeMillisUnsafe: () => clock.currentTimeMillisUnsafe() + ahead(),
    currentTimeMillis: Effect.sync(() => clock.currentTimeMillisUnsafe() + ahead()),
  })
