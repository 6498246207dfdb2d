/** The same client without Effect, in its types and in its bundle: for browsers, where every kilobyte counts. */
import type { Platform, PromiseTransport } from "./platform/Platform.js"
import { untraced } from "./platform/Platform.js"
import { systemClock } from "./platform/systemClock.js"
import { type CryptoLike, webCrypto } from "./platform/webCrypto.js"
import { TokenSession } from "./session/TokenSession.js"
import type { TokenStoreAdapter } from "./store/TokenStore.js"
import { makeTokenClientOn, type TokenClient, type TokenClientOptions } from "./TokenClient.js"

export interface PromiseTokenClientServices {
  readonly transport: PromiseTransport
  readonly crypto: CryptoLike
  readonly store: TokenStoreAdapter
  /** Milliseconds since the epoch; the system's clock if left out. */
  readonly now?: (() => number) | undefined
}

/** @throws ConfigurationError for a bad option, at once */
export const makeTokenClient = (
  options: TokenClientOptions,
  services: PromiseTokenClientServices,
): TokenClient => {
  const { transport, crypto, store, now } = services
  const platform: Platform = {
    transport,
    store,
    crypto: webCrypto(crypto),
    clock: systemClock(now),
    random: Math.random,
    trace: untraced,
  }
  return makeTokenClientOn(platform, options, TokenSession)
}

export { type CallOptions, unlessAborted } from "./common/abort.js"
export { optionalFunction, requireDuration, requireOneOf, requireUrl, show } from "./common/options.js"
export {
  ConfigurationError,
  InvalidTokenResponse,
  isTokenError,
  LoginRequired,
  TokenEndpointUnavailable,
  TokenErrorResponse,
  TransportError,
} from "./errors.js"
export { ellipsisDrive, rfc6749 } from "./registration/AuthorizationServer.js"
export { withoutRefreshToken } from "./session/Credential.js"
export type { TokenSession } from "./session/TokenSession.js"
export { memoryTokenStore } from "./store/memoryTokenStore.js"
export type { PromiseTransport, TokenClient, TokenClientOptions }
