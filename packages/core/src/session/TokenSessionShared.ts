/** What all sessions of a client share. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Base64Url from "effect/encoding/Base64Url"
import * as Semaphore from "effect/Semaphore"
import * as Tracer from "effect/Tracer"
import { WebCrypto } from "../authorization/WebCrypto.js"
import { optionalFunction, show } from "../common/options.js"
import { ConfigurationError } from "../errors.js"
import type { TokenStore } from "../store/TokenStore.js"
import type { TokenEndpointOptions } from "../token/TokenEndpoint.js"
import type { Transport } from "../token/Transport.js"
import type { TokenEvent } from "./TokenEvent.js"

export interface TokenSessionSettings {
  /** How many refreshes of this client may be under way at once: 64 if left out. */
  readonly maxConcurrentRefreshes?: number
  /** Told what happens in every session, without secrets. What it throws is ignored. */
  readonly onEvent?: (event: TokenEvent) => void
}

export interface TokenSessionShared {
  readonly endpoint: TokenEndpointOptions
  readonly context: Context.Context<Transport | TokenStore>
  readonly clock: Clock.Clock
  /** 128 random bits: no other holder of a lease and no other write has the same. */
  readonly uniqueId: () => string
  readonly refreshes: Semaphore.Semaphore
  readonly onEvent: ((event: TokenEvent) => void) | undefined
  /** Work that must come to its end before the client may close. */
  readonly pending: Set<Promise<unknown>>
}

/** @throws ConfigurationError */
export const makeTokenSessionShared = (
  endpoint: TokenEndpointOptions,
  context: Context.Context<Transport | TokenStore | WebCrypto>,
  settings: TokenSessionSettings,
): TokenSessionShared => {
  const { maxConcurrentRefreshes = 64, onEvent } = settings
  if (!Number.isInteger(maxConcurrentRefreshes) || maxConcurrentRefreshes < 1) {
    throw new ConfigurationError({
      option: "maxConcurrentRefreshes",
      got: show(maxConcurrentRefreshes),
      expected: "a whole number from 1",
    })
  }
  optionalFunction("onEvent", onEvent)
  const { randomBytes } = Context.get(context, WebCrypto)
  const { refreshToken: _, ...limits } = endpoint.server.limits
  return {
    // A refresh token that the server itself gave is not second-guessed: a limit that has grown must cost no login.
    endpoint: { ...endpoint, server: { ...endpoint.server, limits } },
    // A session outlives the span that it was made in.
    context: Context.omit(Tracer.ParentSpan)(context) as Context.Context<Transport | TokenStore>,
    clock: Context.get(context, Clock.Clock),
    uniqueId: () => Base64Url.encode(randomBytes(16)),
    refreshes: Semaphore.makeUnsafe(maxConcurrentRefreshes),
    onEvent,
    pending: new Set(),
  }
}
