/** Starts the refresh of a session, shows its progress in the session's state, and accepts its result. */
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Tracer from "effect/Tracer"
import { LoginRequired } from "../errors/LoginRequired.js"
import { isTokenError, type RefreshError, type TokenRequestError } from "../errors/TokenError.js"
import { type ClientContext, clientClosed } from "./ClientContext.js"
import { type InFlightRefresh, maxWaitWithValidToken, type Obtained } from "./InFlightRefresh.js"
import { type RefreshOutcome, type RefreshRequest, refreshCredential } from "./refreshCredential.js"
import type { SessionCredential } from "./SessionCredential.js"
import { startTiming, type Timing } from "./TokenEvent.js"
import { withExpiry } from "./TokenState.js"

export interface RefreshStart {
  readonly credential: SessionCredential
  /** What the callers wait for. */
  readonly inFlight: InFlightRefresh
  /** Milliseconds. */
  readonly minValidity: number
  /** The access token that the caller has and does not want. */
  readonly unwanted: string | undefined
  /** The span of the caller. */
  readonly caller: Tracer.AnySpan | undefined
  /** Called when the work has ended, before its result is published. It may be called before `startRefresh` returns. */
  readonly onEnd: () => void
}

/** The work belongs to the client's scope: it goes on when its callers stop waiting. */
export const startRefresh = (
  context: ClientContext,
  { credential, inFlight, minValidity, unwanted, caller, onEnd }: RefreshStart,
): void => {
  const { state } = credential
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
    onEnd()
    // A closing client interrupts only after a request has ended. Then the error of that request is the result.
    const isInterrupted = Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)
    const failed = isInterrupted && failure !== undefined ? Exit.fail(failure) : exit
    const result = outcome === undefined ? failed : Exit.succeed(outcome)
    Deferred.doneUnsafe(inFlight.done, settle(credential, isOvertaken(), result, timing(attempts)))
    Deferred.doneUnsafe(inFlight.doneOrSlow, Effect.void)
  }
  const isStarted = context.fork(Effect.onExit(work, (exit) => Effect.sync(() => end(exit))))
  if (isStarted === undefined) end(Exit.interrupt())
}

const settle = (
  credential: SessionCredential,
  isOvertaken: boolean,
  exit: Exit.Exit<RefreshOutcome, RefreshError>,
  timing: Timing,
): Exit.Exit<Obtained, RefreshError> => {
  const { state } = credential
  // A login or a sign-out came during this refresh, so its result is dropped, unless it belongs to that login.
  if (isOvertaken && !(Exit.isSuccess(exit) && isSuccessor(credential, exit.value))) {
    const { held } = state
    return held === undefined
      ? Exit.fail(noToken(credential))
      : Exit.succeed({ credential: held, kind: "adopted" })
  }
  if (Exit.isSuccess(exit)) return accept(credential, exit.value, timing)
  if (Cause.hasInterruptsOnly(exit.cause)) {
    state.phase("idle")
    return Exit.fail(clientClosed())
  }
  const error = Cause.squash(exit.cause)
  if (isTokenError(error)) state.fail(error, timing)
  else state.phase("idle")
  return Exit.failCause(exit.cause)
}

const isSuccessor = ({ state: { held } }: SessionCredential, outcome: RefreshOutcome): boolean => {
  if (outcome.kind === "removed") return false
  const { login, sequence } = outcome.kind === "unsaved" ? outcome.unsaved.credential : outcome.credential
  return held !== undefined && login === held.login && sequence >= held.sequence
}

const accept = (
  current: SessionCredential,
  outcome: RefreshOutcome,
  timing: Timing,
): Exit.Exit<Obtained, RefreshError> => {
  const { state } = current
  if (outcome.kind === "removed") {
    const error = noToken(current)
    state.fail(error, timing)
    return Exit.fail(error)
  }
  if (outcome.kind === "unsaved") {
    current.publish(outcome.unsaved.credential, outcome.unsaved)
    state.fail(outcome.error, timing)
    return Exit.fail(outcome.error)
  }
  const { credential, kind } = outcome
  current.publish(credential)
  const facts = { ...withExpiry(credential), ...timing }
  state.emit(
    kind === "adopted" ? { type: kind, ...facts } : { type: kind, rotated: outcome.rotated, ...facts },
  )
  // A caller that joined may require a newer token.
  const isNew = kind === "refreshed" && !outcome.isLate
  return Exit.succeed({ credential, kind: isNew ? "refreshed" : "adopted" })
}

const noToken = ({ key }: SessionCredential): LoginRequired => new LoginRequired({ reason: "noToken", key })
