/** The same client without Effect in its types: for bundles that count kilobytes. */
import * as Effect from "effect/Effect"
import { type CryptoLike, fromWebCrypto } from "./authorization/WebCrypto.js"
import type { TransportError } from "./errors.js"
import type { TokenStoreAdapter } from "./store/TokenStore.js"
import {
  type TokenClient as EffectTokenClient,
  makeTokenClient as makeEffectTokenClient,
  type TokenClientOptions,
} from "./TokenClient.js"
import type { HttpRequest, HttpResponse } from "./token/Transport.js"

export interface PromiseTransport {
  /** Rejects with a TransportError. Must not follow redirects, must not retry, and stops when the signal aborts. */
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse>
}

export interface PromiseTokenClientServices {
  readonly transport: PromiseTransport
  readonly crypto: CryptoLike
  readonly store: TokenStoreAdapter
  /** Milliseconds since the epoch; the system's clock if left out. */
  readonly now?: (() => number) | undefined
}

export type TokenClient = Omit<EffectTokenClient, "effect">

/** @throws ConfigurationError for a bad option, at once */
export const makeTokenClient = (
  options: TokenClientOptions,
  services: PromiseTokenClientServices,
): TokenClient =>
  makeEffectTokenClient(options, {
    ...services,
    crypto: fromWebCrypto(services.crypto),
    transport: {
      send: (request) =>
        Effect.tryPromise({
          try: (signal) => services.transport.send(request, signal),
          catch: (error) => error as TransportError,
        }),
    },
  })

export type { CallOptions } from "./common/run.js"
export { ConfigurationError, isTokenError, LoginRequired, TransportError } from "./errors.js"
export { ellipsisDrive, rfc6749 } from "./registration/AuthorizationServer.js"
export { withoutRefreshToken } from "./session/Credential.js"
export { memoryTokenStore } from "./store/memoryTokenStore.js"
export type { TokenClientOptions } from "./TokenClient.js"
