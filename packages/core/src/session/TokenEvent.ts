/** What happens in sessions, for logs and metrics. Holds no secret. */
import type { TokenError } from "../errors/TokenError.js"
import type { SignedOutReason } from "./TokenState.js"

/** What `onEvent` is told: facts for logs and metrics, with no secret in them. */
export type TokenEvent = {
  /** The key of the session. */
  readonly key: string
  /** Milliseconds since the epoch. */
  readonly at: number
} & (
  | ({ readonly type: "tokenIssued"; readonly expiresAt?: number } & Timing)
  | { readonly type: "refreshStarted" }
  /** `rotated`: the server gave a new refresh token. */
  | ({ readonly type: "refreshed"; readonly rotated: boolean; readonly expiresAt?: number } & Timing)
  | ({ readonly type: "refreshFailed"; readonly error: TokenError } & Timing)
  /** The store had a usable token that another tab, process or machine put there. */
  | ({ readonly type: "adopted"; readonly expiresAt?: number } & Timing)
  /** Another tab, process or machine held the lease. */
  | ({ readonly type: "leaseWaited" } & Timing)
  | { readonly type: "signedOut"; readonly reason: SignedOutReason }
)

/** How long something took, and how many requests it needed. */
export interface Timing {
  /** Milliseconds from the start of this piece of work. */
  readonly duration: number
  /** How many requests were sent to the token endpoint; for `leaseWaited`, to the store. */
  readonly attempts: number
}
