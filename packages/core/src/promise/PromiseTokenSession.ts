/** A session for apps: one stored credential, its current token, and everybody who waits for it. */
import type * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { TokenError } from "../errors/TokenError.js"
import type { TokenStoreError } from "../errors/TokenStoreError.js"
import type { CallbackUrl } from "../protocol/AuthorizationResponse.js"
import type { Token } from "../protocol/Token.js"
import type { ImportedToken } from "../session/ImportedToken.js"
import type { Session, TokenRequirements } from "../session/Session.js"
import type { LoginMethod, TokenState } from "../session/TokenState.js"
import { type CallOptions, run } from "./run.js"

/** The options of `getAccessToken`. */
export interface GetAccessTokenOptions extends TokenRequirements, CallOptions {}

/** What a session is made of. Opaque: a client hands it to the class of its sessions. */
export interface SessionParts {
  readonly session: unknown
  readonly context: unknown
}

/** One stored credential, and its current token, by promises. */
export class PromiseTokenSession {
  readonly #session: Session
  readonly #context: Context.Context<never>

  constructor({ session, context }: SessionParts) {
    this.#session = session as Session
    this.#context = context as Context.Context<never>
  }

  get key(): string {
    return this.#session.key
  }

  /**
   * A valid access token: the current one where it is fresh, at once and without I/O, and otherwise the result of the
   * one refresh that everybody waits for. Aborting it lets the caller go; the refresh goes on.
   *
   * @throws LoginRequired, TokenStoreError, TokenErrorResponse, TokenEndpointUnavailable, TransportError, InvalidTokenResponse, ConfigurationError
   */
  getAccessToken(options?: GetAccessTokenOptions): Promise<string> {
    if (!options?.signal?.aborted) {
      const cached = this.#session.cached(options)
      if (cached !== undefined) return Promise.resolve(cached.token.accessToken)
    }
    return this.getToken(options).then(({ accessToken }) => accessToken)
  }

  /**
   * The whole token, with its scope and what else the server sent (`extra`).
   *
   * @throws as getAccessToken does
   */
  getToken(options?: GetAccessTokenOptions): Promise<Token> {
    return run(this.#context, this.#session.getToken(options), options?.signal)
  }

  /** The access token in hand, if it has not expired and no API has refused it. Makes no request. */
  peekAccessToken(): string | undefined {
    return this.#session.peekAccessToken()
  }

  /**
   * Tells that an API refused this access token (HTTP 401): the next call gets another one. Naming the token keeps
   * three requests that meet the same dead token from causing three refreshes. An API that refuses each new token for
   * lack of permission causes one refresh, and further ones only after pauses that grow from ten seconds to ten minutes.
   */
  reportRejected(accessToken: string): void {
    this.#session.reportRejected(accessToken)
  }

  /**
   * Tells those who watch that the user has been sent to log in. `completeAuthorization` ends that, and so does the
   * returned function, which puts the state back where the login was given up, with the error that it is given.
   */
  beginLogin(method: LoginMethod): (error?: TokenError) => void {
    return this.#session.beginLogin(method)
  }

  /**
   * Ends a login: checks the URL that the user came back to, exchanges the code, and stores the token. The same URL
   * again, while that is under way, joins it.
   *
   * @throws InvalidAuthorizationResponse, AuthorizationErrorResponse, TokenErrorResponse, TokenStoreError, TokenEndpointUnavailable, TransportError, InvalidTokenResponse, ConfigurationError
   */
  completeAuthorization(
    callbackUrl: CallbackUrl,
    transaction: string,
    options?: CallOptions,
  ): Promise<Token> {
    return run(this.#context, this.#session.completeAuthorization(callbackUrl, transaction), options?.signal)
  }

  /**
   * Takes over a token from another library, a CI secret or a database, so that its user needs no new login. The same
   * token again changes nothing, since the store may have its successor, unless `replace` is true.
   *
   * @throws ConfigurationError, TokenStoreError
   */
  importToken(
    token: Token | ImportedToken,
    options?: CallOptions & { readonly replace?: boolean | undefined },
  ): Promise<void> {
    return run(this.#context, this.#session.importToken(token, options), options?.signal)
  }

  /** Reads the store, unless it was read before, and gives the state. Makes no request. @throws TokenStoreError */
  restore(options?: CallOptions): Promise<TokenState> {
    return this.#look(this.#session.restore(), options)
  }

  /**
   * Looks into the store again, since another tab, process or machine has written: takes the token that is there, or
   * signs out where there is none. Makes no request, and leaves a refresh that is under way alone.
   *
   * @throws TokenStoreError
   */
  reload(options?: CallOptions): Promise<TokenState> {
    return this.#look(this.#session.reload(), options)
  }

  /** The state may change between the end of the effect and that of the promise. */
  async #look(
    effect: Effect.Effect<TokenState, TokenStoreError>,
    options?: CallOptions,
  ): Promise<TokenState> {
    await run(this.#context, effect, options?.signal)
    return this.getSnapshot()
  }

  /**
   * Forgets the token here and in the store. Others who share the store are signed out when they next look there.
   *
   * @throws TokenStoreError where the store did not take it: then the token is forgotten here alone
   */
  signOut(): Promise<void> {
    return run(this.#context, this.#session.signOut())
  }

  /** The current state. The same object until it changes. */
  getSnapshot(): TokenState {
    return this.#session.getSnapshot()
  }

  /** Calls the listener after each change of the state, until the returned function is called. */
  subscribe(listener: () => void): () => void {
    return this.#session.subscribe(listener)
  }
}
