/** The token client: the two calls of the token endpoint, the login around them, and the sessions. */
import {
  type AuthorizationRequest,
  type CreateAuthorizationRequestOptions,
  createAuthorizationRequest,
} from "./authorization/AuthorizationRequest.js"
import { type AuthorizationCode, parseAuthorizationResponse } from "./authorization/AuthorizationResponse.js"
import { restoreTransaction } from "./authorization/AuthorizationTransaction.js"
import type { CodeChallengeMethod } from "./authorization/Pkce.js"
import { type CallOptions, unlessAborted } from "./common/abort.js"
import { limiter } from "./common/limiter.js"
import { describe, requireOneOf, show } from "./common/options.js"
import { ConfigurationError } from "./errors.js"
import type { Platform } from "./platform/Platform.js"
import { defaultKey, type TokenSession } from "./session/TokenSession.js"
import {
  makeTokenSessionShared,
  type TokenSessionSettings,
  type TokenSessionShared,
} from "./session/TokenSessionShared.js"
import type { TokenStoreAdapter } from "./store/TokenStore.js"
import {
  type ExchangeAuthorizationCodeOptions,
  exchangeAuthorizationCode,
  exchangeRefreshToken,
} from "./token/exchange.js"
import type { Token } from "./token/Token.js"
import type { TokenEndpointOptions, TokenEndpointSettings } from "./token/TokenEndpoint.js"

export interface TokenClientOptions extends TokenEndpointSettings, TokenSessionSettings {
  /** Proof key of the authorization request: `S256` if left out. */
  readonly pkce?: CodeChallengeMethod | "none"
}

export interface TokenClient<Session extends TokenSession = TokenSession> {
  /**
   * The URL to send the user to, and the transaction to keep until they come back (RFC 6749 §4.1.1, RFC 7636).
   *
   * @throws ConfigurationError
   */
  readonly createAuthorizationRequest: (
    options?: CreateAuthorizationRequestOptions,
  ) => Promise<AuthorizationRequest>
  /**
   * Checks the URL that the user came back to against the transaction (RFC 6749 §4.1.2).
   *
   * @throws InvalidAuthorizationResponse, AuthorizationErrorResponse
   */
  readonly parseAuthorizationResponse: (
    callbackUrl: string | { readonly href: string },
    transaction: string,
  ) => Promise<AuthorizationCode>
  /**
   * Exchanges the code for a token (RFC 6749 §4.1.3). A code works once and for one minute (provider page).
   *
   * @throws ConfigurationError, TokenErrorResponse, InvalidTokenResponse, TokenEndpointUnavailable, TransportError
   */
  readonly exchangeAuthorizationCode: (
    code: ExchangeAuthorizationCodeOptions,
    options?: CallOptions,
  ) => Promise<Token>
  /**
   * Exchanges a refresh token for a new token (RFC 6749 §6). Given a whole token, what the reply leaves out (scope,
   * extra members) stays as it was; the refresh token stays in either case, unless the server sent a new one.
   *
   * @throws ConfigurationError, TokenErrorResponse, InvalidTokenResponse, TokenEndpointUnavailable, TransportError
   */
  readonly refreshToken: (refreshToken: Token | string | undefined, options?: CallOptions) => Promise<Token>
  /**
   * The session of one stored credential: one for each user, by a key such as a user's id, or a single one. Looks up
   * nothing; the same key gives the same session.
   *
   * @throws ConfigurationError for a key that is empty, longer than 512 characters, or not well-formed Unicode
   */
  readonly session: (key?: string) => Session
  /** Where the sessions keep their tokens. */
  readonly store: TokenStoreAdapter
  /** Where the client logs in and what it is registered as. Prints without its secret. */
  readonly endpoint: TokenEndpointOptions
  /** Waits for the refreshes that are under way, then frees what the store itself opened. */
  readonly close: () => Promise<void>
}

/**
 * @param Session what the sessions are made with: a subclass adds an adapter's own calls
 * @throws ConfigurationError for a bad option, at once
 */
export const makeTokenClientOn = <Session extends TokenSession>(
  platform: Platform,
  endpoint: TokenEndpointOptions,
  options: Omit<TokenClientOptions, keyof TokenEndpointSettings>,
  Session: TokenSessionConstructor<Session>,
): TokenClient<Session> => {
  const { server, client } = endpoint
  const pkce = requireOneOf("pkce", options.pkce ?? "S256", ["S256", "plain", "none"])
  const { maxConcurrentRefreshes = 64, onEvent } = options
  if (!Number.isInteger(maxConcurrentRefreshes) || maxConcurrentRefreshes < 1) {
    throw new ConfigurationError({
      option: "maxConcurrentRefreshes",
      got: show(maxConcurrentRefreshes),
      expected: "a whole number from 1",
    })
  }
  const shared = makeTokenSessionShared(endpoint, platform, onEvent, limiter(maxConcurrentRefreshes))
  const sessions = new Map<string, Session>()
  return {
    createAuthorizationRequest: async (request = {}) =>
      createAuthorizationRequest(platform, server, client, { pkce, ...request }),
    parseAuthorizationResponse: async (callbackUrl, transaction) =>
      parseAuthorizationResponse(callbackUrl, restoreTransaction(transaction), platform.clock.now()),
    exchangeAuthorizationCode: (code, { signal } = {}) =>
      unlessAborted(signal, () => exchangeAuthorizationCode(platform, endpoint, code, signal)),
    refreshToken: (token, { signal } = {}) =>
      unlessAborted(signal, () => exchangeRefreshToken(platform, endpoint, token, signal)),
    session: (key = defaultKey) => {
      const session = sessions.get(key) ?? new Session(key, shared)
      // The most recently used sessions stand last.
      sessions.delete(key)
      sessions.set(key, session)
      if (sessions.size > rememberedSessions) forgetIdle(sessions)
      return session
    },
    store: platform.store,
    endpoint,
    close: async () => {
      while (shared.pending.size > 0) await Promise.all(shared.pending)
      await platform.store.close?.()
    },
  }
}

/** What an adapter makes its sessions with: `TokenSession`, or a class of its own that adds to it. */
export type TokenSessionConstructor<Session extends TokenSession> = new (
  key: string,
  shared: TokenSessionShared,
) => Session

/** A session that is forgotten costs one look into the store when it is asked for again. */
const rememberedSessions = 100_000

const forgetIdle = (sessions: Map<string, TokenSession>): void => {
  for (const [key, session] of sessions) {
    if (!session.isIdle) continue
    sessions.delete(key)
    return
  }
}

/** @throws ConfigurationError for what is no store */
export const requireStore = (store: unknown): void => {
  const calls = ["read", "write", "remove", "lease", "release"]
  const found =
    typeof store === "object" && store !== null ? (store as Readonly<Record<string, unknown>>) : {}
  const missing = calls.filter((call) => typeof found[call] !== "function")
  if (missing.length > 0) {
    throw new ConfigurationError({
      option: "store",
      got: `${describe(store)} without ${missing.join(", ")}`,
      expected: "a token store, such as sqliteTokenStore({ path })",
    })
  }
}
