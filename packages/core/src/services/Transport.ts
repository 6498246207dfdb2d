/** Sends one plain HTTP request and returns one plain HTTP response. The adapters bring it. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { TransportError } from "../errors/TransportError.js"
import type { HttpRequest, HttpResponse } from "../protocol/HttpMessage.js"

/**
 * It must not follow redirects (it returns them with their status), must not retry, and must stop when its effect is
 * interrupted. Its error tells whether the server can have seen the request.
 */
export interface TransportCalls {
  readonly send: (request: HttpRequest) => Effect.Effect<HttpResponse, TransportError>
}

/** What sends one HTTP request, as a service. */
export class Transport extends Context.Service<Transport, TransportCalls>()(
  "@ellipsis-oauth/core/Transport",
) {}
