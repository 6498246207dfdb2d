/** The token endpoint: build, send, parse, with a timeout for each attempt and retries inside one deadline. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import { type DurationOption, requireDuration, show } from "../common/options.js"
import { stopwatch } from "../common/stopwatch.js"
import { typed } from "../common/typed.js"
import { ConfigurationError, type TokenRequestError, TransportError } from "../errors.js"
import type { AuthorizationServer } from "../registration/AuthorizationServer.js"
import { type Client, type ClientOptions, makeClient } from "../registration/Client.js"
import type { Grant } from "./Grant.js"
import type { Token } from "./Token.js"
import { buildTokenRequest } from "./TokenRequest.js"
import { parseTokenResponse } from "./TokenResponse.js"
import { type HttpRequest, Transport } from "./Transport.js"

export interface TokenEndpointOptions {
  readonly server: AuthorizationServer
  readonly client: Client
  /** The longest wait for one reply, in milliseconds. */
  readonly timeout: number
  /** The longest wait in all, with every retry and pause, in milliseconds. */
  readonly deadline: number
  /** Told before each attempt, counting from 1. */
  readonly onAttempt?: ((attempt: number) => void) | undefined
}

export interface TokenEndpointSettings extends ClientOptions {
  readonly server: AuthorizationServer
  /** The longest wait for one reply: 10 seconds if left out. */
  readonly timeout?: DurationOption
  /** The longest wait in all, with every retry: 30 seconds if left out. */
  readonly deadline?: DurationOption
}

/** @throws ConfigurationError for a bad option, at once */
export const makeTokenEndpoint = (settings: TokenEndpointSettings): TokenEndpointOptions => {
  const server = requireServer(settings.server)
  return {
    server,
    client: makeClient(server, settings),
    timeout: requireDuration("timeout", settings.timeout ?? "10 seconds"),
    deadline: requireDuration("deadline", settings.deadline ?? "30 seconds"),
  }
}

const requireServer = (server: unknown): AuthorizationServer => {
  if (typeof server === "object" && server !== null && "tokenEndpoint" in server && "limits" in server) {
    return server as AuthorizationServer
  }
  throw new ConfigurationError({
    option: "server",
    got: show(server),
    expected: "the result of ellipsisDrive({ baseUrl }) or rfc6749({ … })",
  })
}

/** A server that is down is asked this often before the caller hears of it. */
export const maximumAttempts = 5

/** Nothing is sent that would be given up again at once, in milliseconds: its reply would be lost. */
const shortestAttempt = 1000

/**
 * Sends one grant and returns its token. Retried, inside the deadline: no connection, timeouts, cut-off replies, 429
 * and 5xx. A reply that was lost (`sent: "maybe"`) is retried too: where the server acted on it, the old code or
 * refresh token is spent anyway, and where it did not, nothing is. A device that is offline is not asked again.
 *
 * Interrupting it aborts the HTTP request.
 */
export const requestToken = Effect.fn("ellipsis-oauth.requestToken")(function* (
  options: TokenEndpointOptions,
  grant: Grant,
  previous?: Token,
): Effect.fn.Return<Token, TokenRequestError, Transport> {
  const { server, client, timeout, deadline } = options
  yield* Effect.annotateCurrentSpan({ "oauth.grant_type": grant.grantType, "url.full": server.tokenEndpoint })
  const request = yield* typed<HttpRequest, ConfigurationError>(() =>
    buildTokenRequest(server, client, grant),
  )
  const elapsed = yield* stopwatch
  for (let attempt = 1; ; attempt++) {
    options.onAttempt?.(attempt)
    const left = deadline - (yield* elapsed)
    const result = yield* Effect.result(
      attemptOnce(options, request, grant, previous, Math.min(timeout, left)),
    )
    yield* Effect.annotateCurrentSpan({ "oauth.attempts": attempt })
    if (Result.isSuccess(result)) return result.success
    const error = result.failure
    if (!isWorthRetrying(error) || attempt === maximumAttempts) return yield* error
    const asked = error._tag === "TokenEndpointUnavailable" ? (error.retryAfter ?? 0) : 0
    const pause = Math.max(asked, backoff(attempt, yield* Random.next))
    // A pause that leaves no time for another attempt is for the caller to wait out: the error carries it.
    if ((yield* elapsed) + pause + Math.min(timeout, shortestAttempt) > deadline) return yield* error
    yield* Effect.sleep(pause)
  }
})

const attemptOnce = Effect.fnUntraced(function* (
  { server, client }: TokenEndpointOptions,
  request: HttpRequest,
  grant: Grant,
  previous: Token | undefined,
  timeout: number,
): Effect.fn.Return<Token, TokenRequestError, Transport> {
  const transport = yield* Transport
  const sentAt = yield* Clock.currentTimeMillis
  const response = yield* Effect.timeoutOrElse(transport.send(request), {
    duration: timeout,
    orElse: () =>
      Effect.fail(
        new TransportError({ reason: "timeout", sent: "maybe", detail: `after ${Math.round(timeout)} ms` }),
      ),
  })
  const receivedAt = yield* Clock.currentTimeMillis
  return yield* typed<Token, TokenRequestError>(() =>
    parseTokenResponse(response, { server, client, grant, previous, sentAt, receivedAt }),
  )
})

const isWorthRetrying = (error: TokenRequestError): boolean =>
  error.action === "retry" && !(error._tag === "TransportError" && error.reason === "offline")

/** Half a second, doubled each time, with half of it random so that clients that failed together come back apart. */
const backoff = (attempt: number, random: number): number => 250 * 2 ** attempt * (0.5 + random / 2)
