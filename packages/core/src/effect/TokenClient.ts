/** The token client with every call as an effect beside the promise. The adapters bring the services. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import type {
  AuthorizationRequest,
  CreateAuthorizationRequestOptions,
} from "../authorization/AuthorizationRequest.js"
import type { AuthorizationCode } from "../authorization/AuthorizationResponse.js"
import { optionalFunction } from "../common/options.js"
import type {
  AuthorizationErrorResponse,
  ConfigurationError,
  InvalidAuthorizationResponse,
  TokenRequestError,
} from "../errors.js"
import type { TokenStoreAdapter } from "../store/TokenStore.js"
import {
  makeTokenClientOn,
  type TokenClient as PromiseTokenClient,
  requireStore,
  type TokenClientOptions,
  type TokenSessionConstructor,
} from "../TokenClient.js"
import {
  type ExchangeAuthorizationCodeOptions,
  exchangeAuthorizationCode,
  exchangeRefreshToken,
} from "../token/exchange.js"
import { makeTokenEndpoint } from "../token/makeTokenEndpoint.js"
import type { Token } from "../token/Token.js"
import type { TokenRequestPlatform } from "../token/TokenRequestPlatform.js"
import { fromPromise } from "./fromPromise.js"
import { platformFrom, transportFrom } from "./platformFrom.js"
import { TokenStore, Transport, WebCrypto } from "./services.js"
import { outsideOfSpans, TokenSession } from "./TokenSession.js"

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

export interface TokenClient<Session extends TokenSession = TokenSession>
  extends PromiseTokenClient<Session> {
  /** The same calls as effects. Their spans belong to the effect that runs them. */
  readonly effect: TokenClientEffects
}

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
  const timed = now === undefined ? required : Context.add(required, Clock.Clock, clockWith(now))
  const context = tracer === undefined ? timed : Context.add(timed, Tracer.Tracer, tracer)
  return fromContext(options, context, Session) as TokenClient<never>
}

export const TokenClient = {
  /** The same with the services, the clock and the tracer of the effect that runs it. */
  make: (
    options: TokenClientOptions,
  ): Effect.Effect<TokenClient, ConfigurationError, Transport | WebCrypto | TokenStore> =>
    Effect.flatMap(Effect.context<Transport | WebCrypto | TokenStore>(), (context) =>
      fromPromise(() => fromContext(options, outsideOfSpans(context), TokenSession)),
    ),
}

const fromContext = <Session extends TokenSession>(
  options: TokenClientOptions,
  context: Context.Context<Transport | WebCrypto | TokenStore>,
  Session: TokenSessionConstructor<Session>,
): TokenClient<Session> => {
  const client = makeTokenClientOn(platformFrom(context), makeTokenEndpoint(options), options, Session)
  const { endpoint } = client
  /** A token request inside the span of the effect that makes it. */
  const request = (
    send: (platform: TokenRequestPlatform, signal: AbortSignal) => Promise<Token>,
  ): Effect.Effect<Token, TokenRequestError> =>
    Effect.flatMap(Effect.serviceOption(Tracer.ParentSpan), (span) => {
      const inside = Option.isSome(span) ? Context.add(context, Tracer.ParentSpan, span.value) : context
      return fromPromise((signal) => send(transportFrom(inside), signal))
    })
  return {
    ...client,
    effect: {
      createAuthorizationRequest: (options) => fromPromise(() => client.createAuthorizationRequest(options)),
      parseAuthorizationResponse: (callbackUrl, transaction) =>
        fromPromise(() => client.parseAuthorizationResponse(callbackUrl, transaction)),
      exchangeAuthorizationCode: (code) =>
        request((platform, signal) => exchangeAuthorizationCode(platform, endpoint, code, signal)),
      refreshToken: (token) =>
        request((platform, signal) => exchangeRefreshToken(platform, endpoint, token, signal)),
    },
  }
}

const clockWith = (now: () => number): Clock.Clock =>
  Object.assign(Object.create(Context.get(Context.empty(), Clock.Clock)) as Clock.Clock, {
    currentTimeMillisUnsafe: now,
    currentTimeMillis: Effect.sync(now),
  })
