/** The transport, as an Effect service. */
import * as Context from "effect/Context"
import type { TransportCalls } from "./fromPromiseTransport.js"

/** Sends HTTP requests, as an Effect service. */
export class Transport extends Context.Service<Transport, TransportCalls>()(
  "@ellipsis-oauth/core/Transport",
) {}
