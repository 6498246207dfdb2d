/** Turns what an adapter supplies into the services of the client. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { optionalFunction } from "../common/options.js"
import { fromPromiseTransport, type PromiseTransport } from "../services/fromPromiseTransport.js"
import { type CryptoLike, fromWebCrypto } from "../services/fromWebCrypto.js"
import { requireTokenStore } from "../services/requireTokenStore.js"
import type { TokenStoreAdapter } from "../services/TokenStoreAdapter.js"
import { tokenStoreCalls } from "../services/TokenStoreCalls.js"
import { noTracing } from "../services/Tracing.js"
import type { ClientServices } from "../session/ClientContext.js"
import type { OpenTelemetryTracing, Tracing } from "./openTelemetry.js"

/**
 * What an adapter supplies: a transport, a store, random bytes and hashes, and optionally a clock and a tracer.
 */
export interface TokenClientServices {
  readonly transport: PromiseTransport
  readonly crypto: CryptoLike
  readonly store: TokenStoreAdapter
  /** Milliseconds since the epoch; the system's clock if left out. Read at each use. */
  readonly now?: (() => number) | undefined
  /** Receives the spans. No spans if left out. */
  readonly tracer?: Tracing | undefined
}

/** @throws ConfigurationError */
export const clientServices = (services: TokenClientServices): ClientServices => {
  const { transport, crypto, store, now, tracer } = services
  optionalFunction("now", now)
  const timed = now === undefined ? Context.empty() : Context.make(Clock.Clock, clockWith(now))
  return {
    transport: fromPromiseTransport(transport),
    crypto: fromWebCrypto(crypto),
    store: tokenStoreCalls(requireTokenStore(store)),
    context: tracer === undefined ? timed : Context.merge(timed, (tracer as OpenTelemetryTracing).context),
    tracing: tracer === undefined ? noTracing : (tracer as OpenTelemetryTracing).tracing,
  }
}

const clockWith = (now: () => number): Clock.Clock =>
  Object.assign(Object.create(Context.get(Context.empty(), Clock.Clock)) as Clock.Clock, {
    currentTimeMillisUnsafe: now,
    currentTimeMillis: Effect.sync(now),
  })
