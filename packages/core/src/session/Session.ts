/** One stored credential, its current token, and the callers that wait for it. Both kinds of session are built on it. */
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Base64Url from "effect/encoding/Base64Url"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type * as Tracer from "effect/Tracer"
import { checked } from "../common/checked.js"
import { ignoreFailure } from "../common/ignoreFailure.js"
import { waitAtMost } from "../common/waitAtMost.js"
import type { ConfigurationError } from "../errors/ConfigurationError.js"
import { LoginRequired } from "../errors/LoginRequired.js"
import {
  type CompleteAuthorizationError,
  isTokenError,
  type RefreshError,
  type TokenError,
  type TokenRequestError,
} from "../errors/TokenError.js"
import { TokenStoreError } from "../errors/TokenStoreError.js"
import {
  type AuthorizationCode,
  type CallbackUrl,
  parseWithTransaction,
} from "../protocol/AuthorizationResponse.js"
import { authorizationCodeGrant } from "../protocol/Grant.js"
import type { Token } from "../protocol/Token.js"
import { type ClientContext, clientClosed } from "./ClientContext.js"
import { Credential, isNewer } from "./Credential.js"
import type { CredentialStore } from "./CredentialStore.js"
import { type ImportedToken, readImportedToken, readReplace } from "./ImportedToken.js"
import { InFlightRefresh, type Obtained } from "./InFlightRefresh.js"
import {
  type RefreshOutcome,
  type RefreshRequest,
  refreshCredential,
  type UnsavedCredential,
  writeBudget,
} from "./refreshCredential.js"
import { SessionState } from "./SessionState.js"
import { saveCredential } from "./saveCredential.js"
import { requireKey } from "./sessionKey.js"
import type { Timing } from "./TokenEvent.js"
import { plainMinValidity, readRequirements, type TokenRequirements } from "./TokenRequirements.js"
import { isSignedIn, type LoginMethod, type TokenState, withExpiry } from "./TokenState.js"

/** A token that is still valid, while the refresh goes on. */
interface UsableToken {
  readonly credential: Credential
  readonly kind: "usable"
}

/** How long a caller with a token that is still valid waits for a refresh, in milliseconds. */
const maxWaitWithValidToken = 2000

/** How many times a caller joins a refresh, if the token of the first one is not fresh enough for it. */
const maximumRounds = 3

export class Session {
  readonly key: string
  readonly #context: ClientContext
  readonly #state: SessionState<Credential>
  #inFlight: InFlightRefresh | undefined
  /** A new credential that could not be written to the store yet. */
  #unsaved: UnsavedCredential | undefined
  /** Counts logins and sign-outs, so that a refresh that started earlier cannot undo one. */
  #generation = 0

  /** @throws ConfigurationError for a key that no store can hold */
  constructor(key: string, context: ClientContext) {
    this.key = requireKey(key)
    this.#context = context
    this.#state = new SessionState({ key, now: context.now, onEvent: context.onEvent })
  }

  /** Not kept, to save memory: a process may have many idle sessions. */
  get #store(): CredentialStore {
    return this.#context.store(this.key)
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

  reportRejected(accessToken: string): void {
    this.#state.reject(accessToken)
  }

  beginLogin(method: LoginMethod): (error?: TokenError) => void {
    return this.#state.beginLogin(method)
  }

  /** Whether the session has no listener and no running work, so that it can be dropped and made again later. */
  get isIdle(): boolean {
    const isExchanging = this.#state.snapshot().status === "exchanging"
    return (
      this.#inFlight === undefined && this.#unsaved === undefined && !isExchanging && !this.#state.isWatched
    )
  }

  /** Whether a refresh is under way. */
  get isRefreshing(): boolean {
    return this.#inFlight !== undefined
  }

