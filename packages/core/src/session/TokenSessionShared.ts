/** What all sessions of a client share. */
import { encodeBase64Url } from "../common/base64.js"
import type { Limiter } from "../common/limiter.js"
import { optionalFunction } from "../common/options.js"
import type { Platform } from "../platform/Platform.js"
import type { TokenEndpointOptions } from "../token/TokenEndpoint.js"
import type { TokenEvent } from "./TokenEvent.js"

export interface TokenSessionSettings {
  /** How many refreshes of this client may be under way at once: 64 if left out. */
  readonly maxConcurrentRefreshes?: number
  /** Told what happens in every session, without secrets. What it throws is ignored. */
  readonly onEvent?: (event: TokenEvent) => void
}

export interface TokenSessionShared {
  readonly endpoint: TokenEndpointOptions
  readonly platform: Platform
  /** 128 random bits: no other holder of a lease and no other write has the same. */
  readonly uniqueId: () => string
  readonly refreshes: Limiter
  readonly onEvent: ((event: TokenEvent) => void) | undefined
  /** Work that must come to its end before the client may close. */
  readonly pending: Set<Promise<unknown>>
}

/** @throws ConfigurationError */
export const makeTokenSessionShared = (
  endpoint: TokenEndpointOptions,
  platform: Platform,
  onEvent: TokenSessionSettings["onEvent"],
  refreshes: Limiter = (work) => work(),
): TokenSessionShared => {
  optionalFunction("onEvent", onEvent)
  const { refreshToken: _, ...limits } = endpoint.server.limits
  return {
    // A refresh token that the server itself gave is not second-guessed: a limit that has grown must cost no login.
    endpoint: { ...endpoint, server: { ...endpoint.server, limits } },
    platform,
    uniqueId: () => encodeBase64Url(platform.crypto.randomBytes(16)),
    refreshes,
    onEvent,
    pending: new Set(),
  }
}
