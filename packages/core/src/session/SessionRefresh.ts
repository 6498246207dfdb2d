/** The refreshes of one session: at most one is under way, and all callers join it. */
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Tracer from "effect/Tracer"
import { LoginRequired } from "../errors/LoginRequired.js"
import { isTokenError, type RefreshError, type TokenRequestError } from "../errors/TokenError.js"
import { type ClientContext, clientClosed } from "./ClientContext.js"
import { InFlightRefresh, maxWaitWithValidToken, type Obtained } from "./InFlightRefresh.js"
import { type RefreshOutcome, type RefreshRequest, refreshCredential } from "./refreshCredential.js"
import type { SessionCredential } from "./SessionCredential.js"
import { startTiming, type Timing } from "./TokenEvent.js"
import { withExpiry } from "./TokenState.js"

export class SessionRefresh {
  readonly #credential: SessionCredential
  readonly #context: ClientContext
  #inFlight: InFlightRefresh | undefined

  constructor(credential: SessionCredential, context: ClientContext) {
    this.#credential = credential
    this.#context = context
  }

  get isUnderWay(): boolean {
    return this.#inFlight !== undefined
  }

  /**
   * Joins the refresh that is under way, or starts one.
   *
   * @param minValidity milliseconds
   * @param unwanted the access token that the caller has and does not want
   * @param caller the span of the caller
   */
  join(minValidity: number, unwanted?: string, caller?: Tracer.AnySpan): InFlightRefresh {
    return this.#inFlight ?? this.#start(minValidity, unwanted, caller)
  }

  #start(
    minValidity: number,
    unwanted: string | undefined,
    caller: Tracer.AnySpan | undefined,
  ): InFlightRefresh {
    const context = this.#context
    const credential = this.#credential
    const { state } = credential
    const inFlight = new InFlightRefresh()
    // Set before the work starts, because the work may end before this function returns.
    this.#inFlight = inFlight
    const isOvertaken = credential.watchOvertaken()
    const timing = startTiming(context.now)
    let attempts = 0
    let outcome: RefreshOutcome | undefined
    let failure: TokenRequestError | undefined
    const request: RefreshRequest = {
      store: credential.store,
      settings: context.settings,
      uniqueId: context.uniqueId,
      isAcceptable: (found) => state.isAcceptable(found, minValidity, unwanted),
      isUsable: (found) => state.isAcceptable(found, 0),
      inMemory: state.held,
      unsaved: credential.unsaved,
      send: (refreshToken, options) =>
        context.send(
          { grantType: "refresh_token", refreshToken },
          {
            ...options,
            onAttempt: (attempt, lastError) => {
              attempts = attempt
              inFlight.attempt(lastError)
            },
            onSent: () => inFlight.markSent(),
            onFailure: (error) => {
              failure = error
            },
          },
        ),
      observer: {
        onFound: (found) => {
          if (isOvertaken() || !state.isAcceptable(found, 0)) return
          if (state.usable() === undefined) state.adoptMeanwhile(found)
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
        onSaved: (unsaved) => credential.markSaved(unsaved),
        isOvertaken,
        onOutcome: (result) => {
          outcome = result
        },
      },
    }
    const links = caller === undefined ? [] : [{ span: caller, attributes: {} }]
    const work = context.tracing.span(refreshCredential(request), "ellipsis-oauth.refreshCredential", {
      attributes: { "ellipsis-oauth.key": credential.key },
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
      Deferred.doneUnsafe(inFlight.done, this.#settle(isOvertaken(), result, timing(attempts)))
      Deferred.doneUnsafe(inFlight.doneOrSlow, Effect.void)
    }
    const isStarted = context.fork(Effect.onExit(work, (exit) => Effect.sync(() => end(exit))))
    if (isStarted === undefined) end(Exit.interrupt())
    return inFlight
  }

  #settle(
    isOvertaken: boolean,
    exit: Exit.Exit<RefreshOutcome, RefreshError>,
    timing: Timing,
  ): Exit.Exit<Obtained, RefreshError> {
    const { state } = this.#credential
    // A login or a sign-out came during this refresh, so its result is dropped, unless it belongs to that login.
    if (isOvertaken && !(Exit.isSuccess(exit) && this.#isSuccessor(exit.value))) {
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
    if (isTokenError(error)) state.fail(error, timing)
    else state.phase("idle")
    return Exit.failCause(exit.cause)
  }

  #isSuccessor(outcome: RefreshOutcome): boolean {
    if (outcome.kind === "removed") return false
    const { login, sequence } = outcome.kind === "unsaved" ? outcome.unsaved.credential : outcome.credential
    const { held } = this.#credential.state
    return held !== undefined && login === held.login && sequence >= held.sequence
  }

  #accept(outcome: RefreshOutcome, timing: Timing): Exit.Exit<Obtained, RefreshError> {
    const { state } = this.#credential
    if (outcome.kind === "removed") {
      const error = this.#noToken()
      state.fail(error, timing)
      return Exit.fail(error)
    }
    if (outcome.kind === "unsaved") {
      this.#credential.publish(outcome.unsaved.credential, outcome.unsaved)
      state.fail(outcome.error, timing)
      return Exit.fail(outcome.error)
    }
    const { credential, kind } = outcome
    this.#credential.publish(credential)
    const facts = { ...withExpiry(credential), ...timing }
    state.emit(
      kind === "adopted" ? { type: kind, ...facts } : { type: kind, rotated: outcome.rotated, ...facts },
    )
    // A caller that joined may require a newer token.
    const isNew = kind === "refreshed" && !outcome.isLate
    return Exit.succeed({ credential, kind: isNew ? "refreshed" : "adopted" })
  }

  #noToken(): LoginRequired {
    return new LoginRequired({ reason: "noToken", key: this.#credential.key })
  }
}
