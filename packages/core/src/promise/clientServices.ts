/** Turns what an adapter supplies into the services of the client. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { optionalFunction } from "../common/options.js"
import { TransportError } from "../errors/TransportError.js"
import type { HttpRequest, HttpResponse } from "../protocol/HttpMessage.js"
import { type CryptoLike, fromWebCrypto } from "../services/fromWebCrypto.js"
import { requireTokenStore } from "../services/requireTokenStore.js"
import type { TokenStoreAdapter } from "../services/TokenStoreAdapter.js"
import { tokenStoreCalls } from "../services/TokenStoreCalls.js"
import { noTracing } from "../services/Tracing.js"
import type { ClientServices } from "../session/ClientContext.js"
import type { OpenTelemetryTracing, Tracing } from "./openTelemetry.js"

/**
 * A transport must not follow redirects (it returns them with their status), must not retry, and must stop when the
 * signal aborts. It rejects with a `TransportError`, which says whether the server can have seen the request.
 */
export type PromiseTransport = (request: HttpRequest, signal: AbortSignal) => Promise<HttpResponse>

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
    transport: { send: (request) => fromPromise(transport, request) },
    crypto: fromWebCrypto(crypto),
    store: tokenStoreCalls(requireTokenStore(store)),
    context: tracer === undefined ? timed : Context.merge(timed, (tracer as OpenTelemetryTracing).context),
    tracing: tracer === undefined ? noTracing : (tracer as OpenTelemetryTracing).tracing,
  }
}

const fromPromise = (transport: PromiseTransport, request: HttpRequest) =>
  Effect.tryPromise({
    try: (signal) => transport(request, signal),
    catch: (error) =>
      error instanceof TransportError ? error : new TransportError({ reason: "network", sent: "maybe" }),
  })

const clockWith = (now: () => number): Clock.Clock =>
  Object.assign(Object.create(Context.get(Context.empty(), Clock.Clock)) as Clock.Clock, {
    currentTimeMillisUnsafe: now,
    currentTimeMillis: Effect.sync(now),
  })
