/** A session with promises: one stored credential, its current token, and the callers that wait for it. */
import type * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { TokenError } from "../errors/TokenError.js"
import type { TokenStoreError } from "../errors/TokenStoreError.js"
import type { CallbackUrl } from "../protocol/AuthorizationResponse.js"
import type { Token } from "../protocol/Token.js"
import type { ImportedToken } from "../session/ImportedToken.js"
import type { Session } from "../session/Session.js"
import type { TokenRequirements } from "../session/TokenRequirements.js"
import type { LoginMethod, TokenState } from "../session/TokenState.js"
import { type CallOptions, run, runCall } from "./run.js"

/** The options of `getAccessToken`. */
export interface GetAccessTokenOptions extends TokenRequirements, CallOptions {}

/** The parts of a session. Opaque: a client passes it to the class of its sessions. */
export interface SessionParts {
  readonly session: unknown
  readonly context: unknown
}

/** One stored credential and its current token. */
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
   * A valid access token. A fresh one is returned at once, without I/O. Otherwise the token is refreshed, once for all
   * callers. Aborting the signal ends only this caller's wait; the refresh goes on.
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
   * The whole token, with its scope and the server's further members (`extra`).
   *
   * @throws as getAccessToken does
   */
  getToken(options?: GetAccessTokenOptions): Promise<Token> {
    return run(this.#context, this.#session.getToken(options), options?.signal)
  }

  /** The access token in memory, if it has not expired and no API has refused it. Makes no request. */
  peekAccessToken(): string | undefined {
    return this.#session.state.usable()?.accessToken
  }

  /**
   * Call it when an API refused this access token (HTTP 401): the next call gets another one. Several reports of the same
   * token cause one refresh. An API that refuses every token, for example because of a missing permission, causes one
   * refresh, and further ones only after pauses that grow from ten seconds to ten minutes.
   */
  reportRejected(accessToken: string): void {
    this.#session.state.reject(accessToken)
  }

  /**
   * Sets the state of a login that is under way, for an adapter that sends the user to log in. `completeAuthorization`
   * ends that state. For a login that was given up, call the returned function: it restores the earlier state, with the
   * given error.
   */
  beginLogin(method: LoginMethod): (error?: TokenError) => void {
    return this.#session.state.beginLogin(method)
  }

  /**
   * Completes a login: checks the URL that the user came back to, exchanges the code, and stores the token. A second call
   * with the same URL joins the first one while it is under way.
   *
   * @throws InvalidAuthorizationResponse, AuthorizationErrorResponse, TokenErrorResponse, TokenStoreError, TokenEndpointUnavailable, TransportError, InvalidTokenResponse, ConfigurationError
   */
  completeAuthorization(
    callbackUrl: CallbackUrl,
    transaction: string,
    options?: CallOptions,
  ): Promise<Token> {
    return runCall(this.#context, this.#session.completeAuthorization(callbackUrl, transaction), options)
  }

  /**
   * Takes over a token from another library, a CI secret or a database, so that its user needs no new login. Importing
   * the same token again changes nothing, since the store may hold a newer one, unless `replace` is true.
   *
   * @throws ConfigurationError, TokenStoreError
   */
  importToken(
    token: Token | ImportedToken,
    options?: CallOptions & { readonly replace?: boolean | undefined },
  ): Promise<void> {
    return run(this.#context, this.#session.importToken(token, options), options?.signal)
  }

  /**
   * Reads the store, unless it was read before, and returns the state. Makes no request.
   *
   * @throws TokenStoreError, ConfigurationError
   */
  restore(options?: CallOptions): Promise<TokenState> {
    return this.#stateAfter(this.#session.restore(), options)
  }

  /**
   * Reads the store again, for example after another tab, process or machine wrote to it: adopts its token, or signs out
   * if there is none. Makes no request, and does not affect a refresh that is under way.
   *
   * @throws TokenStoreError, ConfigurationError
   */
  reload(options?: CallOptions): Promise<TokenState> {
    return this.#stateAfter(this.#session.reload(), options)
  }

  /** Reads the state last, since it may change between the end of the effect and the end of the promise. */
  async #stateAfter(
    effect: Effect.Effect<TokenState, TokenStoreError>,
    options?: CallOptions,
  ): Promise<TokenState> {
    await runCall(this.#context, effect, options)
    return this.getSnapshot()
  }

  /**
   * Removes the token from memory and from the store. Other processes that share the store are signed out when they next
   * read it.
   *
   * @throws TokenStoreError if the store failed: then the token is removed only from the memory of this process;
   *   ConfigurationError after the client was closed
   */
  signOut(): Promise<void> {
    return run(this.#context, this.#session.signOut())
  }

  /** The current state. The same object until it changes. */
  getSnapshot(): TokenState {
    return this.#session.state.snapshot()
  }

  /** Calls the listener after each change of the state, until the returned function is called. */
  subscribe(listener: () => void): () => void {
    return this.#session.state.subscribe(listener)
  }
}
