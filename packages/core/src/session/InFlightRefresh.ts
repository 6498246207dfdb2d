/** A refresh that is under way, and the callers that wait for it. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { waitAtMost } from "../common/waitAtMost.js"
import type { RefreshError, TokenRequestError } from "../errors/TokenError.js"
import { TransportError } from "../errors/TransportError.js"
import { deadlinePassed } from "./ClientContext.js"
import type { Credential } from "./Credential.js"

/** What a caller gets. `usable`: a token that is still valid, while the refresh goes on. */
export interface Obtained {
  readonly credential: Credential
  readonly kind: "adopted" | "refreshed" | "usable"
}

/** How long a caller with a token that is still valid waits for a refresh, in milliseconds. */
export const maxWaitWithValidToken = 2000

/** A caller of a refresh. */
export interface WaitingCaller {
  /** The longest wait, in milliseconds. Waiting for a lease does not count. */
  readonly deadline: number
  /** Milliseconds of a clock that is never set back. */
  readonly now: () => number
  /** The token that the caller can use if the refresh is slow. */
  readonly usable: () => Credential | undefined
}

export class InFlightRefresh {
  readonly done = Deferred.makeUnsafe<Obtained, RefreshError>()
  /**
   * Completed when the refresh is done, or earlier for callers that have a token that is still valid, once they have
   * waited for `maxWaitWithValidToken`.
   */
  readonly doneOrSlow = Deferred.makeUnsafe<void>()
  #isSlow = false
  #stage: "store" | "queued" | "sent" = "store"
  #lastError: TokenRequestError | undefined
  #leaseWait: { readonly total: number; readonly since: number | undefined } = { total: 0, since: undefined }

  /** The refresh is slow: callers with a usable token stop waiting and use it. */
  markSlow(hasUsableToken: boolean): void {
    this.#isSlow = true
    if (hasUsableToken) Deferred.doneUnsafe(this.doneOrSlow, Effect.void)
  }

  /** The store has a usable token. */
  markUsableTokenFound(): void {
    if (this.#isSlow) Deferred.doneUnsafe(this.doneOrSlow, Effect.void)
  }

  /** Another process holds the lease. @param now any clock, in milliseconds */
  leaseWaitBegins(now: number): void {
    this.#leaseWait = { ...this.#leaseWait, since: now }
  }

  leaseWaitEnds(now: number): void {
    this.#leaseWait = { total: this.leaseWait(now), since: undefined }
  }

  /** How long this refresh has waited for a lease, in milliseconds. */
  leaseWait(now: number): number {
    const { total, since } = this.#leaseWait
    return since === undefined ? total : total + Math.max(0, now - since)
  }

  attempt(lastError: TokenRequestError | undefined): void {
    if (this.#stage === "store") this.#stage = "queued"
    this.#lastError = lastError
  }

  /** The request is one of the concurrent requests now, and is sent. */
  markSent(): void {
    this.#stage = "sent"
  }

  /** Waits for the refresh: briefly with a usable token, otherwise until the deadline. */
  wait({ deadline, now, usable }: WaitingCaller): Effect.Effect<Obtained, RefreshError> {
    return Effect.gen({ self: this }, function* () {
      const startedAt = now()
      const waitedBefore = this.leaseWait(startedAt)
      yield* waitAtMost(Deferred.await(this.doneOrSlow), deadline)
      for (;;) {
        if (Deferred.isDoneUnsafe(this.done)) return yield* Deferred.await(this.done)
        const credential = usable()
        if (credential !== undefined) return { credential, kind: "usable" }
        const time = now()
        const left = deadline - (time - startedAt) + (this.leaseWait(time) - waitedBefore)
        if (left <= 0) return yield* Effect.fail(this.deadlineError(deadline))
        const ended = yield* waitAtMost(Deferred.await(this.done), left)
        if (Option.isSome(ended)) return ended.value
      }
    })
  }

  /** The error of a caller whose deadline has passed while the refresh goes on. */
  deadlineError(deadline: number): TokenRequestError {
    if (this.#lastError !== undefined) return this.#lastError
    if (this.#stage === "sent") return deadlinePassed(deadline)
    const cause =
      this.#stage === "queued" ? "this client is sending too many others" : "the token store is slow"
    const detail = `after ${deadline / 1000} s; the request was not sent yet, since ${cause}`
    return new TransportError({ reason: "timeout", sent: "no", detail })
  }
}
