/** The transport, as an Effect service. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { checked } from "../common/checked.js"
import type { ConfigurationError } from "../errors/ConfigurationError.js"
import { fromPromiseTransport, type PromiseTransport, type TransportCalls } from "./fromPromiseTransport.js"

/** Sends HTTP requests, as an Effect service. */
export class Transport extends Context.Service<Transport, TransportCalls>()(
  "@ellipsis-oauth/core/Transport",
) {
  /** Your own transport with promises, as a layer. The function makes it; a bad option that it throws is a typed failure. */
  static readonly fromPromise = (make: () => PromiseTransport): Layer.Layer<Transport, ConfigurationError> =>
    Layer.effect(
      Transport,
      Effect.suspend(() => Effect.map(Effect.fromResult(checked(make)), fromPromiseTransport)),
    )
}
