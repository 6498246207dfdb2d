/** What a session can be doing, for people and programs that watch it. Holds no token. */
import type { TokenError } from "../errors.js"

export type TokenState =
  /** The store has not been read yet. */
  | { readonly status: "restoring" }
  | { readonly status: "signedOut"; readonly reason: SignedOutReason; readonly error?: TokenError }
  | { readonly status: "signingIn"; readonly method: LoginMethod }
  /** The user came back, and the code is being exchanged. */
  | { readonly status: "exchanging" }
  | {
      readonly status: "ready"
      /** Milliseconds since the epoch; left out where the server did not say. */
      readonly expiresAt?: number
      readonly scope: readonly string[]
      readonly refresh: RefreshState
    }
  /** The access token has expired, and the refresh token is kept. */
  | { readonly status: "stale"; readonly refresh: RefreshState }

/** `otherTab`: somebody who shares the store (a tab, a process, a machine) signed out. */
export type SignedOutReason = "initial" | "logout" | "otherTab" | "expired" | "revoked"

export type LoginMethod = "redirect" | "popup" | "loopback"

export type RefreshState =
  /** `waiting`: somebody else who shares the store is refreshing. */
  | { readonly phase: "idle" | "refreshing" | "waiting" | "offline" }
  /** `retryAt`: milliseconds since the epoch; before it, no request is made. */
  | { readonly phase: "failed"; readonly error: TokenError; readonly retryAt: number }
