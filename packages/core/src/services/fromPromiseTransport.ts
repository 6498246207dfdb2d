/** Sends one HTTP request and returns its HTTP response. The adapters supply it, most of them with promises. */
import * as Effect from "effect/Effect"
import { ConfigurationError } from "../errors/ConfigurationError.js"
import { TransportError } from "../errors/TransportError.js"
import type { HttpRequest, HttpResponse } from "../protocol/HttpMessage.js"

/**
 * It must not follow redirects (it returns them with their status), must not retry, and must stop when its effect is
 * interrupted. Its TransportError says whether the server can have seen the request; a ConfigurationError names a bad
 * option of the transport.
 */
export interface TransportCalls {
  readonly send: (request: HttpRequest) => Effect.Effect<HttpResponse, TransportError | ConfigurationError>
}

/**
 * A transport must not follow redirects (it returns them with their status), must not retry, and must stop when the
 * signal aborts. It rejects with a `TransportError`, which says whether the server can have seen the request, or
 * with a `ConfigurationError`.
 */
export type PromiseTransport = (request: HttpRequest, signal: AbortSignal) => Promise<HttpResponse>

/**
 * A transport with promises as the service: `Layer.succeed(Transport, fromPromiseTransport(send))`. Any other error of the
 * transport becomes a `TransportError` too. It is not quoted, since it may contain the request.
 */
export const fromPromiseTransport = (transport: PromiseTransport): TransportCalls => ({
  send: (request) =>
    Effect.tryPromise({
      try: (signal) => transport(request, signal),
      catch: (error) =>
        error instanceof TransportError || error instanceof ConfigurationError
          ? error
          : new TransportError({ reason: "network", sent: "maybe" }),
    }),
})
