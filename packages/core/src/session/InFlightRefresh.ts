/** A refresh that is under way, and the callers that wait for it. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type { RefreshError, TokenRequestError } from "../errors/TokenError.js"
import { TransportError } from "../errors/TransportError.js"
import type { Credential } from "./Credential.js"

export interface Obtained {
  readonly credential: Credential
  readonly kind: "adopted" | "refreshed"
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

  /** The error of a caller whose deadline has passed while the refresh goes on. */
  deadlineError(deadline: number): TokenRequestError {
    if (this.#lastError !== undefined) return this.#lastError
    const after = `after ${deadline / 1000} s`
    if (this.#stage === "sent") {
      const detail = `${after}; the request goes on in the background`
      return new TransportError({ reason: "timeout", sent: "maybe", detail })
    }
    const cause =
      this.#stage === "queued" ? "this client is sending too many others" : "the token store is slow"
    const detail = `${after}; the request was not sent yet, since ${cause}`
    return new TransportError({ reason: "timeout", sent: "no", detail })
  }
}
