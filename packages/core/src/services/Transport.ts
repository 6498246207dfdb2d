/** Sends one HTTP request and returns its HTTP response. The adapters supply it. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { TransportError } from "../errors/TransportError.js"
import type { HttpRequest, HttpResponse } from "../protocol/HttpMessage.js"

/**
 * It must not follow redirects (it returns them with their status), must not retry, and must stop when its effect is
 * interrupted. Its error says whether the server can have seen the request.
 */
export interface TransportCalls {
  readonly send: (request: HttpRequest) => Effect.Effect<HttpResponse, TransportError>
}

/** Sends HTTP requests, as an Effect service. */
export class Transport extends Context.Service<Transport, TransportCalls>()(
  "@ellipsis-oauth/core/Transport",
) {}
