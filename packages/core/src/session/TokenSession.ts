/** A session: one stored credential, its current token, and everybody who waits for it. */
import { type AuthorizationCode, parseAuthorizationResponse } from "../authorization/AuthorizationResponse.js"
import { restoreTransaction } from "../authorization/AuthorizationTransaction.js"
import { type CallOptions, unlessAborted } from "../common/abort.js"
import { type DurationOption, describe, requireDuration, requireString } from "../common/options.js"
import {
  type AuthorizationErrorResponse,
  ConfigurationError,
  type InvalidAuthorizationResponse,
  isTokenError,
  LoginRequired,
  TokenStoreError,
} from "../errors.js"
import { callStore } from "../store/callStore.js"
import type { Token } from "../token/Token.js"
import { defaultMinValidity, isValid } from "../token/tokenValidity.js"
import { type Credential, readCredential } from "./Credential.js"
import { issueCredential } from "./issueCredential.js"
import {
  leaseDuration,
  ownerOf,
  type RefreshError,
  type RefreshOutcome,
  refreshCredential,
} from "./refreshCredential.js"
import type { TokenSessionShared } from "./TokenSessionShared.js"
import { type Effort, TokenSessionState, withExpiry } from "./TokenSessionState.js"
import type { LoginMethod, TokenState } from "./TokenState.js"

export interface GetAccessTokenOptions extends CallOptions {
  /** How long the token has to be good for, at least: 60 seconds if left out, and never more than half its life. */
  readonly minValidity?: DurationOption
  /** Gets another token than the current one, however long that one is still good for. */
  readonly force?: boolean
}

export type CompleteAuthorizationError =
  | RefreshError
  | InvalidAuthorizationResponse
  | AuthorizationErrorResponse

export type CallbackUrl = string | { readonly href: string }

interface Obtained {
  readonly credential: Credential
  readonly kind: "adopted" | "refreshed"
}

type Flight = Promise<Obtained>

/** How long a caller with a valid token waits for somebody else's refresh, in milliseconds. */
const longestCourtesy = 2000

/** How often a caller joins a refresh whose token turns out not to be fresh enough for it. */
const maximumRounds = 3

export class TokenSession {
  readonly key: string
  readonly #shared: TokenSessionShared
  readonly #state: TokenSessionState
  /** The refresh that is under way, with everybody who waits for it. */
  #flight: Flight | undefined
  /** Counts logins and sign-outs: what was under way before one of them must not undo it. */
  #generation = 0

  /** @throws ConfigurationError for a key that no store can hold */
  constructor(key: string, shared: TokenSessionShared) {
    this.key = requireKey(key)
    this.#shared = shared
    this.#state = new TokenSessionState(key, shared)
  }

