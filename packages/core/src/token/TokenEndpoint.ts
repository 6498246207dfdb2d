/** The token endpoint: build, send, parse, with a timeout for each attempt and retries inside one deadline. */
import { withTimeout } from "../common/abort.js"
import { type DurationOption, requireDuration, show } from "../common/options.js"
import { stopwatch } from "../common/stopwatch.js"
import { ConfigurationError, isTokenError, type TokenRequestError, TransportError } from "../errors.js"
import type { AuthorizationServer } from "../registration/AuthorizationServer.js"
import type { Client, ClientOptions } from "../registration/Client.js"
import type { Grant } from "./Grant.js"
import type { HttpRequest } from "./HttpMessage.js"
import type { Token } from "./Token.js"
import { buildTokenRequest } from "./TokenRequest.js"
import type { TokenRequestPlatform } from "./TokenRequestPlatform.js"
import { parseTokenResponse } from "./TokenResponse.js"

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
export const makeTokenEndpointFor = (
  makeClient: (server: AuthorizationServer, options: ClientOptions) => Client,
  settings: TokenEndpointSettings,
): TokenEndpointOptions => {
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
 * Aborting it aborts the HTTP request. Rejects with a TokenRequestError, or with the signal's reason.
 */
export const requestToken = (
  platform: TokenRequestPlatform,
  options: TokenEndpointOptions,
  grant: Grant,
  {
    previous,
    signal,
  }: { readonly previous?: Token | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<Token> => {
  const { server, client, timeout, deadline } = options
  const { clock, random, trace } = platform
  const attributes = { "oauth.grant_type": grant.grantType, "url.full": server.tokenEndpoint }
  return trace("ellipsis-oauth.requestToken", attributes, async (inside, annotate) => {
    const request = buildTokenRequest(server, client, grant)
    const elapsed = stopwatch(clock)
    for (let attempt = 1; ; attempt++) {
      options.onAttempt?.(attempt)
      annotate({ "oauth.attempts": attempt })
      try {
        const left = Math.min(timeout, deadline - elapsed())
        return await attemptOnce({ ...platform, ...inside }, options, {
          request,
          grant,
          previous,
          timeout: left,
          signal,
        })
      } catch (error) {
        if (!isWorthRetrying(error) || attempt === maximumAttempts) throw error
        const asked = error._tag === "TokenEndpointUnavailable" ? (error.retryAfter ?? 0) : 0
        const pause = Math.max(asked, backoff(attempt, random()))
        // A pause that leaves no time for another attempt is for the caller to wait out: the error carries it.
        if (elapsed() + pause + Math.min(timeout, shortestAttempt) > deadline) throw error
        await clock.sleep(pause, signal)
      }
    }
  })
}

const attemptOnce = async (
  { transport, clock }: TokenRequestPlatform,
  { server, client }: TokenEndpointOptions,
  attempt: {
    readonly request: HttpRequest
    readonly grant: Grant
    readonly previous: Token | undefined
    readonly timeout: number
    readonly signal: AbortSignal | undefined
  },
): Promise<Token> => {
  const { request, grant, previous, timeout, signal } = attempt
  const sentAt = clock.now()
  const detail = `after ${Math.round(timeout)} ms`
  const response = await withTimeout(
    clock,
    timeout,
    (sending) => transport.send(request, sending),
    () => new TransportError({ reason: "timeout", sent: "maybe", detail }),
    signal,
  )
  return parseTokenResponse(response, { server, client, grant, previous, sentAt, receivedAt: clock.now() })
}

const isWorthRetrying = (error: unknown): error is TokenRequestError =>
  isTokenError(error) &&
  error.action === "retry" &&
  !(error._tag === "TransportError" && error.reason === "offline")

/** Half a second, doubled each time, with half of it random so that clients that failed together come back apart. */
const backoff = (attempt: number, random: number): number => 250 * 2 ** attempt * (0.5 + random / 2)
