/** A session: one stored credential, its current token, and everybody who waits for it. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { type AuthorizationCode, parseAuthorizationResponse } from "./AuthorizationResponse.js"
import { restoreTransaction } from "./AuthorizationTransaction.js"
import { type Credential, readCredential } from "./Credential.js"
import {
  type AuthorizationErrorResponse,
  type ConfigurationError,
  type InvalidAuthorizationResponse,
  isTokenError,
  LoginRequired,
  type TokenError,
  TokenStoreError,
} from "./errors.js"
import { authorizationCodeGrant } from "./Grant.js"
import { type DurationOption, requireDuration } from "./options.js"
import {
  leaseDuration,
  ownerOf,
  type RefreshError,
  type RefreshOutcome,
  refreshCredential,
  type UnsavedCredential,
} from "./refreshCredential.js"
import { type CallOptions, run } from "./run.js"
import { saveCredential } from "./saveCredential.js"
import type { Token } from "./Token.js"
import { requestToken } from "./TokenEndpoint.js"
import type { TokenEvent } from "./TokenEvent.js"
import type { TokenSessionShared } from "./TokenSessionShared.js"
import type { RefreshState, SignedOutReason, TokenState } from "./TokenState.js"
import { callStore, type TokenStore } from "./TokenStore.js"
import type { Transport } from "./Transport.js"
import { defaultMinValidity, isFresh, isValid } from "./tokenValidity.js"
import { typed } from "./typed.js"

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

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

/** A failed refresh is not tried again within this time, in milliseconds, unless it is forced. */
const failurePause = 1000

const restoring: TokenState = Object.freeze({ status: "restoring" })
const idle: RefreshState = Object.freeze({ phase: "idle" })

export class TokenSession {
  readonly key: string
  readonly #shared: TokenSessionShared
  #credential: Credential | undefined
  /** The server gave it and the store has not taken it yet. */
  #unsaved: UnsavedCredential | undefined
  /** The access token that an API refused. */
  #rejected: string | undefined
  #state: TokenState = restoring
  /** The refresh that is under way, with everybody who waits for it. */
  #flight: Flight | undefined
  /** Counts logins and sign-outs: what was under way before one of them must not undo it. */
  #generation = 0
  #listeners: Set<() => void> | undefined

  constructor(key: string, shared: TokenSessionShared) {
    this.key = key
    this.#shared = shared
  }

  /**
   * A valid access token: the current one where it is fresh, at once and without I/O, and otherwise the result of the
   * one refresh that everybody waits for. Aborting it lets the caller go; the refresh goes on.
   *
   * @throws LoginRequired, TokenStoreError, TokenErrorResponse, TokenEndpointUnavailable, TransportError, InvalidTokenResponse, ConfigurationError
   */
  getAccessToken(options?: GetAccessTokenOptions): Promise<string> {
    const cached = this.#cached(options)
    return cached === undefined
      ? run(this.#getAccessToken(options), options?.signal)
      : Promise.resolve(cached)
  }

  /**
   * Tells that an API refused this access token (HTTP 401): the next call gets another one. Naming the token keeps
   * three requests that meet the same dead token from causing three refreshes.
   */
  reportRejected(accessToken: string): void {
    this.#rejected = accessToken
  }

  /**
   * Ends a login: checks the URL that the user came back to, exchanges the code, and stores the token.
   *
   * @throws InvalidAuthorizationResponse, AuthorizationErrorResponse, TokenErrorResponse, TokenStoreError, TokenEndpointUnavailable, TransportError, InvalidTokenResponse, ConfigurationError
   */
  completeAuthorization(
    callbackUrl: string | { readonly href: string },
    transaction: string,
    options?: CallOptions,
  ): Promise<Token> {
    return run(this.effect.completeAuthorization(callbackUrl, transaction), options?.signal)
  }

  /** Reads the store, and tells what is there. Makes no request. @throws TokenStoreError */
  restore(options?: CallOptions): Promise<TokenState> {
    return run(this.effect.restore(), options?.signal)
  }

  /**
   * Forgets the token here and in the store. Whoever shares the store is signed out when they next look there.
   *
   * @throws TokenStoreError where the store did not take it: then the token is forgotten here alone
   */
  signOut(): Promise<void> {
    return run(this.effect.signOut())
  }

  /** The same calls as effects. */
  get effect() {
    return {
      getAccessToken: (
        options?: Omit<GetAccessTokenOptions, "signal">,
      ): Effect.Effect<string, RefreshError> => this.#getAccessToken(options),
      completeAuthorization: (
        callbackUrl: string | { readonly href: string },
        transaction: string,
      ): Effect.Effect<Token, CompleteAuthorizationError> =>
        this.#completeAuthorization(callbackUrl, transaction),
      restore: (): Effect.Effect<TokenState, TokenStoreError> => this.#restore(),
      signOut: (): Effect.Effect<void, TokenStoreError> => this.#signOut(),
    }
  }

  /** The current state. The same object until it changes. */
  getSnapshot(): TokenState {
    const state = this.#state
    // No timer turns a token stale; whoever looks does.
    if (
      state.status === "ready" &&
      this.#credential !== undefined &&
      !isValid(this.#credential.token, this.#now())
    ) {
      this.#state = { status: "stale", refresh: state.refresh }
    }
    return this.#state
  }

  /** Calls the listener after each change of the state, until the returned function is called. */
  subscribe(listener: () => void): () => void {
    this.#listeners ??= new Set()
    this.#listeners.add(listener)
    return () => this.#listeners?.delete(listener)
  }

  /** Nobody watches it and nothing is under way, so that it can be forgotten and made again. */
  get isIdle(): boolean {
    return this.#flight === undefined && this.#unsaved === undefined && (this.#listeners?.size ?? 0) === 0
  }

  #now(): number {
    return this.#shared.clock.currentTimeMillisUnsafe()
  }

  #cached(options: GetAccessTokenOptions | undefined): string | undefined {
    if (this.#credential === undefined || options?.force || options?.signal?.aborted) return undefined
    const minValidity = options?.minValidity
    if (
      !this.#isWanted(
        this.#credential,
        minValidity === undefined ? defaultMinValidity : toMillis(minValidity),
      )
    ) {
      return undefined
    }
    if (this.#unsaved !== undefined && this.#failure() === undefined)
      void this.#refresh(defaultMinValidity, undefined)
    return this.#credential.token.accessToken
  }

  #isWanted({ token }: Credential, minValidity: number, unwanted?: string): boolean {
    const { accessToken } = token
    return (
      accessToken !== this.#rejected && accessToken !== unwanted && isFresh(token, this.#now(), minValidity)
    )
  }

