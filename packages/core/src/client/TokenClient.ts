/** The token client as a service: the two calls of the token endpoint, the login around them, and the sessions. */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import { checked } from "../common/checked.js"
import type { DurationOption } from "../common/duration.js"
import type { AuthorizationErrorResponse } from "../errors/AuthorizationErrorResponse.js"
import type { ConfigurationError } from "../errors/ConfigurationError.js"
import type { InvalidAuthorizationResponse } from "../errors/InvalidAuthorizationResponse.js"
import type { TokenRequestError } from "../errors/TokenError.js"
import type { AuthorizationRequest } from "../protocol/AuthorizationRequest.js"
import type { AuthorizationCode, CallbackUrl } from "../protocol/AuthorizationResponse.js"
import type { Token } from "../protocol/Token.js"
import { effectTracing } from "../services/effectTracing.js"
import { TokenStore } from "../services/TokenStore.js"
import { Transport } from "../services/Transport.js"
import { WebCrypto } from "../services/WebCrypto.js"
import {
  ClientCore,
  checkTokenClientOptions,
  type ExchangeAuthorizationCodeOptions,
  type TokenClientOptions as PlainTokenClientOptions,
} from "./ClientCore.js"
import type { CreateAuthorizationRequestOptions } from "./drawAuthorizationRequest.js"
import { makeTokenSession, type TokenSession } from "./TokenSession.js"

/** What `TokenClient.make` and `TokenClient.layer` take. */
export interface TokenClientOptions
  extends Omit<PlainTokenClientOptions, "clientSecret" | "timeout" | "deadline"> {
  /** From the registration of a confidential client; left out for a public one. */
  readonly clientSecret?: string | Redacted.Redacted<string> | undefined
  /** How long one request may take: 60 seconds if left out. It is not sent again before it has ended. */
  readonly timeout?: DurationOption | Duration.Duration | undefined
  /** The longest wait of a caller for the token endpoint, with every retry: 30 seconds if left out. */
  readonly deadline?: DurationOption | Duration.Duration | undefined
}

/** What the service `TokenClient` offers. */
export interface TokenClientService {
  /** The URL to send the user to, and the transaction to keep until they come back (RFC 6749 §4.1.1, RFC 7636). */
  readonly createAuthorizationRequest: (
    options?: CreateAuthorizationRequestOptions,
  ) => Effect.Effect<AuthorizationRequest, ConfigurationError>
  /** Checks the URL that the user came back to against the transaction (RFC 6749 §4.1.2). */
  readonly parseAuthorizationResponse: (
    callbackUrl: CallbackUrl,
    transaction: string,
  ) => Effect.Effect<AuthorizationCode, InvalidAuthorizationResponse | AuthorizationErrorResponse>
  /** Exchanges the code for a token (RFC 6749 §4.1.3). A code works once and for one minute (provider page). */
  readonly exchangeAuthorizationCode: (
    code: ExchangeAuthorizationCodeOptions,
  ) => Effect.Effect<Token, TokenRequestError>
  /**
   * Exchanges a refresh token for a new token (RFC 6749 §6). Given a whole token, what the token response leaves out
   * stays as it was.
   */
  readonly refreshToken: (refreshToken: Token | string) => Effect.Effect<Token, TokenRequestError>
  /**
   * The session of one stored credential: one for each user, by a key such as a user's id, or without a key the only
   * one of an app. Looks up nothing; the same key gives the same session. Fails with ConfigurationError for a key that
   * is empty, longer than 512 characters, or not well-formed Unicode.
   */
  readonly session: (...key: readonly [key?: string]) => Effect.Effect<TokenSession, ConfigurationError>
}

/** The token client as a service: sessions, and requests without a session. */
export class TokenClient extends Context.Service<TokenClient, TokenClientService>()(
  "@ellipsis-oauth/core/TokenClient",
) {
  /**
   * A client that lives as long as its scope, with the services, the clock and the tracer that it is made with. Closing
   * the scope interrupts what waits, and awaits requests that were sent and the writes after them.
   */
  static readonly make = (
    options: TokenClientOptions,
  ): Effect.Effect<
    TokenClientService,
    ConfigurationError,
    Scope.Scope | Transport | WebCrypto | TokenStore
  > =>
    Effect.gen(function* () {
      const settings = yield* Effect.fromResult(checked(() => checkTokenClientOptions(plain(options))))
      const services = {
        transport: yield* Transport,
        crypto: yield* WebCrypto,
        store: yield* TokenStore,
        context: yield* Effect.context<never>(),
        tracing: effectTracing,
      }
      const scope = yield* Scope.make("parallel")
      yield* Effect.addFinalizer(() => Scope.close(scope, Exit.void))
      return makeService(new ClientCore(settings, services, scope, makeTokenSession))
    })

  /** The same as a layer. A bad option is its typed failure. */
  static readonly layer = (
    options: TokenClientOptions,
  ): Layer.Layer<TokenClient, ConfigurationError, Transport | WebCrypto | TokenStore> =>
    Layer.effect(TokenClient, TokenClient.make(options))
}

const makeService = (core: ClientCore<TokenSession>): TokenClientService => ({
  createAuthorizationRequest: (options) => core.createAuthorizationRequest(options),
  parseAuthorizationResponse: (callbackUrl, transaction) =>
    core.parseAuthorizationResponse(callbackUrl, transaction),
  exchangeAuthorizationCode: (code) => core.exchangeAuthorizationCode(code),
  refreshToken: (token) => core.refreshToken(token),
  session: (...key) => Effect.suspend(() => Effect.fromResult(checked(() => core.session(key)))),
})

/** Without the types of Effect. */
const plain = (options: TokenClientOptions): PlainTokenClientOptions => {
  if (typeof options !== "object" || options === null) return options
  const { clientSecret, timeout, deadline, ...rest } = options
  return {
    ...rest,
    // A secret that is `undefined` is an error, one that is left out is a public client.
    ...("clientSecret" in options
      ? { clientSecret: Redacted.isRedacted(clientSecret) ? Redacted.value(clientSecret) : clientSecret }
      : {}),
    timeout: milliseconds(timeout),
    deadline: milliseconds(deadline),
  }
}

const milliseconds = (
  duration: DurationOption | Duration.Duration | undefined,
): DurationOption | undefined => (Duration.isDuration(duration) ? Duration.toMillis(duration) : duration)