  /**
   * A valid access token: the current one where it is fresh, at once and without I/O, and otherwise the result of the
   * one refresh that everybody waits for. Aborting it lets the caller go; the refresh goes on.
   *
   * @throws LoginRequired, TokenStoreError, TokenErrorResponse, TokenEndpointUnavailable, TransportError, InvalidTokenResponse, ConfigurationError
   */
  getAccessToken(options?: GetAccessTokenOptions): Promise<string> {
    const cached = this.cached(options)
    return cached === undefined
      ? unlessAborted(options?.signal, () => this.#getAccessToken(options))
      : Promise.resolve(cached)
  }

  /** The access token in hand, if it has not expired and no API has refused it. Makes no request. */
  peekAccessToken(): string | undefined {
    const { credential } = this.#state
    return credential !== undefined && this.#state.isWanted(credential, 0)
      ? credential.token.accessToken
      : undefined
  }

  /**
   * Tells that an API refused this access token (HTTP 401): the next call gets another one. Naming the token keeps
   * three requests that meet the same dead token from causing three refreshes.
   */
  reportRejected(accessToken: string): void {
    this.#state.reject(accessToken)
  }

  /**
   * Tells those who watch that the user has been sent to log in. `completeAuthorization` ends that, and so does the
   * returned function, which puts the state back where the login was given up.
   */
  beginLogin(method: LoginMethod): () => void {
    return this.#state.beginLogin(method)
  }

  /**
   * Ends a login: checks the URL that the user came back to, exchanges the code, and stores the token.
   *
   * @throws InvalidAuthorizationResponse, AuthorizationErrorResponse, TokenErrorResponse, TokenStoreError, TokenEndpointUnavailable, TransportError, InvalidTokenResponse, ConfigurationError
   */
  completeAuthorization(
    callbackUrl: CallbackUrl,
    transaction: string,
    options?: CallOptions,
  ): Promise<Token> {
    return unlessAborted(options?.signal, () => this.#completeAuthorization(callbackUrl, transaction))
  }

  /** Reads the store, and tells what is there. Makes no request. @throws TokenStoreError */
  restore(options?: CallOptions): Promise<TokenState> {
    const state = this.#state.snapshot()
    return state.status === "restoring" ? this.reload(options) : Promise.resolve(state)
  }

  /**
   * Looks into the store again, since somebody who shares it has written: takes what is there, or signs out where
   * nothing is. Makes no request, and leaves a refresh that is under way alone.
   *
   * @throws TokenStoreError
   */
  reload(options?: CallOptions): Promise<TokenState> {
    return unlessAborted(options?.signal, () => this.#reload())
  }

  /**
   * Forgets the token here and in the store. Whoever shares the store is signed out when they next look there.
   *
   * @throws TokenStoreError where the store did not take it: then the token is forgotten here alone
   */
  async signOut(): Promise<void> {
    this.#generation++
    this.#state.forget("logout")
    const remove = () => callStore(this.#shared.platform, this.key, (store) => store.remove(this.key))
    await this.#track(remove().catch(remove))
  }

  /** The current state. The same object until it changes. */
  getSnapshot(): TokenState {
    return this.#state.snapshot()
  }

  /** Calls the listener after each change of the state, until the returned function is called. */
  subscribe(listener: () => void): () => void {
    return this.#state.subscribe(listener)
  }

  /** Nobody watches it and nothing is under way, so that it can be forgotten and made again. */
  get isIdle(): boolean {
    return this.#flight === undefined && this.#state.unsaved === undefined && !this.#state.isWatched
  }

  /** The token in hand, if it will do. Allocates nothing. */
  protected cached(options: GetAccessTokenOptions | undefined): string | undefined {
    const { credential, unsaved } = this.#state
    const minValidity = options?.minValidity ?? defaultMinValidity
    if (credential === undefined || options?.force || options?.signal?.aborted) return undefined
    if (typeof minValidity !== "number" || !(minValidity >= 0)) return undefined
    if (!this.#state.isWanted(credential, minValidity)) return undefined
    // What the store has not taken yet is offered to it again, while the callers go on.
    if (unsaved !== undefined && this.#state.failure() === undefined) {
      this.#refresh(minValidity, undefined).catch(() => {})
    }
    return credential.token.accessToken
  }

  async #getAccessToken(options: GetAccessTokenOptions = {}): Promise<string> {
    const { minValidity = defaultMinValidity, force = false } = options
    const state = this.#state
    const unwanted = force ? state.credential?.token.accessToken : undefined
    const millis = minValidity === 0 ? 0 : requireDuration("minValidity", minValidity)
    try {
      for (let round = 1; round <= maximumRounds; round++) {
        const inHand = state.credential
        if (inHand !== undefined && state.isWanted(inHand, millis, unwanted)) return inHand.token.accessToken
        const failure = unwanted === undefined ? state.failure() : undefined
        if (failure !== undefined) throw failure
        const { credential, kind } = await this.#refresh(millis, unwanted)
        if (kind === "refreshed" || state.isWanted(credential, millis, unwanted)) {
          return credential.token.accessToken
        }
        // Somebody else's token came out, and it is not fresh enough for this caller.
      }
    } catch (error) {
      const stillValid = this.#stillValid(error, unwanted)
      if (stillValid === undefined) throw error
      return stillValid
    }
    throw new TokenStoreError({ reason: "leaseTimeout", key: this.key })
  }

  /** A refresh that failed costs nobody a token that is still valid. */
  #stillValid(error: unknown, unwanted: string | undefined): string | undefined {
    const { credential } = this.#state
    if (!isTokenError(error) || error._tag === "LoginRequired") return undefined
    if (error._tag === "TokenStoreError" && error.reason === "notDurable") return undefined
    return credential !== undefined && this.#state.isWanted(credential, 0, unwanted)
      ? credential.token.accessToken
      : undefined
  }

  /** Joins the refresh that is under way, or starts one. */
  #refresh(minValidity: number, unwanted: string | undefined): Flight {
    this.#flight ??= this.#track(this.#startRefresh(minValidity, unwanted))
    return this.#flight
  }

  async #startRefresh(minValidity: number, unwanted: string | undefined): Flight {
    const { endpoint, uniqueId, refreshes, platform } = this.#shared
    const state = this.#state
    const held = state.credential
    const generation = this.#generation
    const effort = this.#measure()
    const refreshing = refreshCredential(platform, {
      key: this.key,
      endpoint: { ...endpoint, onAttempt: effort.onAttempt },
      uniqueId,
      isWanted: (credential) => state.isWanted(credential, minValidity, unwanted),
      unsaved: state.unsaved,
      // Nobody who has a token that is still valid waits for long: whoever has the lease may be dead.
      patience:
        held !== undefined && isValid(held.token, state.now())
          ? Math.min(endpoint.timeout, longestCourtesy)
          : leaseDuration(endpoint) + endpoint.timeout,
      limit: refreshes,
      observer: {
        onWaiting: () => state.phase("waiting"),
        onWaited: (duration, attempts) => state.emit({ type: "leaseWaited", duration, attempts }),
        onRefreshing: () => {
          state.phase("refreshing")
          state.emit({ type: "refreshStarted" })
        },
      },
    })
    let outcome: RefreshOutcome
    try {
      outcome = await refreshing
    } catch (error) {
      this.#flight = undefined
      if (generation !== this.#generation) return this.#overtaken()
      if (isTokenError(error)) state.fail(error, effort.read())
      throw error
    }
    this.#flight = undefined
    // A login or a sign-out has overtaken this refresh, and what they left is what counts.
    return generation === this.#generation ? this.#accept(outcome, effort.read()) : this.#overtaken()
  }

  #accept(outcome: RefreshOutcome, effort: Effort): Obtained {
    const { credential, kind } = outcome
    if (kind === "unsaved") {
      this.#state.publish(credential, credential)
      this.#state.fail(outcome.error, effort)
      throw outcome.error
    }
    this.#state.publish(credential)
    const told = { ...withExpiry(credential.token), ...effort }
    this.#state.emit(
      kind === "adopted" ? { type: kind, ...told } : { type: kind, rotated: outcome.rotated, ...told },
    )
    return { credential, kind }
  }

