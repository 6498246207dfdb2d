/** A refresh that is under way, with everybody who waits for it. */
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
   * Completed when the refresh is done, or when those who have a token that can still be used have waited for it for
   * long enough.
   */
  readonly doneOrSlow = Deferred.makeUnsafe<void>()
  #isSlow = false
  #stage: "store" | "queued" | "sent" = "store"
  #lastError: TokenRequestError | undefined
  #leaseWait: { readonly total: number; readonly since: number | undefined } = { total: 0, since: undefined }

  /** The refresh takes long: a caller with a usable token goes on with that. */
  slow(hasUsableToken: boolean): void {
    this.#isSlow = true
    if (hasUsableToken) Deferred.doneUnsafe(this.doneOrSlow, Effect.void)
  }

  /** A usable token was found in the store. */
  found(): void {
    if (this.#isSlow) Deferred.doneUnsafe(this.doneOrSlow, Effect.void)
  }

  /** Another holder has the lease. @param now any clock, in milliseconds */
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

  /** A request has its place among the concurrent ones. */
  sent(): void {
    this.#stage = "sent"
  }

  /** What a caller is told whose time is over while the refresh goes on. */
  overdue(deadline: number): TokenRequestError {
    if (this.#lastError !== undefined) return this.#lastError
    const after = `after ${deadline / 1000} s`
    if (this.#stage === "sent") {
      const detail = `${after}; the request goes on in the background`
      return new TransportError({ reason: "timeout", sent: "maybe", detail })
    }
    const cause =
      this.#stage === "queued" ? "others of this client are under way" : "the token store takes long"
    const detail = `${after}; the request was not sent yet, since ${cause}`
    return new TransportError({ reason: "timeout", sent: "no", detail })
  }
}