  /** The token in memory, if it meets the requirements. Allocates nothing. */
  cached(options: TokenRequirements | undefined): Credential | undefined {
    const minValidity = plainMinValidity(options)
    if (minValidity === undefined) return undefined
    const held = this.#state.usable(minValidity)
    // A credential that is not in the store yet is written again in the background.
    if (held !== undefined && this.#unsaved !== undefined && this.#state.recentFailure() === undefined) {
      this.#join(minValidity, undefined, undefined)
    }
    return held
  }

  /** The current token at once if it is fresh. Otherwise the token is refreshed, once for all callers. */
  getToken(options: TokenRequirements = {}): Effect.Effect<Token, RefreshError> {
    return Effect.suspend(() => {
      const cached = this.cached(options)
      if (cached !== undefined) return Effect.succeed(cached.token)
      return Effect.map(this.#obtain(options), ({ token }) => token)
    })
  }

  #obtain(options: TokenRequirements): Effect.Effect<Credential, RefreshError> {
    return Effect.gen({ self: this }, function* () {
      const state = this.#state
      const { least, force } = yield* Effect.fromResult(checked(() => readRequirements(options)))
      const unwanted = force ? state.held?.accessToken : undefined
      const span = yield* this.#context.tracing.current
      for (let round = 1; round <= maximumRounds; round++) {
        const fresh = state.usable(least, unwanted)
        if (fresh !== undefined) return fresh
        const failure = unwanted === undefined ? state.recentFailure() : undefined
        // The recent failure is always one of a refresh, so the cast is safe.
        if (failure !== undefined) return yield* this.#stillUsable(failure as RefreshError, unwanted)
        const inFlight = this.#join(least, unwanted, span)
        const result = yield* Effect.result(this.#wait(inFlight, unwanted))
        if (Result.isFailure(result)) return yield* this.#stillUsable(result.failure, unwanted)
        const { credential, kind } = result.success
        if (kind !== "adopted" || state.isAcceptable(credential, least, unwanted)) return credential
        // The refresh adopted a token of another process that is not fresh enough for this caller.
      }
      return yield* this.#stillUsable(
        new TokenStoreError({ reason: "leaseTimeout", key: this.key }),
        unwanted,
      )
    })
  }

