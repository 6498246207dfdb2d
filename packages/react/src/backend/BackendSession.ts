/** The session over a backend: the access token, its state, and one request for all callers. */
import {
  defaultKey,
  type GetAccessTokenOptions,
  isSignedIn,
  isTokenError,
  LoginAbandoned,
  LoginRequired,
  readRequirements,
  SessionState,
  signedOut,
  type Timing,
  type TokenError,
  type TokenEvent,
  type TokenState,
  withExpiry,
} from "@ellipsis-oauth/core/promise"
import { unlessAborted } from "../page/unlessAborted.js"
import type { BackendTokenClientSettings } from "./BackendTokenClientOptions.js"
import type { LoginNote } from "./LoginNote.js"
import { type BackendToken, requestBackendToken } from "./requestBackend.js"
import type { SignedInHint } from "./SignedInHint.js"

/** Notes of earlier pages and of the backend, about logins and sign-outs. */
export interface BackendSessionNotes {
  readonly note: Pick<LoginNote, "takeLogin">
  readonly hint: SignedInHint
  /** Whether the user signed out, in any tab, and has not signed in since. */
  readonly isSignedOut: () => boolean
}

export class BackendSession {
  readonly #settings: BackendTokenClientSettings
  readonly #notes: BackendSessionNotes
  readonly #state: SessionState<BackendToken>
  #inFlight: Promise<BackendToken> | undefined
  /** Counts sign-ins and sign-outs, so that a request that started earlier cannot undo one. */
  #generation = 0

  constructor(
    settings: BackendTokenClientSettings,
    notes: BackendSessionNotes,
    onEvent: (event: TokenEvent) => void,
  ) {
    this.#settings = settings
    this.#notes = notes
    this.#state = new SessionState({ key: defaultKey, now: settings.now, onEvent })
  }

  getSnapshot(): TokenState {
    return this.#state.snapshot()
  }

  subscribe(listener: () => void): () => void {
    return this.#state.subscribe(listener)
  }

  peekAccessToken(): string | undefined {
    return this.#state.usable()?.accessToken
  }

  /** An API returned 401 for this token. */
  reportRejected(accessToken: string): void {
    this.#state.reject(accessToken)
  }

  /** @throws LoginRequired, TokenErrorResponse, InvalidTokenResponse, TokenEndpointUnavailable, TransportError, ConfigurationError */
  async getAccessToken(options: GetAccessTokenOptions = {}): Promise<string> {
    const { least, force } = readRequirements(options)
    const { signal } = options
    signal?.throwIfAborted()
    const state = this.#state
    const unwanted = force ? state.held?.accessToken : undefined
    const fresh = state.usable(least, unwanted)
    if (fresh !== undefined) return fresh.accessToken
    try {
      const reason = force ? undefined : this.#reasonNotToAsk()
      if (reason !== undefined) throw reason
      return (await unlessAborted(signal, this.#obtain(unwanted))).accessToken
    } catch (error) {
      // After a failed request, a token that is still valid is returned.
      const usable = state.usable(0, unwanted)
      if (signal?.aborted || usable === undefined || (isTokenError(error) && error.action === "login"))
        throw error
      return usable.accessToken
    }
  }

  /** The request that is under way may have started before this token was refused. */
  async #obtain(unwanted: string | undefined): Promise<BackendToken> {
    const joined = await this.#inFlight
    return joined !== undefined && this.#state.isAcceptable(joined, 0, unwanted)
      ? joined
      : this.load(unwanted)
  }

  /** Requests a token from the backend, or joins the request that is under way. */
  load(unwanted?: string): Promise<BackendToken> {
    if (this.#inFlight !== undefined) return this.#inFlight
    const inFlight = this.#start(unwanted)
    this.#inFlight = inFlight
    // Not earlier, because a listener may request the token.
    this.#state.phase("refreshing")
    this.#state.emit({ type: "refreshStarted" })
    return inFlight
  }

  /** Ignores the request that is under way and sends a new one, because the browser may have a new login. */
  reload(): Promise<BackendToken> {
    this.#generation++
    this.#inFlight = undefined
    return this.load()
  }

  /** Shows that no user is signed in, without a request. */
  restoreSignedOut(): void {
    this.#state.restoreSignedOut()
  }

  /** @returns a function that restores the earlier state, with the given error, unless the state has changed since */
  beginLogin(): (error?: TokenError) => void {
    return this.#state.beginLogin("redirect")
  }

  signOut(reason: "logout" | "elsewhere"): void {
    this.#generation++
    this.#inFlight = undefined
    this.#state.forget(reason)
    // The session may already be signed out for another reason. The user's own logout is the reason to show.
    const state = this.#state.snapshot()
    if (reason === "elsewhere" && state.status === "signedOut" && state.reason !== reason) {
      this.#state.set(signedOut(reason))
    }
  }

  /** Why no request is needed: other tabs send a message at each sign-in, so a signed-out page need not ask again. */
  #reasonNotToAsk(): TokenError | undefined {
    const state = this.#state.snapshot()
    return state.status === "signedOut"
      ? (state.error ?? new LoginRequired({ reason: "noToken", key: defaultKey }))
      : this.#state.recentFailure()
  }

  async #start(unwanted: string | undefined): Promise<BackendToken> {
    const { now } = this.#settings
    const startedAt = now()
    const generation = this.#generation
    const { hint } = this.#notes
    const { held, rejected } = this.#state
    const refused = held === undefined || held.accessToken === rejected ? rejected : undefined
    const timing = (): Timing => ({ duration: now() - startedAt, attempts: 1 })
    try {
      const before = hint.read()
      const token = await requestBackendToken(this.#settings, unwanted ?? refused)
      if (generation !== this.#generation) return await this.#overtaken()
      this.#inFlight = undefined
      if (token === undefined) {
        hint.noteSignedOut(before)
        throw new LoginRequired({ reason: "noToken", key: defaultKey })
      }
      hint.noteSignedIn()
      this.#publish(token, timing())
      return token
    } catch (error) {
      if (generation !== this.#generation) return this.#overtaken()
      this.#inFlight = undefined
      this.#fail(error, timing())
      throw error
    }
  }

  /** A sign-in or a sign-out came during the request, so its result is dropped. */
  async #overtaken(): Promise<BackendToken> {
    const newer = this.#inFlight ?? this.#state.held
    if (newer === undefined) throw new LoginRequired({ reason: "noToken", key: defaultKey })
    return newer
  }

  #publish(token: BackendToken, timing: Timing): void {
    const state = this.#state
    const isRefreshed = state.held !== undefined && state.held.accessToken !== token.accessToken
    state.publish(token)
    const facts = { ...withExpiry(token), ...timing }
    state.emit(isRefreshed ? { type: "refreshed", rotated: false, ...facts } : { type: "adopted", ...facts })
  }

  #fail(error: unknown, timing: Timing): void {
    const state = this.#state
    const before = state.snapshot()
    if (!isTokenError(error)) {
      state.phase("idle")
      return
    }
    if (error._tag === "LoginRequired") {
      const { note, isSignedOut } = this.#notes
      // The message of the other tab may not have arrived yet.
      if (isSignedIn(before)) state.forget(isSignedOut() ? "elsewhere" : "expired", error)
      else if ((before.status === "restoring" || before.status === "signedOut") && note.takeLogin())
        state.set(signedOut("initial", new LoginAbandoned({})))
      else this.restoreSignedOut()
      return
    }
    state.fail(error, timing)
    if (before.status === "restoring" && error.action !== "retry") {
      // A retry would not help, and only this state can show the error.
      state.set(signedOut("initial", error))
    }
  }
}
