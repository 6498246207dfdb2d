/** One grant as an effect, with retries. */
import * as Effect from "effect/Effect"
import type { TokenRequestError } from "../errors/TokenError.js"
import type { Grant } from "../protocol/Grant.js"
import type { Token } from "../protocol/Token.js"
import { retryTokenRequest, sendGrant, spanAttributes, type TokenEndpointSettings } from "./TokenEndpoint.js"
import { Transport } from "./Transport.js"

/**
 * Sends one grant and returns its token. It retries, inside the deadline, after a connection that failed or was cut, and
 * after HTTP 429 and 5xx. It does not retry after a timeout, since the server may still process the request, nor while
 * the device is offline. Interrupting it aborts the HTTP request; `TokenClient` finishes the request instead.
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
