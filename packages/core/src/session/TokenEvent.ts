/** What happens in sessions, for logs and metrics. Holds no secret. */
import type { TokenError } from "../errors.js"
import type { SignedOutReason } from "./TokenState.js"

export type TokenEvent = {
  /** The key of the session. */
  readonly key: string
  /** Milliseconds since the epoch. */
  readonly at: number
} & (
  | ({ readonly type: "tokenIssued"; readonly expiresAt?: number } & Effort)
  | { readonly type: "refreshStarted" }
  /** `rotated`: the server gave a new refresh token. */
  | ({ readonly type: "refreshed"; readonly rotated: boolean; readonly expiresAt?: number } & Effort)
  | ({ readonly type: "refreshFailed"; readonly error: TokenError } & Effort)
  /** Somebody else who shares the store had a good token there already. */
  | ({ readonly type: "adopted"; readonly expiresAt?: number } & Effort)
  /** Somebody else held the lease. */
  | ({ readonly type: "leaseWaited" } & Effort)
  | { readonly type: "signedOut"; readonly reason: SignedOutReason }
)

interface Effort {
  /** Milliseconds from the start of this piece of work. */
  readonly duration: number
  /** How often the token endpoint was asked; for `leaseWaited`, the lease. */
  readonly attempts: number
}
