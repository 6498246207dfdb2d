/**
 * The token client: every call as an Effect under `effect`, and as a promise beside it. Effect ends here; the
 * adapters only fill in the transport and the randomness.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Tracer from "effect/Tracer"
import {
  type AuthorizationRequest,
  type CreateAuthorizationRequestOptions,
  createAuthorizationRequest,
} from "./authorization/AuthorizationRequest.js"
import { type AuthorizationCode, parseAuthorizationResponse } from "./authorization/AuthorizationResponse.js"
import { restoreTransaction } from "./authorization/AuthorizationTransaction.js"
import type { CodeChallengeMethod } from "./authorization/Pkce.js"
import { WebCrypto } from "./authorization/WebCrypto.js"
import { describe, optionalFunction, requireOneOf } from "./common/options.js"
import { type CallOptions, run } from "./common/run.js"
import { typed } from "./common/typed.js"
import {
  type AuthorizationErrorResponse,
  ConfigurationError,
  type InvalidAuthorizationResponse,
  type TokenRequestError,
} from "./errors.js"
import { defaultKey, TokenSession } from "./session/TokenSession.js"
import {
  makeTokenSessionShared,
  type TokenSessionSettings,
  type TokenSessionShared,
} from "./session/TokenSessionShared.js"
import { TokenStore, type TokenStoreAdapter } from "./store/TokenStore.js"
import { authorizationCodeGrant } from "./token/Grant.js"
import { Token } from "./token/Token.js"
import {
  makeTokenEndpoint,
  requestToken,
  type TokenEndpointOptions,
  type TokenEndpointSettings,
} from "./token/TokenEndpoint.js"
import { Transport } from "./token/Transport.js"

export interface TokenClientOptions extends TokenEndpointSettings, TokenSessionSettings {
  /** Proof key of the authorization request: `S256` if left out. */
  readonly pkce?: CodeChallengeMethod | "none"
}

/** What an adapter brings. */
export interface TokenClientServices {
  readonly transport: Transport["Service"]
  readonly crypto: WebCrypto["Service"]
  readonly store: TokenStoreAdapter
  /** Milliseconds since the epoch; the system's clock if left out. */
  readonly now?: (() => number) | undefined
  /** Where the spans go; nowhere if left out. */
  readonly tracer?: Tracer.Tracer | undefined
}

/** What `exchangeAuthorizationCode` takes: the result of `parseAuthorizationResponse`, or its members. */
export interface ExchangeAuthorizationCodeOptions {
  readonly code: string
  readonly codeVerifier?: string | undefined
  /** The client's own if left out. */
  readonly redirectUri?: string | undefined
  readonly scope?: string | undefined
}

export interface TokenClientEffects {
  readonly createAuthorizationRequest: (
    options?: CreateAuthorizationRequestOptions,
  ) => Effect.Effect<AuthorizationRequest, ConfigurationError>
  readonly parseAuthorizationResponse: (
    callbackUrl: string | { readonly href: string },
    transaction: string,
  ) => Effect.Effect<AuthorizationCode, InvalidAuthorizationResponse | AuthorizationErrorResponse>
  readonly exchangeAuthorizationCode: (
    code: ExchangeAuthorizationCodeOptions,
  ) => Effect.Effect<Token, TokenRequestError>
  readonly refreshToken: (refreshToken: Token | string | undefined) => Effect.Effect<Token, TokenRequestError>
}

