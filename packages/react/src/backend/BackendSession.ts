/** The token that the backend gives, the one request that everybody waits for, and the state of it. */
import type {
  GetAccessTokenOptions,
  RefreshState,
  SignedOutReason,
  TokenError,
  TokenEvent,
  TokenState,
} from "@ellipsis-oauth/core"
import {
  defaultMinValidity,
  isFresh,
  isTokenError,
  LoginRequired,
  requireDuration,
  unlessAborted,
} from "@ellipsis-oauth/core/promise"
import type { BackendTokenClientSettings } from "./backendOptions.js"
import { type BackendToken, requestBackendToken, sessionKey } from "./requestBackend.js"

/** A request that failed is not made again within this time, in milliseconds. */
const failurePause = 1_000

export const restoring: TokenState = Object.freeze({ status: "restoring" })
const idle: RefreshState = Object.freeze({ phase: "idle" })

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

export class BackendSession {
  readonly #settings: BackendTokenClientSettings
  readonly #listeners = new Set<() => void>()
  readonly #observers = new Set<(event: TokenEvent) => void>()
  #state = restoring
  #beforeLogin = restoring
  #token: BackendToken | undefined
  /** The access token that an API refused. */
  #rejected: string | undefined
  #flight: Promise<BackendToken> | undefined
  #failure: { readonly error: TokenError; readonly at: number; readonly retryAt: number } | undefined
  /** Counts sign-ins and sign-outs: what was under way before one of them must not undo it. */
  #generation = 0

  constructor(settings: BackendTokenClientSettings) {
    this.#settings = settings
    if (settings.onEvent !== undefined) this.#observers.add(settings.onEvent)
  }

