/**
 * The state machine of a session, with its token and its listeners. The session of core and the backend client of react
 * both use it, so it does not import Effect.
 */
import { callQuietly } from "../common/callQuietly.js"
import type { TokenError } from "../errors/TokenError.js"
import { isFresh } from "../protocol/tokenValidity.js"
import type { Timing, TokenEvent } from "./TokenEvent.js"
import {
  idle,
  isSignedIn,
  type LoginMethod,
  refreshFailed,
  restoring,
  type SignedOutReason,
  signedOut,
  stateOfToken,
  type TokenFacts,
  type TokenState,
  withLogin,
  withoutAccessToken,
  withoutLogin,
  withRefresh,
} from "./TokenState.js"

/** The members of a session's token that its state depends on. */
export interface HeldToken extends TokenFacts {
  readonly accessToken: string
  /** Milliseconds since the epoch. */
  readonly issuedAt: number
}

/** The options of `SessionState`. */
export interface SessionStateOptions {
  /** The session's key, for events. */
  readonly key: string
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** What it throws is ignored. */
  readonly onEvent?: ((event: TokenEvent) => void) | undefined
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

/**
 * How long an API's refusals are ignored after a refusal, in milliseconds: an API that requires a missing permission
 * refuses every token. Doubled for each refusal that follows.
 */
const firstRefusalPause = 10_000
const longestRefusalPause = 600_000

/**
 * The rules for changes of a session's state. It sends no requests and waits for nothing.
 */
export class SessionState<Held extends HeldToken> {
  // Separate members instead of one options object, to save memory: a process may have many idle sessions.
  readonly #key: string
  readonly #now: () => number
  readonly #onEvent: SessionStateOptions["onEvent"]
  #held: Held | undefined
  /** The access token that an API refused. */
  #rejected: string | undefined
  #refusals = 0
  #refusedAt: number | undefined
  #state: TokenState = restoring
  /** The state before the login that is under way. */
  #login: { before: TokenState } | undefined
  /** The failure of the last refresh, if it failed. Times are milliseconds since the epoch. */
  #failure: { readonly error: TokenError; readonly at: number; readonly retryAt: number } | undefined
  #listeners: Set<() => void> | undefined

  constructor({ key, now, onEvent }: SessionStateOptions) {
    this.#key = key
    this.#now = now
    this.#onEvent = onEvent
  }

  get held(): Held | undefined {
    return this.#held
  }

