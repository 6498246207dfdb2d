/** Requests to the token endpoint, with a timeout for each request and one deadline for all retries. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import { type DurationOption, requireDuration } from "../common/duration.js"
import { show } from "../common/options.js"
import { waitingTime } from "../common/stopwatch.js"
import { gracePeriod } from "../common/waitAtMost.js"
import { ConfigurationError } from "../errors/ConfigurationError.js"
import type { TokenRequestError } from "../errors/TokenError.js"
import type { TokenStoreError } from "../errors/TokenStoreError.js"
import { TransportError } from "../errors/TransportError.js"
import type { AuthorizationServer } from "../protocol/AuthorizationServer.js"
import type { Client, ClientOptions } from "../protocol/Client.js"
import { makeClient } from "../protocol/clientAuthentication.js"
import type { Grant } from "../protocol/Grant.js"
import type { Token } from "../protocol/Token.js"
import { buildTokenRequest } from "../protocol/TokenRequest.js"
import { parseTokenResponse } from "../protocol/TokenResponse.js"
import type { TransportCalls } from "./fromPromiseTransport.js"

export interface TokenEndpointOptions extends ClientOptions {
  readonly server: AuthorizationServer
  /** How long one request may take: 60 seconds if left out. It is not sent again before it has ended. */
  readonly timeout?: DurationOption | undefined
  /** The longest wait of a caller for the token endpoint, with every retry: 30 seconds if left out. */
  readonly deadline?: DurationOption | undefined
}

/** The options of the token endpoint, checked, with durations in milliseconds. */
export interface TokenEndpointSettings {
  /** The authorization server. */
  readonly server: AuthorizationServer
  /** The app's registration, with its authentication. */
  readonly client: Client
  /** Milliseconds. */
  readonly timeout: number
  /** Milliseconds. */
  readonly deadline: number
}

/** @throws ConfigurationError for a bad option */
export const checkTokenEndpointOptions = (options: TokenEndpointOptions): TokenEndpointSettings => {
  const server = requireServer(options.server)
  return {
    server,
    client: makeClient(server, options),
    timeout: requireDuration("timeout", options.timeout ?? "60 seconds"),
    deadline: requireDuration("deadline", options.deadline ?? "30 seconds"),
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

export const spanAttributes = ({ server }: TokenEndpointSettings, grant: Grant) => ({
  "oauth.grant_type": grant.grantType,
  "url.full": server.tokenEndpoint,
})

export interface SendGrantOptions {
  readonly previous?: Token | undefined
  /** `run` is run once the request has taken longer than `after` milliseconds. */
  readonly whenSlow?: { readonly after: number; readonly run: Effect.Effect<void> }
}

/** Sends one request, once. A response that has arrived is always used, even if the timeout has passed. */
export const sendGrant = Effect.fnUntraced(function* (
  transport: TransportCalls,
  { server, client, timeout }: TokenEndpointSettings,
  grant: Grant,
  { previous, whenSlow }: SendGrantOptions = {},
): Effect.fn.Return<Token, TokenRequestError> {
  const request = yield* Effect.fromResult(buildTokenRequest(server, client, grant))
  const clock = yield* Clock.Clock
  const sentAt = clock.currentTimeMillisUnsafe()
  const slow =
    whenSlow !== undefined && whenSlow.after < timeout
      ? Effect.andThen(Effect.sleep(whenSlow.after), whenSlow.run).pipe(
          Effect.andThen(Effect.sleep(timeout - whenSlow.after)),
        )
      : Effect.sleep(timeout)
  const giveUp = slow.pipe(
    Effect.andThen(Effect.sleep(gracePeriod)),
    Effect.flatMap(() =>
      Effect.fail(
        new TransportError({
          reason: "timeout",
          sent: "maybe",
          detail: `after ${Math.round(timeout / 1000)} s`,
        }),
      ),
    ),
  )
  const response = yield* Effect.raceFirst(transport.send(request), giveUp)
  const receivedAt = clock.currentTimeMillisUnsafe()
  return yield* Effect.fromResult(
    parseTokenResponse(response, { server, client, grant, previous, sentAt, receivedAt }),
  )
})

/** How many times a request is sent while the server is unavailable, before the caller gets the error. */
const maximumAttempts = 5

/** In milliseconds. If less time than this would be left before the deadline, there is no further attempt. */
const shortestAttempt = 1000

/** Repeats a request, after a pause, as long as another attempt can help and there is time for it. */
export const retryTokenRequest = <A, E extends TokenRequestError | TokenStoreError, R>(
  { timeout, deadline }: Pick<TokenEndpointSettings, "timeout" | "deadline">,
  request: Effect.Effect<A, E, R>,
  onAttempt: (attempt: number, lastError: TokenRequestError | undefined) => void = () => {},
): Effect.Effect<A, E, R> =>
  Effect.flatMap(waitingTime, (elapsed) => {
    const attempt = (count: number, lastError?: TokenRequestError): Effect.Effect<A, E, R> =>
      Effect.suspend(() => {
        onAttempt(count, lastError)
        return Effect.catch(request, (error) =>
          Effect.flatMap(Random.next, (random) => {
            const asked = error._tag === "TokenEndpointUnavailable" ? (error.retryAfter ?? 0) : 0
            const pause = Math.max(asked, backoff(count, random))
            const isOver =
              count >= maximumAttempts || elapsed() + pause + Math.min(timeout, shortestAttempt) > deadline
            return isOver || !isWorthRetrying(error)
              ? Effect.fail(error)
              : Effect.delay(attempt(count + 1, error), pause)
          }),
        )
      })
    return attempt(1)
  })

const isWorthRetrying = (error: TokenRequestError | TokenStoreError): error is TokenRequestError =>
  error._tag !== "TokenStoreError" &&
  error.action === "retry" &&
  !(error._tag === "TransportError" && (error.reason === "offline" || error.reason === "timeout"))

/** Half a second, doubled each time. Half of it is random, so that clients that failed together do not retry together. */
const backoff = (attempt: number, random: number): number => 250 * 2 ** attempt * (0.5 + random / 2)