  /** The failure of the last refresh, as long as it is too early for another one. */
  #failure(): TokenError | undefined {
    const refresh = "refresh" in this.#state ? this.#state.refresh : idle
    return refresh.phase === "failed" && this.#now() < refresh.retryAt ? refresh.error : undefined
  }

  #getAccessToken(options: Omit<GetAccessTokenOptions, "signal"> = {}): Effect.Effect<string, RefreshError> {
    return Effect.suspend(() => {
      const { minValidity = defaultMinValidity, force = false } = options
      const unwanted = force ? this.#credential?.token.accessToken : undefined
      return Effect.flatMap(
        typed<number, ConfigurationError>(() => toMillis(minValidity)),
        (millis) => this.#obtain(millis, unwanted, maximumRounds),
      )
    })
  }

  #obtain(
    minValidity: number,
    unwanted: string | undefined,
    rounds: number,
  ): Effect.Effect<string, RefreshError> {
    return Effect.suspend(() => {
      const credential = this.#credential
      if (credential !== undefined && this.#isWanted(credential, minValidity, unwanted)) {
        return Effect.succeed(credential.token.accessToken)
      }
      const failure = unwanted === undefined ? this.#failure() : undefined
      if (failure !== undefined) return this.#stillValid(failure as RefreshError, unwanted)
      return Effect.matchEffect(join(this.#refresh(minValidity, unwanted)), {
        onFailure: (error) => this.#stillValid(error, unwanted),
        onSuccess: ({ credential, kind }) => {
          if (kind === "refreshed" || this.#isWanted(credential, minValidity, unwanted)) {
            return Effect.succeed(credential.token.accessToken)
          }
          // Somebody else's token came out, and it is not fresh enough for this caller.
          if (rounds > 1) return this.#obtain(minValidity, unwanted, rounds - 1)
          return Effect.fail(new TokenStoreError({ reason: "leaseTimeout", key: this.key }))
        },
      })
    })
  }

  /** A refresh that failed costs nobody a token that is still valid. */
  #stillValid(error: RefreshError, unwanted: string | undefined): Effect.Effect<string, RefreshError> {
    const token = this.#credential?.token
    const servable =
      error._tag !== "LoginRequired" &&
      !(error._tag === "TokenStoreError" && error.reason === "notDurable") &&
      token !== undefined &&
      isValid(token, this.#now()) &&
      token.accessToken !== this.#rejected &&
      token.accessToken !== unwanted
    return servable ? Effect.succeed(token.accessToken) : Effect.fail(error)
  }

  /** Joins the refresh that is under way, or starts one. */
  #refresh(minValidity: number, unwanted: string | undefined): Flight {
    this.#flight ??= this.#startRefresh(minValidity, unwanted)
    return this.#flight
  }

  #startRefresh(minValidity: number, unwanted: string | undefined): Flight {
    const { endpoint, uniqueId, refreshes } = this.#shared
    const generation = this.#generation
    const startedAt = this.#now()
    let attempts = 0
    const effort = () => ({ duration: this.#now() - startedAt, attempts })
    const held = this.#credential
    const program = refreshCredential({
      key: this.key,
      endpoint: { ...endpoint, onAttempt: (attempt) => (attempts = attempt) },
      uniqueId,
      isWanted: (credential) => this.#isWanted(credential, minValidity, unwanted),
      unsaved: this.#unsaved,
      // Nobody who has a token that is still valid waits for long.
      patience:
        held !== undefined && isValid(held.token, startedAt)
          ? endpoint.timeout
          : leaseDuration(endpoint) + endpoint.timeout,
      limit: refreshes.withPermits(1),
      observer: {
        onWaiting: () => this.#setPhase("waiting"),
        onWaited: (duration, attempts) => this.#emit({ type: "leaseWaited", duration, attempts }),
        onRefreshing: () => {
          this.#setPhase("refreshing")
          this.#emit({ type: "refreshStarted" })
        },
      },
    })
    const settle = (exit: Exit.Exit<RefreshOutcome, RefreshError>) => {
      this.#flight = undefined
      // A login or a sign-out has overtaken this refresh, and what they left is what counts.
      if (generation !== this.#generation) return this.#overtaken()
      if (Exit.isSuccess(exit)) return this.#accept(exit.value, effort())
      const error = Cause.squash(exit.cause)
      if (isTokenError(error)) this.#fail(error, effort())
      return Exit.failCause(exit.cause)
    }
    return this.#detach(program).then(settle)
  }

  #accept(
    outcome: RefreshOutcome,
    effort: { duration: number; attempts: number },
  ): Exit.Exit<Obtained, RefreshError> {
    const { credential, kind } = outcome
    this.#unsaved = kind === "unsaved" ? outcome.credential : undefined
    this.#publish(credential)
    if (kind === "unsaved") {
      this.#fail(outcome.error, effort)
      return Exit.fail(outcome.error)
    }
    const expiresAt = withExpiry(credential.token)
    if (kind === "adopted") this.#emit({ type: "adopted", ...expiresAt, ...effort })
    else this.#emit({ type: "refreshed", rotated: outcome.rotated, ...expiresAt, ...effort })
    return Exit.succeed({ credential, kind })
  }

  #overtaken(): Exit.Exit<Obtained, RefreshError> {
    return this.#credential === undefined
      ? Exit.fail(new LoginRequired({ reason: "noToken", key: this.key }))
      : Exit.succeed({ credential: this.#credential, kind: "adopted" })
  }

  #fail(error: TokenError, effort: { duration: number; attempts: number }): void {
    if (error._tag === "LoginRequired") {
      const elsewhere = this.#credential === undefined ? "initial" : "otherTab"
      this.#forget(error.reason === "noToken" ? elsewhere : error.reason, error)
      return
    }
    const pause = error._tag === "TokenEndpointUnavailable" ? (error.retryAfter ?? 0) : 0
    const retryAt = this.#now() + Math.max(pause, failurePause)
    if ("refresh" in this.#state)
      this.#setState({ ...this.#state, refresh: { phase: "failed", error, retryAt } })
    this.#emit({ type: "refreshFailed", error, ...effort })
  }

  #completeAuthorization(
    callbackUrl: string | { readonly href: string },
    transaction: string,
  ): Effect.Effect<Token, CompleteAuthorizationError> {
    return Effect.suspend(() => {
      const parsed = typed<AuthorizationCode, InvalidAuthorizationResponse | AuthorizationErrorResponse>(() =>
        parseAuthorizationResponse(callbackUrl, restoreTransaction(transaction), this.#now()),
      )
      const before = this.#state
      const failed = (error: CompleteAuthorizationError) => {
        if (this.#state.status !== "exchanging") return
        const reason = before.status === "signedOut" ? before.reason : "initial"
        this.#setState("refresh" in before ? before : { status: "signedOut", reason, error })
      }
      return parsed.pipe(
        Effect.flatMap((code) => {
          this.#setState({ status: "exchanging" })
          return join(this.#detach(this.#exchange(code)))
        }),
        Effect.tapError((error) => Effect.sync(() => failed(error))),
      )
    })
  }

  #exchange(
    code: AuthorizationCode,
  ): Effect.Effect<Token, CompleteAuthorizationError, Transport | TokenStore> {
    const { endpoint, uniqueId } = this.#shared
    const startedAt = this.#now()
    let attempts = 0
    const onAttempt = (attempt: number) => {
      attempts = attempt
    }
    return requestToken({ ...endpoint, onAttempt }, authorizationCodeGrant(code)).pipe(
      Effect.flatMap((token) => {
        const credential = { token, version: uniqueId() }
        const { key } = this
        const save = {
          key,
          owner: ownerOf(endpoint),
          credential,
          ifVersion: undefined,
          budget: endpoint.deadline / 2,
        }
        return Effect.map(saveCredential(save), (result) => ({ credential, result }))
      }),
      Effect.flatMap(({ credential, result }) => {
        this.#generation++
        this.#rejected = undefined
        const error = result.saved ? undefined : result.error
        this.#unsaved = error === undefined ? undefined : { ...credential, replaces: undefined }
        this.#publish(credential)
        const effort = { duration: this.#now() - startedAt, attempts }
        this.#emit({ type: "tokenIssued", ...withExpiry(credential.token), ...effort })
        if (error === undefined) return Effect.succeed(credential.token)
        const detail = error.detail === undefined ? {} : { detail: error.detail }
        const notDurable = new TokenStoreError({ reason: "notDurable", key: this.key, ...detail })
        this.#fail(notDurable, effort)
        return Effect.fail(notDurable)
      }),
    )
  }

  #restore(): Effect.Effect<TokenState, TokenStoreError> {
    return Effect.suspend(() => {
      if (this.#state.status !== "restoring") return Effect.succeed(this.getSnapshot())
      const read = readCredential(this.key, ownerOf(this.#shared.endpoint))
      return Effect.map(join(this.#detach(read)), (credential) => {
        if (this.#state.status === "restoring") {
          if (credential === undefined) this.#setState({ status: "signedOut", reason: "initial" })
          else this.#publish(credential)
        }
        return this.getSnapshot()
      })
    })
  }

  #signOut(): Effect.Effect<void, TokenStoreError> {
    return Effect.suspend(() => {
      this.#generation++
      this.#forget("logout")
      const remove = callStore(this.key, (store) => store.remove(this.key))
      return Effect.asVoid(join(this.#detach(Effect.retry(remove, { times: 2 }))))
    })
  }

  /** Runs in a fiber of its own, which no caller can interrupt. */
  #detach<A, E>(effect: Effect.Effect<A, E, Transport | TokenStore>): Promise<Exit.Exit<A, E>> {
    const { context, pending } = this.#shared
    const running = Effect.runPromiseExitWith(context)(effect)
    pending.add(running)
    void running.then(() => pending.delete(running))
    return running
  }

  #publish(credential: Credential): void {
    this.#credential = credential
    const { token } = credential
    this.#setState(
      isValid(token, this.#now())
        ? { status: "ready", ...withExpiry(token), scope: token.scope, refresh: idle }
        : { status: "stale", refresh: idle },
    )
  }

  #forget(reason: SignedOutReason, error?: TokenError): void {
    const wasSignedOut = this.#state.status === "signedOut"
    this.#credential = undefined
    this.#unsaved = undefined
    this.#rejected = undefined
    if (wasSignedOut && reason === "initial") return
    this.#setState({ status: "signedOut", reason, ...(error === undefined ? {} : { error }) })
    if (!wasSignedOut) this.#emit({ type: "signedOut", reason })
  }

  #setPhase(phase: "refreshing" | "waiting"): void {
    const state = this.getSnapshot()
    if ("refresh" in state) this.#setState({ ...state, refresh: { phase } })
  }

  #setState(state: TokenState): void {
    this.#state = state
    for (const listener of [...(this.#listeners ?? [])]) {
      try {
        listener()
      } catch {
        // A listener's fault must not cost anybody a token.
      }
    }
  }

  #emit(event: DistributiveOmit<TokenEvent, "key" | "at">): void {
    try {
      this.#shared.onEvent?.({ ...event, key: this.key, at: this.#now() } as TokenEvent)
    } catch {
      // Nor must an observer's.
    }
  }
}

interface Obtained {
  readonly credential: Credential
  readonly kind: "adopted" | "refreshed"
}

type Flight = Promise<Exit.Exit<Obtained, RefreshError>>

/** How often a caller joins a refresh whose token turns out not to be fresh enough for it. */
const maximumRounds = 3

/** Waits for what runs elsewhere. Interrupting the wait does not interrupt that. */
const join = <A, E>(running: Promise<Exit.Exit<A, E>>): Effect.Effect<A, E> =>
  Effect.callback((resume) => {
    void running.then(resume)
  })

const toMillis = (minValidity: DurationOption): number =>
  minValidity === 0 ? 0 : requireDuration("minValidity", minValidity)

const withExpiry = ({ expiresAt }: Token) => (expiresAt === undefined ? {} : { expiresAt })
