/** Events of sessions, for logs and metrics, without secrets. */
import type { TokenError } from "../errors/TokenError.js"
import type { SignedOutReason } from "./TokenState.js"

/** An event of a session, for logs and metrics. It contains no secret. */
export type TokenEvent = {
  /** The key of the session. */
  readonly key: string
  /** Milliseconds since the epoch. */
  readonly at: number
} & (
  | ({ readonly type: "tokenIssued"; readonly expiresAt?: number } & Timing)
  | { readonly type: "refreshStarted" }
  /** `rotated`: the server sent a new refresh token. */
  | ({ readonly type: "refreshed"; readonly rotated: boolean; readonly expiresAt?: number } & Timing)
  | ({ readonly type: "refreshFailed"; readonly error: TokenError } & Timing)
  /** The session took a token from the store that another tab, process or machine had stored. */
  | ({ readonly type: "adopted"; readonly expiresAt?: number } & Timing)
  /** Another tab, process or machine held the lease. */
  | ({ readonly type: "leaseWaited" } & Timing)
  | { readonly type: "signedOut"; readonly reason: SignedOutReason }
)

/** How long something took, and how many requests it needed. */
export interface Timing {
  /** Milliseconds. */
  readonly duration: number
  /** How many requests were sent to the token endpoint; for `leaseWaited`, to the store. */
  readonly attempts: number
}

/** Starts to measure how long something takes. @param now milliseconds since the epoch */
export const startTiming = (now: () => number): ((attempts: number) => Timing) => {
  const startedAt = now()
  return (attempts) => ({ duration: now() - startedAt, attempts })
}
