/** What an adapter brings, as the services of the engine. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as References from "effect/References"
import * as Tracer from "effect/Tracer"
import { optionalFunction } from "../common/options.js"
import { TransportError } from "../errors/TransportError.js"
import type { HttpRequest, HttpResponse } from "../protocol/HttpMessage.js"
import { requireTokenStore } from "../services/requireTokenStore.js"
import { TokenStore, tokenStoreCalls } from "../services/TokenStore.js"
import type { TokenStoreAdapter } from "../services/TokenStoreAdapter.js"
import { Transport } from "../services/Transport.js"
import { type CryptoLike, fromWebCrypto, WebCrypto } from "../services/WebCrypto.js"
import type { ClientServices } from "../session/ClientContext.js"
import { type OpenTelemetryTracer, tracerFrom } from "./openTelemetry.js"

/**
 * A transport must not follow redirects (it returns them with their status), must not retry, and must stop when the
 * signal aborts. It rejects with a `TransportError`, which tells whether the server can have seen the request.
 */
export type PromiseTransport = (request: HttpRequest, signal: AbortSignal) => Promise<HttpResponse>

export interface TokenClientServices {
  readonly transport: PromiseTransport
  readonly crypto: CryptoLike
  readonly store: TokenStoreAdapter
  /** Milliseconds since the epoch; the system's clock if left out. Read at each use. */
  readonly now?: (() => number) | undefined
  /** Where the spans go; nowhere if left out. */
  readonly tracer?: OpenTelemetryTracer | undefined
}

/** @throws ConfigurationError */
export const clientServices = (services: TokenClientServices): Context.Context<ClientServices> => {
  const { transport, crypto, store, now, tracer } = services
  optionalFunction("now", now)
  const required = Context.make(Transport, { send: (request) => fromPromise(transport, request) }).pipe(
    Context.add(WebCrypto, fromWebCrypto(crypto)),
    Context.add(TokenStore, tokenStoreCalls(requireTokenStore(store))),
  )
  const timed = now === undefined ? required : Context.add(required, Clock.Clock, clockWith(now))
  return tracer === undefined
    ? Context.add(timed, References.TracerEnabled, false)
    : Context.add(timed, Tracer.Tracer, tracerFrom(tracer))
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
