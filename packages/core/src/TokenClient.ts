/**
 * The token client: every call as an Effect under `effect`, and as a promise beside it. Effect ends here; the
 * adapters only fill in the transport and the randomness.
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import {
  type AuthorizationRequest,
  type CreateAuthorizationRequestOptions,
  createAuthorizationRequest,
} from "./AuthorizationRequest.js"
import { type AuthorizationCode, parseAuthorizationResponse } from "./AuthorizationResponse.js"
import type { AuthorizationServer } from "./AuthorizationServer.js"
import { restoreTransaction } from "./AuthorizationTransaction.js"
import { type ClientOptions, makeClient } from "./Client.js"
import {
  type AuthorizationErrorResponse,
  ConfigurationError,
  type InvalidAuthorizationResponse,
  type TokenRequestError,
} from "./errors.js"
import { type DurationOption, requireDuration, requireOneOf, show } from "./options.js"
import type { CodeChallengeMethod } from "./Pkce.js"
import { Token } from "./Token.js"
import { defaultDeadline, defaultTimeout, requestToken } from "./TokenEndpoint.js"
import { Transport } from "./Transport.js"
import { typed } from "./typed.js"
import { WebCrypto } from "./WebCrypto.js"

export interface TokenClientOptions extends ClientOptions {
  readonly server: AuthorizationServer
  /** Proof key of the authorization request: `S256` if left out. */
  readonly pkce?: CodeChallengeMethod | "none"
  /** The longest wait for one reply: 10 seconds if left out. */
  readonly timeout?: DurationOption
  /** The longest wait in all, with every retry: 30 seconds if left out. */
  readonly deadline?: DurationOption
}

/** What an adapter brings. */
export interface TokenClientServices {
  readonly transport: Transport["Service"]
  readonly crypto: WebCrypto["Service"]
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

export interface CallOptions {
  /** Aborts the call: the promise rejects with the signal's reason, and the HTTP request is cancelled. */
  readonly signal?: AbortSignal | undefined
}

export interface TokenClient {
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
}

/** @throws ConfigurationError for a bad option, at once */
export const makeTokenClient = (options: TokenClientOptions, services: TokenClientServices): TokenClient => {
  const server = requireServer(options.server)
  const client = makeClient(server, options)
  const pkce = requireOneOf("pkce", options.pkce ?? "S256", ["S256", "plain", "none"])
  const endpoint = {
    server,
    client,
    timeout: requireDuration("timeout", options.timeout ?? defaultTimeout),
    deadline: requireDuration("deadline", options.deadline ?? defaultDeadline),
  }
  const context = Context.make(Transport, services.transport).pipe(Context.add(WebCrypto, services.crypto))

  const effect: TokenClientEffects = {
    createAuthorizationRequest: (request = {}) =>
      Effect.provideContext(createAuthorizationRequest(server, client, { pkce, ...request }), context),
    parseAuthorizationResponse: (callbackUrl, transaction) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        typed(() => parseAuthorizationResponse(callbackUrl, restoreTransaction(transaction), now)),
      ),
    exchangeAuthorizationCode: ({ code, codeVerifier, redirectUri = client.redirectUri, scope }) =>
      Effect.provideContext(
        requestToken(endpoint, {
          grantType: "authorization_code",
          code,
          codeVerifier,
          redirectUri,
          scope: scope?.split(" "),
        }),
        context,
      ),
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
  }
}

const requireServer = (server: unknown): AuthorizationServer => {
  if (typeof server === "object" && server !== null && "tokenEndpoint" in server && "limits" in server) {
    return server as AuthorizationServer
  }
  throw new ConfigurationError({
    option: "server",
    got: show(server),
    expected: "the result of ellipsisDrive({ baseUrl }) or rfc6749({ … })",
  })
}

/** Rejects with the typed error itself, or with the signal's reason. */
const run = async <A, E>(effect: Effect.Effect<A, E>, signal?: AbortSignal): Promise<A> => {
  if (signal?.aborted) throw signal.reason
  const exit = await Effect.runPromiseExit(effect, { signal })
  if (Exit.isSuccess(exit)) return exit.value
  throw signal?.aborted && Cause.hasInterruptsOnly(exit.cause) ? signal.reason : Cause.squash(exit.cause)
}
