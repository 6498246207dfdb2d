/** The token client with promises: login, the two token requests, and sessions. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import {
  ClientCore,
  checkTokenClientOptions,
  type ExchangeAuthorizationCodeOptions,
  type TokenClientOptions,
} from "../client/ClientCore.js"
import type { CreateAuthorizationRequestOptions } from "../client/drawAuthorizationRequest.js"
import type { AuthorizationRequest } from "../protocol/AuthorizationRequest.js"
import type { AuthorizationCode, CallbackUrl } from "../protocol/AuthorizationResponse.js"
import type { Token } from "../protocol/Token.js"
import { closeStore } from "../services/closeStore.js"
import type { TokenEndpointSettings } from "../services/TokenEndpoint.js"
import type { TokenStoreAdapter } from "../services/TokenStoreAdapter.js"
import type { ClientServices } from "../session/ClientContext.js"
import { clientServices, type TokenClientServices } from "./clientServices.js"
import { PromiseTokenSession, type SessionParts } from "./PromiseTokenSession.js"
import { type CallOptions, run, runCall } from "./run.js"

/** A token client with promises: sessions, and requests without a session. */
export interface PromiseTokenClient<TokenSession extends PromiseTokenSession = PromiseTokenSession> {
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
    callbackUrl: CallbackUrl,
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
   * Exchanges a refresh token for a new token (RFC 6749 §6). The new token keeps the refresh token if the server sends no
   * other one. If a whole token is given, it also keeps the scope and extra members that the token response leaves out.
   *
   * @throws ConfigurationError, TokenErrorResponse, InvalidTokenResponse, TokenEndpointUnavailable, TransportError
   */
  readonly refreshToken: (refreshToken: Token | string | undefined, options?: CallOptions) => Promise<Token>
  /**
   * The session of one stored credential: `session(key)`, with the user's id as the key, or `session()` in an app with one
   * user. The same key returns the same session.
   *
   * @throws ConfigurationError for a key that is `undefined`, empty, longer than 512 characters, or not well-formed Unicode
   */
  readonly session: SessionOf<TokenSession>
  /** Where the sessions keep their tokens. */
  readonly store: TokenStoreAdapter
  /** The server and the registration of the client. Prints without its secret. */
  readonly endpoint: TokenEndpointSettings
  /** Whether no session is refreshing. */
  readonly isIdle: boolean
  /**
   * Closes the client and its store. Waits for a lease or for a retry end at once. Requests that were sent, and the writes
   * after them, are awaited, which may take as long as `timeout`.
   *
   * @throws TokenStoreError where the store fails to close
   */
  readonly close: () => Promise<void>
}

/** The two calls of `session`. Neither reads the store. */
export interface SessionOf<TokenSession> {
  /** @param key of the credential in the store, such as the user's id */
  (key: string): TokenSession
  /** The one session of an app with one user. */
  (): TokenSession
}

/** The class of an adapter's sessions: a subclass of `PromiseTokenSession` that adds its own calls. */
export type TokenSessionConstructor<TokenSession extends PromiseTokenSession> = new (
  parts: SessionParts,
  endpoint: TokenEndpointSettings,
) => TokenSession

/**
 * Makes a token client with promises from the services that an adapter supplies.
 *
 * @throws ConfigurationError for a bad option, at once
 */
export const makeTokenClient: {
  (options: TokenClientOptions, services: TokenClientServices): PromiseTokenClient
  <TokenSession extends PromiseTokenSession>(
    options: TokenClientOptions,
    services: TokenClientServices,
    TokenSession: TokenSessionConstructor<TokenSession>,
  ): PromiseTokenClient<TokenSession>
} = (
  options: TokenClientOptions,
  services: TokenClientServices,
  TokenSession: TokenSessionConstructor<PromiseTokenSession> = PromiseTokenSession,
): PromiseTokenClient<never> =>
  fromContext(options, clientServices(services), services.store, TokenSession) as PromiseTokenClient<never>

/** Makes a client from services that already exist. */
export const fromContext = (
  options: TokenClientOptions,
  services: ClientServices,
  store: TokenStoreAdapter,
  TokenSession: TokenSessionConstructor<PromiseTokenSession> = PromiseTokenSession,
): PromiseTokenClient => {
  const settings = checkTokenClientOptions(options)
  const { endpoint } = settings
  const { context } = services
  const scope = Scope.makeUnsafe("parallel")
  const core = new ClientCore(
    settings,
    services,
    scope,
    (session) => new TokenSession({ session, context }, endpoint),
  )
  let closing: Promise<void> | undefined
  return {
    createAuthorizationRequest: (request) => run(context, core.createAuthorizationRequest(request)),
    parseAuthorizationResponse: (callbackUrl, transaction) =>
      run(context, core.parseAuthorizationResponse(callbackUrl, transaction)),
    exchangeAuthorizationCode: (code, call) => runCall(context, core.exchangeAuthorizationCode(code), call),
    refreshToken: (token, call) => runCall(context, core.refreshToken(token), call),
    session: (...key: readonly [key?: string]) => core.session(key),
    store,
    endpoint,
    get isIdle() {
      return core.isIdle
    },
    close: () => {
      closing ??= run(context, Effect.andThen(Scope.close(scope, Exit.void), closeStore(store)))
      return closing
    },
  }
}
