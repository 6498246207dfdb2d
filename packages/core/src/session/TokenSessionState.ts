/** What a session knows, and what it tells those who watch it. */

import type { TokenError } from "../errors.js"
import type { Token } from "../token/Token.js"
import { isFresh, isValid } from "../token/tokenValidity.js"
import type { Credential } from "./Credential.js"
import type { UnsavedCredential } from "./refreshCredential.js"
import type { TokenEvent } from "./TokenEvent.js"
import type { TokenSessionShared } from "./TokenSessionShared.js"
import type { LoginMethod, RefreshState, SignedOutReason, TokenState } from "./TokenState.js"

/** How long a piece of work took, in milliseconds, and how often it asked. */
export interface Effort {
  readonly duration: number
  readonly attempts: number
}

/** A failed refresh is not tried again within this time, in milliseconds, unless it is forced. */
const failurePause = 1000

const restoring: TokenState = Object.freeze({ status: "restoring" })
const idle: RefreshState = Object.freeze({ phase: "idle" })

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

export class TokenSessionState {
  readonly key: string
  readonly #shared: TokenSessionShared
  #credential: Credential | undefined
  #unsaved: UnsavedCredential | undefined
  /** The access token that an API refused. */
  #rejected: string | undefined
  #state: TokenState = restoring
  /** What a login that is under way started from. */
  #beforeLogin: TokenState = restoring
  /** When the last refresh failed, in milliseconds since the epoch. */
  #failedAt = 0
  #listeners: Set<() => void> | undefined

  constructor(key: string, shared: TokenSessionShared) {
    this.key = key
    this.#shared = shared
  }

  get credential(): Credential | undefined {
    return this.#credential
  }

  /** The credential that the server gave and the store has not taken yet. */
  get unsaved(): UnsavedCredential | undefined {
    return this.#unsaved
  }

  get isWatched(): boolean {
    return (this.#listeners?.size ?? 0) > 0
  }

  now(): number {
    return this.#shared.platform.clock.now()
  }

  snapshot(): TokenState {
    const state = this.#state
    // No timer turns a token stale; whoever looks does.
    if (
      state.status === "ready" &&
      this.#credential !== undefined &&
      !isValid(this.#credential.token, this.now())
    ) {
      this.#state = { status: "stale", refresh: state.refresh }
    }
    return this.#state
  }

  subscribe(listener: () => void): () => void {
    this.#listeners ??= new Set()
    this.#listeners.add(listener)
    return () => {
      this.#listeners?.delete(listener)
    }
  }

  /** Whether a token is fresh, not refused by an API, and not the one that a caller has and does not want. */
  isWanted({ token }: Credential, minValidity: number, unwanted?: string): boolean {
    const { accessToken, refreshToken } = token
    // Where nothing can be refreshed, nothing fresher can be had.
    const least = refreshToken === undefined ? 0 : minValidity
    return accessToken !== this.#rejected && accessToken !== unwanted && isFresh(token, this.now(), least)
  }

  /** The failure of the last refresh, while it is too early for another one. A clock that was set back ends the wait. */
  failure(): TokenError | undefined {
    const refresh = "refresh" in this.#state ? this.#state.refresh : idle
    const now = this.now()
    return refresh.phase === "failed" && this.#failedAt <= now && now < refresh.retryAt
      ? refresh.error
      : undefined
  }

  reject(accessToken: string): void {
    this.#rejected = accessToken
  }

  publish(credential: Credential, unsaved?: UnsavedCredential): void {
    this.#credential = credential
    this.#unsaved = unsaved
    const { token } = credential
    this.set(
      isValid(token, this.now())
        ? { status: "ready", ...withExpiry(token), scope: token.scope, refresh: idle }
        : { status: "stale", refresh: idle },
    )
  }

  /** Signs out. */
  forget(reason: SignedOutReason, error?: TokenError): void {
    const wasSignedOut = this.#state.status === "signedOut"
    this.#credential = undefined
    this.#unsaved = undefined
    this.#rejected = undefined
    if (wasSignedOut && reason === "initial") return
    this.set({ status: "signedOut", reason, ...(error === undefined ? {} : { error }) })
    if (!wasSignedOut) this.emit({ type: "signedOut", reason })
  }

  /** The state, or what it was before the login that is under way. */
  beforeLogin(): TokenState {
    return this.#state.status === "signingIn" ? this.#beforeLogin : this.snapshot()
  }

  /** @returns puts the state back, unless something else has come about since */
  beginLogin(method: LoginMethod): () => void {
    this.#beforeLogin = this.beforeLogin()
    const signingIn: TokenState = { status: "signingIn", method }
    this.set(signingIn)
    return () => {
      if (this.#state === signingIn) this.set(this.#beforeLogin)
    }
  }

  /** A login failed: back to the session that there was, or signed out with the reason. */
  endLogin(before: TokenState, error: TokenError): void {
    const reason = before.status === "signedOut" ? before.reason : "initial"
    this.set("refresh" in before ? before : { status: "signedOut", reason, error })
  }

  phase(phase: "idle" | "refreshing" | "waiting"): void {
    const state = this.snapshot()
    if ("refresh" in state) this.set({ ...state, refresh: { phase } })
  }

  /** Tells of a refresh that failed, and signs out where only a login helps. */
  fail(error: TokenError, effort: Effort): void {
    if (error._tag === "LoginRequired") {
      // Another token was asked for, there is none, and this one is still good.
      if (error.reason === "expired" && this.#credential && this.isWanted(this.#credential, 0)) {
        this.phase("idle")
        return
      }
      const elsewhere = this.#credential === undefined ? "initial" : "otherTab"
      this.forget(error.reason === "noToken" ? elsewhere : error.reason, error)
      return
    }
    const asked = error._tag === "TokenEndpointUnavailable" ? (error.retryAfter ?? 0) : 0
    this.#failedAt = this.now()
    const retryAt = this.#failedAt + Math.max(asked, failurePause)
    const state = this.snapshot()
    const offline = error._tag === "TransportError" && error.reason === "offline"
    const refresh: RefreshState = offline ? { phase: "offline" } : { phase: "failed", error, retryAt }
    if ("refresh" in state) this.set({ ...state, refresh })
    this.emit({ type: "refreshFailed", error, ...effort })
  }

  set(state: TokenState): void {
    this.#state = state
    for (const listener of [...(this.#listeners ?? [])]) {
      try {
        listener()
      } catch {
        // A listener's fault must not cost anybody a token.
      }
    }
  }

  emit(event: DistributiveOmit<TokenEvent, "key" | "at">): void {
    try {
      this.#shared.onEvent?.({ ...event, key: this.key, at: this.now() } as TokenEvent)
    } catch {
      // Nor must an observer's.
    }
  }
}

/** `expiresAt`, where it is known. */
export const withExpiry = ({ expiresAt }: Token): { readonly expiresAt?: number } =>
  expiresAt === undefined ? {} : { expiresAt }