  #overtaken(): Obtained {
    const { credential } = this.#state
    if (credential === undefined) throw new LoginRequired({ reason: "noToken", key: this.key })
    return { credential, kind: "adopted" }
  }

  async #completeAuthorization(callbackUrl: CallbackUrl, transaction: string): Promise<Token> {
    const state = this.#state
    const before = state.beforeLogin()
    try {
      const code = parseAuthorizationResponse(callbackUrl, restoreTransaction(transaction), state.now())
      state.set({ status: "exchanging" })
      return await this.#track(this.#exchange(code))
    } catch (error) {
      const { status } = state.snapshot()
      // A redirect that belongs to no login, or to another one, ends nothing.
      const refused = isTokenError(error) && error._tag === "AuthorizationErrorResponse"
      const ended = status === "exchanging" || (refused && (status === "signingIn" || status === "signedOut"))
      if (ended && isTokenError(error)) state.endLogin(before, error)
      throw error
    }
  }

  async #exchange(code: AuthorizationCode): Promise<Token> {
    const { endpoint, uniqueId, platform } = this.#shared
    const state = this.#state
    const effort = this.#measure()
    const { credential, notDurable } = await issueCredential(platform, {
      key: this.key,
      endpoint: { ...endpoint, onAttempt: effort.onAttempt },
      uniqueId,
      code,
    })
    const { token } = credential
    this.#generation++
    state.publish(credential, notDurable && credential)
    state.emit({ type: "tokenIssued", ...withExpiry(token), ...effort.read() })
    if (notDurable === undefined) return token
    state.fail(notDurable, effort.read())
    throw notDurable
  }

  async #reload(): Promise<TokenState> {
    const state = this.#state
    const generation = this.#generation
    const effort = this.#measure()
    const { platform, endpoint } = this.#shared
    const credential = await this.#track(readCredential(platform, this.key, ownerOf(endpoint)))
    const { status } = state.snapshot()
    const busy = this.#flight !== undefined || state.unsaved !== undefined || status === "exchanging"
    if (busy || generation !== this.#generation) return state.snapshot()
    if (credential === undefined) {
      if (status === "restoring") state.set({ status: "signedOut", reason: "initial" })
      else if (state.credential !== undefined) state.forget("otherTab")
    } else if (credential.version !== state.credential?.version) {
      const known = state.credential !== undefined
      state.publish(credential)
      if (known) state.emit({ type: "adopted", ...withExpiry(credential.token), ...effort.read() })
    }
    return state.snapshot()
  }

  /** What must come to its end before the client may close. */
  #track<A>(work: Promise<A>): Promise<A> {
    const { pending } = this.#shared
    const done = () => {
      pending.delete(ended)
    }
    const ended: Promise<void> = work.then(done, done)
    pending.add(ended)
    return work
  }

  #measure() {
    const startedAt = this.#state.now()
    let attempts = 0
    return {
      onAttempt: (attempt: number) => {
        attempts = attempt
      },
      read: (): Effort => ({ duration: this.#state.now() - startedAt, attempts }),
    }
  }
}

/** The key of the only session of an app with one user. */
export const defaultKey = "default"

const requireKey = (key: unknown): string => {
  const expected = "a string of 1 to 512 characters of well-formed Unicode, without NUL"
  const found = requireString("key", key, { expected, maxLength: 512 })
  if (/\0|\p{Surrogate}/u.test(found))
    throw new ConfigurationError({ option: "key", got: describe(key), expected })
  return found
}