  getSnapshot(): TokenState {
    const state = this.#state
    // No timer turns a token stale; whoever looks does.
    if (state.status === "ready" && !this.#isGood(0))
      this.#state = { status: "stale", refresh: state.refresh }
    return this.#state
  }

  subscribe(listener: () => void): () => void {
    return join(this.#listeners, listener)
  }

  subscribeEvents(listener: (event: TokenEvent) => void): () => void {
    return join(this.#observers, listener)
  }

  peekAccessToken(): string | undefined {
    return this.#isGood(0) ? this.#token?.accessToken : undefined
  }

  /** An API answered 401 to this token. */
  reportRejected(accessToken: string): void {
    this.#rejected = accessToken
  }

  /** @throws LoginRequired, TokenErrorResponse, InvalidTokenResponse, TokenEndpointUnavailable, TransportError, ConfigurationError */
  async getAccessToken(options: GetAccessTokenOptions = {}): Promise<string> {
    const { minValidity = defaultMinValidity, force = false, signal } = options
    const millis = minValidity === 0 ? 0 : requireDuration("minValidity", minValidity)
    signal?.throwIfAborted()
    const held = this.#token?.accessToken
    if (held !== undefined && !force && this.#isGood(millis)) return held
    if (force && held !== undefined) this.#rejected = held
    try {
      const reason = force ? undefined : this.#reasonNotToAsk()
      if (reason !== undefined) throw reason
      let token = await unlessAborted(signal, () => this.load())
      // The request that was under way may have been sent before this token was refused.
      if (token.accessToken === this.#rejected) token = await unlessAborted(signal, () => this.load())
      return token.accessToken
    } catch (error) {
      // A request that failed costs nobody a token that is still valid.
      const current = this.peekAccessToken()
      if (signal?.aborted || current === undefined || (isTokenError(error) && error.action === "login"))
        throw error
      return current
    }
  }

  /** Asks the backend, or joins whoever is asking. */
  load(): Promise<BackendToken> {
    if (this.#flight !== undefined) return this.#flight
    const flight = this.#start()
    this.#flight = flight
    // Not before: whoever is told may ask for the token.
    this.#refreshing({ phase: "refreshing" })
    this.#emit({ type: "refreshStarted" })
    return flight
  }

  /** Forgets what is under way and asks anew: this browser's login may be another one now. */
  reload(): Promise<BackendToken> {
    this.#generation++
    this.#flight = undefined
    return this.load()
  }

  /** @returns puts the state back, unless something else has come about since */
  beginLogin(): () => void {
    const state = this.getSnapshot()
    if (state.status !== "signingIn") this.#beforeLogin = state
    const signingIn: TokenState = { status: "signingIn", method: "redirect" }
    this.#set(signingIn)
    return () => {
      if (this.#state === signingIn) this.#set(this.#beforeLogin)
    }
  }

  signOut(reason: SignedOutReason, error?: LoginRequired): void {
    const before = this.#state
    this.#generation++
    this.#flight = undefined
    this.#token = undefined
    this.#rejected = undefined
    this.#failure = undefined
    if (before.status === "signedOut") return
    this.#set({ status: "signedOut", reason, ...(error === undefined ? {} : { error }) })
    if (before.status !== "restoring") this.#emit({ type: "signedOut", reason })
  }

  /** Whether there is a token that no API has refused, for this long, or for half its life where that is less. */
  #isGood(minValidity: number): boolean {
    if (this.#token === undefined || this.#token.accessToken === this.#rejected) return false
    const { receivedAt: issuedAt, expiresAt } = this.#token
    return isFresh({ issuedAt, expiresAt }, this.#settings.now(), minValidity)
  }

  /** Other tabs tell when somebody has signed in, so that the backend need not be asked again and again. */
  #reasonNotToAsk(): TokenError | undefined {
    const state = this.#state
    return state.status === "signedOut"
      ? (state.error ?? new LoginRequired({ reason: "noToken", key: sessionKey }))
      : this.#recentFailure()
  }

  /** The failure of the last request, while it is too early for another one. A clock that was set back ends it. */
  #recentFailure(): TokenError | undefined {
    const now = this.#settings.now()
    const { error, at, retryAt } = this.#failure ?? { at: 0, retryAt: 0 }
    return at <= now && now < retryAt ? error : undefined
  }

  async #start(): Promise<BackendToken> {
    const { now } = this.#settings
    const startedAt = now()
    const generation = this.#generation
    const effort = () => ({ duration: now() - startedAt, attempts: 1 })
    try {
      const token = await requestBackendToken(this.#settings, this.#rejected)
      if (generation !== this.#generation) return await this.#overtaken()
      this.#flight = undefined
      this.#publish(token, effort())
      return token
    } catch (error) {
      if (generation !== this.#generation) return this.#overtaken()
      this.#flight = undefined
      this.#fail(error, effort())
      throw error
    }
  }

  /** Somebody signed in or out meanwhile, and what came of that is what counts. */
  async #overtaken(): Promise<BackendToken> {
    if (this.#flight !== undefined) return this.#flight
    if (this.#token !== undefined) return this.#token
    throw new LoginRequired({ reason: "noToken", key: sessionKey })
  }

  #publish(token: BackendToken, effort: Effort): void {
    const isFirst = this.#token === undefined
    const isSame = this.#token?.accessToken === token.accessToken
    this.#token = token
    this.#failure = undefined
    // Where the backend could not hand out another one, the next call asks again.
    if (token.accessToken !== this.#rejected) this.#rejected = undefined
    const { expiresAt, scope } = token
    const expiry = expiresAt === undefined ? {} : { expiresAt }
    this.#set({ status: "ready", ...expiry, scope, refresh: idle })
    this.#emit(
      isFirst || isSame
        ? { type: "adopted", ...expiry, ...effort }
        : { type: "refreshed", rotated: false, ...expiry, ...effort },
    )
  }

  #fail(error: unknown, effort: Effort): void {
    if (!isTokenError(error)) return
    if (error._tag === "LoginRequired") {
      if ("refresh" in this.#state) this.signOut("expired", error)
      else if (this.#state.status === "restoring") this.signOut("initial")
      return
    }
    this.#emit({ type: "refreshFailed", error, ...effort })
    if (this.#state.status === "restoring" && error.action !== "retry") {
      // Waiting would not help, and this is the only state that can say what is wrong.
      this.#set({ status: "signedOut", reason: "initial", error })
      return
    }
    const asked = error._tag === "TokenEndpointUnavailable" ? (error.retryAfter ?? 0) : 0
    const isOffline = error._tag === "TransportError" && error.reason === "offline"
    const at = this.#settings.now()
    const retryAt = at + Math.max(asked, failurePause)
    this.#failure = isOffline ? undefined : { error, at, retryAt }
    this.#refreshing(isOffline ? { phase: "offline" } : { phase: "failed", error, retryAt })
  }

  #refreshing(refresh: RefreshState): void {
    const state = this.getSnapshot()
    if ("refresh" in state) this.#set({ ...state, refresh })
  }

  #set(state: TokenState): void {
    this.#state = state
    for (const listener of [...this.#listeners]) quietly(listener)
  }

  #emit(event: DistributiveOmit<TokenEvent, "key" | "at">): void {
    const told = { ...event, key: sessionKey, at: this.#settings.now() } as TokenEvent
    for (const observer of [...this.#observers]) quietly(() => observer(told))
  }
}

interface Effort {
  readonly duration: number
  readonly attempts: number
}

const join = <A>(set: Set<A>, member: A): (() => void) => {
  set.add(member)
  return () => {
    set.delete(member)
  }
}

/** A listener's fault must not cost anybody a token. */
const quietly = (listener: () => void): void => {
  try {
    listener()
  } catch {
    // It is the listener's.
  }
}
