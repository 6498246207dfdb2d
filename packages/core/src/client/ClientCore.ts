/** The calls and the sessions of one client. The Effect client and the promise facade are both built on it. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { checked } from "../common/checked.js"
import { badOption, requireOneOf, requireOptions } from "../common/options.js"
import type { AuthorizationErrorResponse } from "../errors/AuthorizationErrorResponse.js"
import type { ConfigurationError } from "../errors/ConfigurationError.js"
import type { InvalidAuthorizationResponse } from "../errors/InvalidAuthorizationResponse.js"
import type { TokenRequestError } from "../errors/TokenError.js"
import type { AuthorizationRequest } from "../protocol/AuthorizationRequest.js"
import {
  type AuthorizationCode,
  type CallbackUrl,
  parseWithTransaction,
} from "../protocol/AuthorizationResponse.js"
import { authorizationCodeGrant } from "../protocol/Grant.js"
import { formatScope } from "../protocol/scope.js"
import type { Token } from "../protocol/Token.js"
import {
  checkTokenEndpointOptions,
  type TokenEndpointOptions,
  type TokenEndpointSettings,
} from "../services/TokenEndpoint.js"
import { ClientContext, type ClientServices } from "../session/ClientContext.js"
import { isToken } from "../session/ImportedToken.js"
import { Session } from "../session/Session.js"
import { checkSessionOptions, type SessionOptions, type SessionSettings } from "../session/SessionOptions.js"
import { defaultKey } from "../session/sessionKey.js"
import {
  type CreateAuthorizationRequestOptions,
  drawAuthorizationRequest,
  type PkceOption,
} from "./drawAuthorizationRequest.js"

/** The options of every token client. Adapters add their own, such as a store. */
export interface TokenClientOptions extends TokenEndpointOptions, SessionOptions {
  /** Proof key of the authorization request: `S256` if left out. */
  readonly pkce?: PkceOption | undefined
}

export interface TokenClientSettings {
  readonly endpoint: TokenEndpointSettings
  readonly sessions: SessionSettings
  readonly pkce: PkceOption
}

/** The names of a client's options. An adapter adds its own names and refuses unknown ones. */
export const tokenClientOptionNames = [
  "server",
  "clientId",
  "clientSecret",
  "clientAuthentication",
  "redirectUri",
  "timeout",
  "deadline",
  "maxConcurrentRefreshes",
  "onEvent",
  "pkce",
] as const satisfies readonly (keyof TokenClientOptions)[]

/** @throws ConfigurationError for a bad or unknown option */
export const checkTokenClientOptions = (options: TokenClientOptions): TokenClientSettings => {
  requireOptions(options, tokenClientOptionNames, "an object with at least a clientId")
  return {
    endpoint: checkTokenEndpointOptions(options),
    sessions: checkSessionOptions(options),
    pkce: requireOneOf("pkce", options.pkce ?? "S256", ["S256", "plain", "none"]),
  }
}

const authorizationRequestOptionNames = [
  "scope",
  "returnTo",
  "redirectUri",
  "extra",
] as const satisfies readonly (keyof CreateAuthorizationRequestOptions)[]

/** What `exchangeAuthorizationCode` takes: the result of `parseAuthorizationResponse`, or its members. */
export interface ExchangeAuthorizationCodeOptions {
  /** From the URL that the user came back to. */
  readonly code: string
  /** The verifier of the authorization request. Required if that request had a challenge (RFC 7636 section 4.5). */
  readonly codeVerifier?: string | undefined
  /** The client's redirect URI if left out. */
  readonly redirectUri?: string | undefined
  /** The scope that was requested. It is the granted scope if the token response names none (RFC 6749 §5.1). */
  readonly scope?: string | undefined
}

const authorizationCodeNames = [
  "code",
  "codeVerifier",
  "redirectUri",
  "scope",
  // A member of what `parseAuthorizationResponse` returns.
  "returnTo" as never,
] as const satisfies readonly (keyof ExchangeAuthorizationCodeOptions)[]

/** How many sessions are kept in memory. A session that was dropped reads the store again when it is next used. */
const maxSessionsInMemory = 100_000

/** A session, and what users of the client get for it. One object, to save memory: a process may have many sessions. */
class ClientSession<A> extends Session {
  readonly made: A

  constructor(key: string, context: ClientContext, make: (session: Session) => A) {
    super(key, context)
    this.made = make(this)
  }
}