  /** After a refresh that failed, the current token is returned if it is still valid. */
  #stillUsable(error: RefreshError, unwanted: string | undefined): Effect.Effect<Credential, RefreshError> {
    const isFinal =
      error._tag === "LoginRequired" || (error._tag === "TokenStoreError" && error.reason === "notDurable")
    const usable = isFinal ? undefined : this.#state.usable(0, unwanted)
    return usable === undefined ? Effect.fail(error) : Effect.succeed(usable)
  }

  /** Waits for a refresh: briefly with a usable token, otherwise until the deadline. Waiting for a lease does not count. */
  #wait(
    inFlight: InFlightRefresh,
    unwanted: string | undefined,
  ): Effect.Effect<Obtained | UsableToken, RefreshError> {
    return Effect.gen({ self: this }, function* () {
      const { deadline } = this.#context.settings
      const startedAt = this.#context.monotonic()
      const waitedBefore = inFlight.leaseWait(startedAt)
      yield* waitAtMost(Deferred.await(inFlight.doneOrSlow), deadline)
      for (;;) {
        if (Deferred.isDoneUnsafe(inFlight.done)) return yield* Deferred.await(inFlight.done)
        const usable = this.#state.usable(0, unwanted)
        if (usable !== undefined) return { credential: usable, kind: "usable" }
        const now = this.#context.monotonic()
        const left = deadline - (now - startedAt) + (inFlight.leaseWait(now) - waitedBefore)
        if (left <= 0) return yield* Effect.fail(inFlight.deadlineError(deadline))
        const ended = yield* waitAtMost(Deferred.await(inFlight.done), left)
        if (Option.isSome(ended)) return ended.value
      }
    })
  }

  /** Joins the refresh that is under way, or starts one. */
  #join(
    minValidity: number,
    unwanted: string | undefined,
    caller: Tracer.AnySpan | undefined,
  ): InFlightRefresh {
    return this.#inFlight ?? this.#startRefresh(minValidity, unwanted, caller)
  }

  #startRefresh(
    minValidity: number,
    unwanted: string | undefined,
    caller: Tracer.AnySpan | undefined,
  ): InFlightRefresh {
    const context = this.#context
    const state = this.#state
    const inFlight = new InFlightRefresh()
    // Set before the work starts, because the work may end before this function returns.
    this.#inFlight = inFlight
    const generation = this.#generation
    const isOvertaken = () => generation !== this.#generation
    const timing = this.#measure()
    let outcome: RefreshOutcome | undefined
    let failure: TokenRequestError | undefined
    const request: RefreshRequest = {
      store: this.#store,
      settings: context.settings,
      uniqueId: context.uniqueId,
      isAcceptable: (credential) => state.isAcceptable(credential, minValidity, unwanted),
      isUsable: (credential) => state.isAcceptable(credential, 0),
      inMemory: state.held,
      unsaved: this.#unsaved,
      send: (refreshToken, options) =>
        context.send(
          { grantType: "refresh_token", refreshToken },
          {
            ...options,
            onAttempt: (attempt, lastError) => {
              timing.attempts = attempt
              inFlight.attempt(lastError)
            },
            onSent: () => inFlight.markSent(),
            onFailure: (error) => {
              failure = error
            },
          },
        ),
      observer: {
        onFound: (credential) => {
          if (isOvertaken() || !state.isAcceptable(credential, 0)) return
          if (state.usable() === undefined) state.adoptMeanwhile(credential)
          inFlight.markUsableTokenFound()
        },
        onWaiting: () => {
          if (!isOvertaken()) state.phase("waiting")
          inFlight.leaseWaitBegins(context.monotonic())
        },
        onWaited: (duration, attempts) => {
          inFlight.leaseWaitEnds(context.monotonic())
          state.emit({ type: "leaseWaited", duration, attempts })
        },
        onRefreshing: () => {
          if (!isOvertaken()) state.phase("refreshing")
          state.emit({ type: "refreshStarted" })
        },
        onSaved: (unsaved) => {
          if (this.#unsaved === unsaved) this.#unsaved = undefined
        },
        isOvertaken,
        onOutcome: (result) => {
          outcome = result
        },
      },
    }
    const links = caller === undefined ? [] : [{ span: caller, attributes: {} }]
    const work = context.tracing.span(refreshCredential(request), "ellipsis-oauth.refreshCredential", {
      attributes: { "ellipsis-oauth.key": this.key },
      root: true,
      links,
    })
    const slow = Effect.sync(() => inFlight.markSlow(state.usable() !== undefined))
    const timer = context.fork(Effect.andThen(Effect.sleep(maxWaitWithValidToken), slow))
    const end = (exit: Exit.Exit<RefreshOutcome, RefreshError>) => {
      timer?.interruptUnsafe()
      this.#inFlight = undefined
      // A closing client interrupts only after a request has ended. Then the error of that request is the result.
      const isInterrupted = Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)
      const failed = isInterrupted && failure !== undefined ? Exit.fail(failure) : exit
      const result = outcome === undefined ? failed : Exit.succeed(outcome)
      Deferred.doneUnsafe(inFlight.done, this.#settle(generation, result, timing))
      Deferred.doneUnsafe(inFlight.doneOrSlow, Effect.void)
    }
    const isStarted = context.fork(Effect.onExit(work, (exit) => Effect.sync(() => end(exit))))
    if (isStarted === undefined) end(Exit.interrupt())
    return inFlight
  }

  #settle(
    generation: number,
    exit: Exit.Exit<RefreshOutcome, RefreshError>,
    timing: MutableTiming,
  ): Exit.Exit<Obtained, RefreshError> {
    const state = this.#state
    // A login or a sign-out came during this refresh, so its result is dropped, unless it belongs to that login.
    if (generation !== this.#generation && !(Exit.isSuccess(exit) && this.#isSuccessor(exit.value))) {
      const { held } = state
      return held === undefined
        ? Exit.fail(this.#noToken())
        : Exit.succeed({ credential: held, kind: "adopted" })
    }
    if (Exit.isSuccess(exit)) return this.#accept(exit.value, timing)
    if (Cause.hasInterruptsOnly(exit.cause)) {
      state.phase("idle")
      return Exit.fail(clientClosed())
    }
    const error = Cause.squash(exit.cause)
    if (isTokenError(error)) state.fail(error, this.#read(timing))
    else state.phase("idle")
    return Exit.failCause(exit.cause)
  }

  #isSuccessor(outcome: RefreshOutcome): boolean {
    if (outcome.kind === "removed") return false
    const { login, sequence } = outcome.kind === "unsaved" ? outcome.unsaved.credential : outcome.credential
    const { held } = this.#state
    return held !== undefined && login === held.login && sequence >= held.sequence
  }

  #accept(outcome: RefreshOutcome, timing: MutableTiming): Exit.Exit<Obtained, RefreshError> {
    const state = this.#state
    const told = this.#read(timing)
    if (outcome.kind === "removed") {
      const error = this.#noToken()
      state.fail(error, told)
      return Exit.fail(error)
    }
    if (outcome.kind === "unsaved") {
      this.#publish(outcome.unsaved.credential, outcome.unsaved)
      state.fail(outcome.error, told)
      return Exit.fail(outcome.error)
    }
    const { credential, kind } = outcome
    this.#publish(credential)
    const facts = { ...withExpiry(credential), ...told }
    state.emit(
      kind === "adopted" ? { type: kind, ...facts } : { type: kind, rotated: outcome.rotated, ...facts },
    )
    // A caller that joined may require a newer token.
    const isNew = kind === "refreshed" && !outcome.isLate
    return Exit.succeed({ credential, kind: isNew ? "refreshed" : "adopted" })
  }

  #publish(credential: Credential, unsaved?: UnsavedCredential): void {
    this.#unsaved = unsaved
    this.#state.publish(credential)
  }

  /** When the client closes, a credential that is not in the store yet is written once more. */
  saveUnsaved(): Effect.Effect<void> {
    return Effect.suspend(() => {
      const unsaved = this.#unsaved
      if (unsaved === undefined) return Effect.void
      const { credential, replaces: ifVersion } = unsaved
      const saved = saveCredential(this.#store, { credential, ifVersion, budget: 0, isLate: true })
      return Effect.andThen(saved, this.#release(unsaved))
    })
  }

  /** Releases the lease that kept other processes from sending the old refresh token. */
  #release(unsaved: UnsavedCredential | undefined): Effect.Effect<void> {
    return unsaved === undefined ? Effect.void : ignoreFailure(this.#store.release(unsaved.holder))
  }

  #noToken(): LoginRequired {
    return new LoginRequired({ reason: "noToken", key: this.key })
  }

  /** Completes a login: checks the URL that the user came back to, exchanges the code, and stores the token. */
  completeAuthorization(
    callbackUrl: CallbackUrl,
    transaction: string,
  ): Effect.Effect<Token, CompleteAuthorizationError> {
    return Effect.suspend((): Effect.Effect<Token, CompleteAuthorizationError> => {
      const state = this.#state
      const response = parseWithTransaction(callbackUrl, transaction, this.#context.now())
      if (Result.isFailure(response)) {
        // A redirect that does not belong to this login must not end it.
        const error = response.failure
        if (error._tag === "AuthorizationErrorResponse") state.endLogin(error)
        return Effect.fail(error)
      }
      const code = response.success
      const login = this.#context.share(
        JSON.stringify(["login", this.key, code.code, code.codeVerifier]),
        () => this.#exchange(code),
      )
      return this.#context.untilDeadline(login)
    })
  }

  #exchange(code: AuthorizationCode): Effect.Effect<Token, TokenRequestError | TokenStoreError> {
    const state = this.#state
    state.beginExchange()
    const timing = this.#measure()
    const onAttempt = (attempt: number) => {
      timing.attempts = attempt
    }
    let before: Credential | undefined
    const finish = (token: Token) =>
      Effect.map(this.#replace({ token, before }), (error) => ({ token, error }))
    let failure: TokenRequestError | TokenStoreError | undefined
    const onFailure = (error: TokenRequestError | TokenStoreError) => {
      failure = error
    }
    // A code can be sent only once, so it is not sent if the store can never accept the token.
    const checkStore = Effect.matchEffect(this.#store.read, {
      onSuccess: (stored) => {
        before = stored
        return Effect.void
      },
      onFailure: (error) => {
        if (error.reason !== "unusable") return Effect.void
        onFailure(error)
        return Effect.fail(error)
      },
    })
    const issued = this.#context.send(authorizationCodeGrant(code), { finish, onAttempt, onFailure })
    return Effect.andThen(checkStore, issued).pipe(
      Effect.onExit((exit) =>
        Effect.sync(() => (Exit.isSuccess(exit) ? undefined : state.endLogin(failure))),
      ),
      Effect.flatMap(({ token, error }) => {
        state.emit({ type: "tokenIssued", ...withExpiry(token), ...this.#read(timing) })
        if (error === undefined) return Effect.succeed(token)
        state.fail(error, this.#read(timing))
        return Effect.fail(error)
      }),
    )
  }

  /**
   * Stores a token in place of any record, since it is the result of a new login. Never fails: it returns the error of
   * the store.
   */
  #replace({
    token,
    before,
    imported,
  }: {
    readonly token: Token
    /** The credential that it replaces, if it is known. */
    readonly before: Credential | undefined
    readonly imported?: string
  }): Effect.Effect<TokenStoreError | undefined> {
    const context = this.#context
    return Effect.suspend(() => {
      // Normally the current time. If an earlier login has a later time, because its clock was ahead, one more than that.
      const least = Math.max(this.#state.held?.sequence ?? 0, before?.sequence ?? 0) + 1
      const sequence = Math.max(context.now(), least)
      const credential = new Credential({
        token,
        version: context.uniqueId(),
        login: context.uniqueId(),
        sequence,
        imported,
      })
      const request = { credential, ifVersion: undefined, budget: writeBudget(context.settings) }
      return Effect.flatMap(saveCredential(this.#store, request), (result) => {
        this.#generation++
        const kept = this.#unsaved
        // A write that seemed to fail was successful, and another process has refreshed its token since.
        const successor =
          !result.saved && result.error === undefined && result.found?.login === credential.login
            ? result.found
            : undefined
        if (result.saved || successor !== undefined) {
          this.#publish(successor ?? credential)
          return Effect.as(this.#release(kept), undefined)
        }
        const holder = kept?.holder ?? context.uniqueId()
        this.#publish(credential, { credential, replaces: undefined, holder })
        const error = result.error ?? new TokenStoreError({ reason: "unavailable", key: this.key })
        return Effect.succeed(error.as("notDurable"))
      })
    })
  }

  /**
   * Takes over a token from another place. Importing the same token again changes nothing, since the store may hold a
   * newer one, unless `replace` is true.
   */
  importToken(
    imported: Token | ImportedToken,
    options: { readonly replace?: boolean | undefined } = {},
  ): Effect.Effect<void, TokenStoreError | ConfigurationError> {
    const context = this.#context
    return Effect.gen({ self: this }, function* () {
      const { defaultScope } = context.settings.server
      const { token, replace } = yield* Effect.fromResult(
        checked(() => ({
          token: readImportedToken(imported, defaultScope, context.now()),
          replace: readReplace(options),
        })),
      )
      const hash = yield* context.crypto.sha256(token.refreshToken ?? token.accessToken)
      const name = Base64Url.encode(hash)
      const unsaved = this.#unsaved
      // The newer token is not in the store yet, and the imported one may have been used already.
      if (!replace && unsaved?.credential.imported === name && unsaved.replaces !== undefined) return
      const generation = this.#generation
      const stored = replace ? undefined : yield* this.#readUndamaged
      if (stored?.imported === name) {
        yield* this.#reloaded(generation, stored, this.#measure())
        return
      }
      const error = yield* context.run(this.#replace({ token, before: stored, imported: name }))
      if (error === undefined) return
      this.#state.fail(error, { duration: 0, attempts: 0 })
      return yield* Effect.fail(error)
    })
  }

  /** A damaged record is treated as missing, since a new token will replace it. */
  get #readUndamaged(): Effect.Effect<Credential | undefined, TokenStoreError> {
    return Effect.catch(this.#store.read, (error) =>
      error.action === "login" ? Effect.undefined : Effect.fail(error),
    )
  }

  /** Reads the store, unless it was read before, and returns the state. Makes no request. */
  restore(): Effect.Effect<TokenState, TokenStoreError> {
    return Effect.suspend(() => {
      const state = this.#state.snapshot()
      return state.status === "restoring" ? this.reload() : Effect.succeed(state)
    })
  }

  /** Reads the store again, for example after another tab, process or machine wrote to it. Makes no request. */
  reload(): Effect.Effect<TokenState, TokenStoreError> {
    return Effect.suspend(() => {
      const generation = this.#generation
      const timing = this.#measure()
      return Effect.flatMap(this.#store.read, (credential) => this.#reloaded(generation, credential, timing))
    })
  }

  #reloaded(
    generation: number,
    credential: Credential | undefined,
    timing: MutableTiming,
  ): Effect.Effect<TokenState> {
    const state = this.#state
    const { held } = state
    const { status } = state.snapshot()
    const isBusy = this.#inFlight !== undefined || this.#unsaved !== undefined || status === "exchanging"
    const same = Effect.sync(() => state.snapshot())
    if (generation !== this.#generation) return same
    if (isBusy) {
      // The state must show the stored token even if the refresh that is under way fails.
      if (credential !== undefined && status === "restoring") state.adoptMeanwhile(credential)
      return same
    }
    if (credential === undefined) {
      if (held === undefined) state.restoreSignedOut()
      else state.forget("elsewhere")
      return same
    }
    if (credential.version === held?.version || (held !== undefined && isNewer(held, credential))) return same
    if (!credential.isRefreshable && !state.isAcceptable(credential, 0)) {
      // It can never be used again, so it is removed.
      if (isSignedIn(state.snapshot()) || status === "restoring") state.forget("expired")
      else state.restoreSignedOut("expired")
      return Effect.andThen(ignoreFailure(this.#store.remove(credential.version)), same)
    }
    this.#publish(credential)
    if (held !== undefined) state.emit({ type: "adopted", ...withExpiry(credential), ...this.#read(timing) })
    return same
  }

  /** Removes the token from memory and from the store. Other processes are signed out when they next read the store. */
  signOut(): Effect.Effect<void, TokenStoreError | ConfigurationError> {
    return Effect.suspend((): Effect.Effect<void, TokenStoreError | ConfigurationError> => {
      // The store would keep the token, and the next process would find its user signed in.
      if (this.#context.isClosed) return Effect.fail(clientClosed())
      const generation = ++this.#generation
      const unsaved = this.#unsaved
      this.#unsaved = undefined
      this.#state.forget("logout")
      const remove = Effect.asVoid(this.#store.remove())
      // Not repeated after a new login, whose token must stay.
      const again = Effect.suspend(() => (generation === this.#generation ? remove : Effect.void))
      const removed = Effect.andThen(
        Effect.catch(remove, () => again),
        this.#release(unsaved),
      )
      return this.#context.run(Effect.uninterruptible(removed))
    })
  }

  #measure(): MutableTiming {
    return { startedAt: this.#context.now(), attempts: 0 }
  }

  #read({ startedAt, attempts }: MutableTiming): Timing {
    return { duration: this.#context.now() - startedAt, attempts }
  }
}

interface MutableTiming {
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  attempts: number
}