export interface TokenClient<Session extends TokenSession = TokenSession> {
  /** The same calls as effects. */
  readonly effect: TokenClientEffects
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

/** What an adapter makes its sessions with: `TokenSession`, or a class of its own that adds to it. */
export type TokenSessionConstructor<Session extends TokenSession> = new (
  key: string,
  shared: TokenSessionShared,
) => Session

/** @throws ConfigurationError for a bad option, at once */
export const makeTokenClient: {
  (options: TokenClientOptions, services: TokenClientServices): TokenClient
  <Session extends TokenSession>(
    options: TokenClientOptions,
    services: TokenClientServices,
    Session: TokenSessionConstructor<Session>,
  ): TokenClient<Session>
} = (
  options: TokenClientOptions,
  services: TokenClientServices,
  Session: TokenSessionConstructor<TokenSession> = TokenSession,
): TokenClient<never> => {
  const { transport, crypto, store, now, tracer } = services
  optionalFunction("now", now)
  requireStore(store)
  const required = Context.make(Transport, transport).pipe(
    Context.add(WebCrypto, crypto),
    Context.add(TokenStore, store),
  )
  const timed = now === undefined ? required : Context.add(required, Clock.Clock, clockFrom(now))
  const context = tracer === undefined ? timed : Context.add(timed, Tracer.Tracer, tracer)
  return fromContext(options, context, Session) as TokenClient<never>
}

export const TokenClient = {
  /** The same with the services, the clock and the tracer of the effect that runs it. */
  make: (
    options: TokenClientOptions,
  ): Effect.Effect<TokenClient, ConfigurationError, Transport | WebCrypto | TokenStore> =>
    Effect.flatMap(Effect.context<Transport | WebCrypto | TokenStore>(), (context) =>
      typed<TokenClient, ConfigurationError>(() => fromContext(options, context, TokenSession)),
    ),
}

const fromContext = (
  options: TokenClientOptions,
  context: Context.Context<Transport | WebCrypto | TokenStore>,
  Session: TokenSessionConstructor<TokenSession>,
): TokenClient => {
  const endpoint = makeTokenEndpoint(options)
  const { server, client } = endpoint
  const pkce = requireOneOf("pkce", options.pkce ?? "S256", ["S256", "plain", "none"])
  const shared = makeTokenSessionShared(endpoint, context, options)
  const sessions = new Map<string, TokenSession>()

  const effect: TokenClientEffects = {
    createAuthorizationRequest: (request = {}) =>
      Effect.provideContext(createAuthorizationRequest(server, client, { pkce, ...request }), context),
    parseAuthorizationResponse: (callbackUrl, transaction) =>
      Effect.suspend(() =>
        typed(() =>
          parseAuthorizationResponse(
            callbackUrl,
            restoreTransaction(transaction),
            shared.clock.currentTimeMillisUnsafe(),
          ),
        ),
      ),
    exchangeAuthorizationCode: (response) => {
      // Nothing at all, as plain JavaScript can pass it, is a missing code.
      const { code, codeVerifier, redirectUri = client.redirectUri, scope } = response ?? { code: "" }
      const grant = authorizationCodeGrant({ code, codeVerifier, redirectUri, scope })
      return Effect.provideContext(requestToken(endpoint, grant), context)
    },
    refreshToken: (refreshToken) => {
      const previous = refreshToken instanceof Token ? refreshToken : undefined
      const value = refreshToken instanceof Token ? refreshToken.refreshToken : refreshToken
      const grant = { grantType: "refresh_token", refreshToken: value ?? "" } as const
      return Effect.provideContext(requestToken(endpoint, grant, previous), context)
    },
  }

  return {
    effect,
    createAuthorizationRequest: (request) => run(effect.createAuthorizationRequest(request)),
    parseAuthorizationResponse: (callbackUrl, transaction) =>
      run(effect.parseAuthorizationResponse(callbackUrl, transaction)),
    exchangeAuthorizationCode: (code, call) => run(effect.exchangeAuthorizationCode(code), call?.signal),
    refreshToken: (refreshToken, call) => run(effect.refreshToken(refreshToken), call?.signal),
    session: (key = defaultKey) => {
      const session = sessions.get(key) ?? new Session(key, shared)
      // The most recently used sessions stand last.
      sessions.delete(key)
      sessions.set(key, session)
      if (sessions.size > rememberedSessions) forgetIdle(sessions)
      return session
    },
    store: Context.get(context, TokenStore),
    endpoint,
    close: async () => {
      while (shared.pending.size > 0) await Promise.all(shared.pending)
      await Context.get(context, TokenStore).close?.()
    },
  }
}

/** A session that is forgotten costs one look into the store when it is asked for again. */
const rememberedSessions = 100_000

const forgetIdle = (sessions: Map<string, TokenSession>): void => {
  for (const [key, session] of sessions) {
    if (!session.isIdle) continue
    sessions.delete(key)
    return
  }
}

const requireStore = (store: unknown): void => {
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

const clockFrom = (now: () => number): Clock.Clock =>
  Object.assign(Object.create(Context.get(Context.empty(), Clock.Clock)) as Clock.Clock, {
    currentTimeMillisUnsafe: now,
    currentTimeMillis: Effect.sync(now),
  })