/** @param A the type of session that users of the client get */
export class ClientCore<A> {
  readonly settings: TokenClientSettings
  readonly #context: ClientContext
  readonly #makeSession: (session: Session) => A
  readonly #sessions = new Map<string, ClientSession<A>>()

  constructor(
    settings: TokenClientSettings,
    services: ClientServices,
    scope: Scope.Scope,
    makeSession: (session: Session) => A,
  ) {
    this.settings = settings
    this.#makeSession = makeSession
    this.#context = new ClientContext(settings.endpoint, settings.sessions, services, scope)
    // `Effect.forEach`, with its bounded concurrency, would add 0.6 kB to the bundle of every browser.
    const saveUnsaved = Effect.gen({ self: this }, function* () {
      const saving: Fiber.Fiber<void>[] = []
      for (const session of this.#sessions.values()) {
        if (!session.isSaved) saving.push(yield* Effect.forkChild(session.saveUnsaved()))
      }
      for (const fiber of saving) yield* Fiber.await(fiber)
    })
    if (!this.#context.isClosed) Effect.runSync(Scope.addFinalizer(scope, saveUnsaved))
  }

  createAuthorizationRequest(
    options: CreateAuthorizationRequestOptions = {},
  ): Effect.Effect<AuthorizationRequest, ConfigurationError> {
    const { endpoint, pkce } = this.settings
    const { crypto } = this.#context
    return Effect.flatMap(
      Effect.fromResult(checked(() => requireOptions(options, authorizationRequestOptionNames, "an object"))),
      () => drawAuthorizationRequest(crypto, endpoint.server, endpoint.client, { ...options, pkce }),
    )
  }

  parseAuthorizationResponse(
    callbackUrl: CallbackUrl,
    transaction: string,
  ): Effect.Effect<AuthorizationCode, InvalidAuthorizationResponse | AuthorizationErrorResponse> {
    return Effect.suspend(() =>
      Effect.fromResult(parseWithTransaction(callbackUrl, transaction, this.#context.now())),
    )
  }

  exchangeAuthorizationCode(
    response: ExchangeAuthorizationCodeOptions,
  ): Effect.Effect<Token, TokenRequestError> {
    // Plain JavaScript can pass no argument at all. That is an error about a missing code.
    const given = response ?? { code: "" }
    const fallback = this.settings.endpoint.client.redirectUri
    return Effect.flatMap(
      Effect.fromResult(
        checked(() => {
          const options = requireOptions(given, authorizationCodeNames, "an object")
          const { code, codeVerifier, redirectUri = fallback } = options
          return authorizationCodeGrant({
            code,
            codeVerifier,
            redirectUri,
            scope: formatScope(options.scope),
          })
        }),
      ),
      (grant) => this.#context.requestToken(grant),
    )
  }

  /** If a whole token is given, the new token keeps the members that the token response leaves out. */
  refreshToken(token: Token | string | undefined): Effect.Effect<Token, TokenRequestError> {
    return Effect.suspend(() => {
      const previous = isToken(token) ? token : undefined
      const refreshToken = (isToken(token) ? token.refreshToken : token) ?? ""
      return this.#context.requestToken({ grantType: "refresh_token", refreshToken }, previous)
    })
  }

  /**
   * The session of one stored credential. The same key gives the same session.
   *
   * @throws ConfigurationError
   */
  session(key: readonly [key?: string]): A {
    // Also `null`, which a database row or JSON may hold instead of `undefined`.
    if (key.length > 0 && (key[0] === undefined || key[0] === null)) {
      throw badOption(
        "key",
        key[0],
        "the key of a user; call session() without an argument for the only user of an app",
      )
    }
    const name = key[0] ?? defaultKey
    const found = this.#sessions.get(name) ?? new ClientSession(name, this.#context, this.#makeSession)
    // A session that is used moves to the end, so the least recently used one is first.
    this.#sessions.delete(name)
    this.#sessions.set(name, found)
    if (this.#sessions.size > maxSessionsInMemory) this.#forgetIdle()
    return found.made
  }

  /** Whether no session is refreshing. */
  get isIdle(): boolean {
    return [...this.#sessions.values()].every(({ isRefreshing }) => !isRefreshing)
  }

  #forgetIdle(): void {
    for (const [key, session] of this.#sessions) {
      if (!session.isIdle) continue
      this.#sessions.delete(key)
      return
    }
  }
}
