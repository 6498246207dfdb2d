/** One grant as an effect: build, send, parse, with retries. */
import * as Effect from "effect/Effect"
import type { TokenRequestError } from "../errors/TokenError.js"
import type { Grant } from "../protocol/Grant.js"
import type { Token } from "../protocol/Token.js"
import { retryTokenRequest, sendGrant, spanAttributes, type TokenEndpointSettings } from "./TokenEndpoint.js"
import { Transport } from "./Transport.js"

/**
 * Sends one grant and returns its token. Retried, inside the deadline: no connection, a connection that was cut, 429
 * and 5xx. Not retried: a request that timed out, since the server may still be at work on it, and a device that is
 * offline. Interrupting it aborts the HTTP request; `TokenClient` finishes it in the background instead.
 */
export const requestToken = (
  settings: TokenEndpointSettings,
  grant: Grant,
  previous?: Token,
): Effect.Effect<Token, TokenRequestError, Transport> =>
  Effect.flatMap(Transport, (transport) =>
    retryTokenRequest(settings, sendGrant(transport, settings, grant, { previous })),
  ).pipe(
    Effect.withSpan("ellipsis-oauth.requestToken", {
      attributes: spanAttributes(settings, grant),
      kind: "client",
    }),
  )
