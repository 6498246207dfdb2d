/** The client without Effect, for apps that can keep no secret: in browsers every kilobyte counts. */

import { ConfigurationError } from "./errors.js"
import type { Platform, PromiseTransport } from "./platform/Platform.js"
import { untraced } from "./platform/Platform.js"
import { systemClock } from "./platform/systemClock.js"
import { type CryptoLike, webCrypto } from "./platform/webCrypto.js"
import { makePublicClient } from "./registration/Client.js"
import { TokenSession } from "./session/TokenSession.js"
import type { TokenStoreAdapter } from "./store/TokenStore.js"
import { makeTokenClientOn, type TokenClient, type TokenClientOptions } from "./TokenClient.js"
import { makeTokenEndpointFor } from "./token/TokenEndpoint.js"

export interface PromiseTokenClientServices {
  readonly transport: PromiseTransport
  readonly crypto: CryptoLike
  readonly store: TokenStoreAdapter
  /** Milliseconds since the epoch; the system's clock if left out. */
  readonly now?: (() => number) | undefined
}

/** Of a public client: it has no secret, and PKCE in its place (RFC 8252 §8.4). */
export type PublicTokenClientOptions = Omit<TokenClientOptions, "clientSecret" | "clientAuthentication">

/** @throws ConfigurationError for a bad option, at once, and for a client secret, which would not stay one */
export const makeTokenClient = (
  options: PublicTokenClientOptions,
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
  if ("clientSecret" in options) {
    throw new ConfigurationError({
      option: "clientSecret",
      got: "given",
      expected: "nothing: an app that others run keeps no secret",
    })
  }
  return makeTokenClientOn(platform, makeTokenEndpointFor(makePublicClient, options), options, TokenSession)
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
export type { PromiseTransport, TokenClient }