  get isWatched(): boolean {
    return (this.#listeners?.size ?? 0) > 0
  }

  /** The access token that an API refused, if there is one. */
  get rejected(): string | undefined {
    return this.#rejected
  }

  now(): number {
    return this.#now()
  }

  /** The state: the same object until it changes. No timer marks a token as expired; this function does when it is called. */
  snapshot(): TokenState {
    const held = this.#held
    if (this.#state.status === "ready" && held !== undefined && !this.isAcceptable(held, 0)) {
      this.#state = withoutAccessToken(this.#state, held.isRefreshable)
      if (!held.isRefreshable) this.#expired()
      // Later, because React may call this while it renders, when no state may change.
      void Promise.resolve().then(() => this.#notify())
    }
    return this.#state
  }

  subscribe(listener: () => void): () => void {
    const own = () => listener()
    this.#listeners ??= new Set()
    this.#listeners.add(own)
    return () => {
      this.#listeners?.delete(own)
    }
  }

  /** Whether a token is fresh, not refused by an API, and not the one that a caller has and does not want. */
  isAcceptable(token: HeldToken, minValidity: number, unwanted?: string): boolean {
    const { accessToken, isRefreshable } = token
    // A token that cannot be refreshed is used until it expires.
    const least = isRefreshable ? minValidity : 0
    return accessToken !== this.#rejected && accessToken !== unwanted && isFresh(token, this.now(), least)
  }

  /** The token in memory, if it is valid. */
  usable(minValidity = 0, unwanted?: string): Held | undefined {
    const held = this.#held
    return held !== undefined && this.isAcceptable(held, minValidity, unwanted) ? held : undefined
  }

  /** The failure of the last refresh, while it is too early for another one. If the clock was set back, there is no wait. */
  recentFailure(): TokenError | undefined {
    const now = this.now()
    const { error, at, retryAt } = this.#failure ?? { at: 0, retryAt: 0 }
    return at <= now && now < retryAt ? error : undefined
  }

  /** An API refused this access token: the next call gets another one, unless an API refused another token just before. */
  reject(accessToken: string): void {
    if (this.#held?.accessToken !== accessToken || this.#rejected === accessToken) return
    const since = this.now() - (this.#refusedAt ?? Number.NEGATIVE_INFINITY)
    const pause = Math.min(firstRefusalPause * 2 ** (this.#refusals - 1), longestRefusalPause)
    if (this.#refusals > 0 && since >= 0 && since < pause) return
    this.#refusals = since >= 0 && since < 2 * longestRefusalPause ? this.#refusals + 1 : 1
    this.#refusedAt = this.now()
    this.#rejected = accessToken
    const state = this.snapshot()
    if (state.status !== "restoring") this.#notify()
  }

  publish(held: Held): void {
    this.#held = held
    this.#login = undefined
    this.#failure = undefined
    this.set(stateOfToken(held, this.isAcceptable(held, 0)))
    if (this.#state.status === "signedOut") this.#expired()
  }

  /** Adopts a token from the store while its refresh goes on. */
  adoptMeanwhile(held: Held): void {
    const before = this.snapshot()
    this.#held = held
    const refresh = isSignedIn(before) ? before.refresh : idle
    this.set(stateOfToken(held, this.isAcceptable(held, 0), refresh))
  }

  /** No usable token was found. A login that is under way goes on, and returns to this state if it is given up. */
  restoreSignedOut(reason: "initial" | "expired" = "initial"): void {
    const state = signedOut(reason)
    this.#failure = undefined
    if (this.#login?.before.status === "restoring") this.#login.before = state
    if (this.#state.status === "restoring") this.set(state)
  }

  /** Signs out. */
  forget(reason: Exclude<SignedOutReason, "initial">, error?: TokenError): void {
    const wasSignedOut = this.#state.status === "signedOut"
    this.#held = undefined
    this.#login = undefined
    this.#failure = undefined
    if (reason !== "expired") this.#rejected = undefined
    if (wasSignedOut && reason === "elsewhere") return
    this.#refusals = 0
    this.set(signedOut(reason, error))
    if (!wasSignedOut) this.emit({ type: "signedOut", reason })
  }

  #expired(): void {
    this.#held = undefined
    if (this.#login !== undefined) this.#login.before = signedOut("expired")
    this.emit({ type: "signedOut", reason: "expired" })
  }

  /** @returns a function that restores the earlier state, with the given error, unless the state has changed since */
  beginLogin(method: LoginMethod): (error?: TokenError) => void {
    const login = { before: this.#login?.before ?? this.snapshot() }
    this.#login = login
    this.set(withLogin(this.snapshot(), method))
    return (error) => {
      // While it is not known yet whether a user is signed in, a failed login must not show a signed-out state.
      const shown = login.before.status === "restoring" ? undefined : error
      if (this.#login === login) this.endLogin(shown)
    }
  }

  /** The code of a login is being exchanged. */
  beginExchange(): void {
    this.#login ??= { before: this.snapshot() }
    if (!isSignedIn(this.snapshot())) this.set({ status: "exchanging" })
  }

  /** A login failed or was given up: the state is that of the earlier session, or signed out with the error. */
  endLogin(error?: TokenError): void {
    // First, because it may find that the token has expired.
    const state = this.snapshot()
    const login = this.#login
    this.#login = undefined
    if (login !== undefined) this.set(withoutLogin(state, login.before, error))
    else if (error !== undefined && state.status === "signedOut") this.set(withoutLogin(state, state, error))
  }

  phase(phase: "idle" | "refreshing" | "waiting"): void {
    this.#failure = undefined
    const state = this.snapshot()
    if (isSignedIn(state) && state.refresh.phase !== phase) this.set(withRefresh(state, { phase }))
  }

  /** Shows the failure of a refresh. Signs out if only a login helps. */
  fail(error: TokenError, timing: Timing): void {
    if (error._tag === "LoginRequired") {
      const { reason } = error
      if (reason === "noToken" && this.#held === undefined) this.restoreSignedOut()
      // The caller required another token and there is none, but the current one is still valid.
      else if (reason === "expired" && this.usable() !== undefined) this.phase("idle")
      else this.forget(reason === "noToken" ? "elsewhere" : reason, error)
      return
    }
    const at = this.now()
    const refresh = refreshFailed(error, at)
    this.#failure = refresh.phase === "failed" ? { error, at, retryAt: refresh.retryAt } : undefined
    this.set(withRefresh(this.snapshot(), refresh))
    this.emit({ type: "refreshFailed", error, ...timing })
  }

  set(state: TokenState): void {
    if (state === this.#state) return
    this.#state = state
    this.#notify()
  }

  #notify(): void {
    for (const listener of [...(this.#listeners ?? [])]) {
      callQuietly(listener)
    }
  }

  emit(event: DistributiveOmit<TokenEvent, "key" | "at">): void {
    const onEvent = this.#onEvent
    if (onEvent === undefined) return
    callQuietly(() => onEvent({ ...event, key: this.#key, at: this.now() } as TokenEvent))
  }
}
