/** The session without Effect, for apps that can keep no secret: in browsers every kilobyte counts. */

import {
  type AuthorizationRequest,
  type CreateAuthorizationRequestOptions,
  createAuthorizationRequest,
} from "./authorization/AuthorizationRequest.js"
import { ConfigurationError } from "./errors.js"
import type { Platform } from "./platform/Platform.js"
import { systemClock } from "./platform/systemClock.js"
import { type CryptoLike, webCrypto } from "./platform/webCrypto.js"
import { makePublicClient } from "./registration/Client.js"
import { TokenSession } from "./session/TokenSession.js"
import { makeTokenSessionShared, type TokenSessionSettings } from "./session/TokenSessionShared.js"
import type { TokenStoreAdapter } from "./store/TokenStore.js"
import { makeTokenEndpointFor, type TokenEndpointSettings } from "./token/TokenEndpoint.js"
import { type PromiseTransport, untraced } from "./token/TokenRequestPlatform.js"

export interface PublicTokenSessionOptions
  extends Omit<TokenEndpointSettings, "clientSecret" | "clientAuthentication">,
    Pick<TokenSessionSettings, "onEvent"> {
  /** Names the session in the store. */
  readonly key: string
}

export interface PublicTokenSessionServices {
  readonly transport: PromiseTransport
  readonly crypto: CryptoLike
  readonly store: TokenStoreAdapter
  /** Milliseconds since the epoch; the system's clock if left out. */
  readonly now?: (() => number) | undefined
}

export interface PublicTokenSession {
  /**
   * The URL to send the user to, with PKCE by S256, and the transaction to keep until they come back. Rejects with
   * ConfigurationError.
   */
  readonly createAuthorizationRequest: (
    options?: CreateAuthorizationRequestOptions,
  ) => Promise<AuthorizationRequest>
  readonly session: TokenSession
}

/**
 * The one session of a public client: an app that others run, with PKCE in the place of a secret (RFC 8252 §8.4).
 *
 * @throws ConfigurationError for a bad option, at once, and for a client secret, which would not stay one
 */
export const makePublicTokenSession = (
  options: PublicTokenSessionOptions,
  services: PublicTokenSessionServices,
): PublicTokenSession => {
  const { transport, crypto, store, now } = services
  if ("clientSecret" in options) {
    throw new ConfigurationError({
      option: "clientSecret",
      got: "given",
      expected: "nothing: an app that others run keeps no secret",
    })
  }
  const platform: Platform = {
    transport,
    store,
    crypto: webCrypto(crypto),
    clock: systemClock(now),
    random: Math.random,
    trace: untraced,
  }
  const endpoint = makeTokenEndpointFor(makePublicClient, options)
  return {
    createAuthorizationRequest: async (request = {}) =>
      createAuthorizationRequest(platform, endpoint.server, endpoint.client, { pkce: "S256", ...request }),
    session: new TokenSession(options.key, makeTokenSessionShared(endpoint, platform, options.onEvent)),
  }
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
export { defaultMinValidity, isFresh } from "./token/tokenValidity.js"
export type { PromiseTransport }
