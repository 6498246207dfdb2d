/** The token client as an Effect service: login, the two token requests, and sessions. */
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

/** The options of `TokenClient.make` and `TokenClient.layer`. */
export interface TokenClientOptions
  extends Omit<PlainTokenClientOptions, "clientSecret" | "timeout" | "deadline"> {
  /** The secret of a confidential client. A public client leaves it out. */
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
   * Exchanges a refresh token for a new token (RFC 6749 §6). If a whole token is given, the new token keeps the members
   * that the token response leaves out.
   */
  readonly refreshToken: (refreshToken: Token | string) => Effect.Effect<Token, TokenRequestError>
  /**
   * The session of one stored credential. An app with many users passes a key for each, such as the user's id; an app
   * with one user passes none. Reads nothing from the store. The same key returns the same session. Fails with
   * ConfigurationError for a key that is empty, longer than 512 characters, or not well-formed Unicode.
   */
  readonly session: (...key: readonly [key?: string]) => Effect.Effect<TokenSession, ConfigurationError>
}

/** The token client as a service: sessions, and requests without a session. */
export class TokenClient extends Context.Service<TokenClient, TokenClientService>()(
  "@ellipsis-oauth/core/TokenClient",
) {
  /**
   * Makes a client that lives as long as its scope. It uses the services, the clock and the tracer of the effect that
   * makes it. Closing the scope interrupts waits, and awaits requests that were sent and the writes after them.
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

  /** The same as a layer. It fails with ConfigurationError for a bad option. */
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

/** The options without the types of Effect. */
const plain = (options: TokenClientOptions): PlainTokenClientOptions => {
  if (typeof options !== "object" || options === null) return options
  const { clientSecret, timeout, deadline, ...rest } = options
  return {
    ...rest,
    // `clientSecret: undefined` is an error. A public client leaves the option out.
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
