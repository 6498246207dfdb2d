/** The states of a session, and pure functions that change them. No state contains a token. */
import type { TokenError } from "../errors/TokenError.js"

/** The state of a session, as `getSnapshot` returns it. It contains no secret. */
export type TokenState =
  /** The store has not been read yet. */
  | { readonly status: "restoring" }
  | { readonly status: "signedOut"; readonly reason: SignedOutReason; readonly error?: TokenError }
  | { readonly status: "signingIn"; readonly method: LoginMethod }
  /** The user came back, and the code is being exchanged. */
  | { readonly status: "exchanging" }
  | {
      readonly status: "ready"
      /** Milliseconds since the epoch; left out if the server did not say. */
      readonly expiresAt?: number
      readonly scope: readonly string[]
      readonly refresh: RefreshState
      /** Another login is under way, for example for more scope. */
      readonly login?: LoginMethod
    }
  /** The access token cannot be used (it has expired, or an API refused it). It can be refreshed. */
  | { readonly status: "stale"; readonly refresh: RefreshState; readonly login?: LoginMethod }

/** `elsewhere`: another tab, process or machine that shares the store signed out. */
export type SignedOutReason = "initial" | "logout" | "elsewhere" | "expired" | "revoked"

/**
 * How a login reaches the provider: the page itself goes there, a popup window, or a browser that a program opened (RFC
 * 8252).
 */
export type LoginMethod = "redirect" | "popup" | "loopback"

/** What a refresh is doing, while the user stays signed in. */
export type RefreshState =
  /** `waiting`: another tab, process or machine that shares the store is refreshing. */
  | { readonly phase: "idle" | "refreshing" | "waiting" | "offline" }
  /** `retryAt`: milliseconds since the epoch; before it, no request is made. */
  | { readonly phase: "failed"; readonly error: TokenError; readonly retryAt: number }

type SignedIn = Extract<TokenState, { readonly refresh: RefreshState }>

/** The state before the store has been read. */
export const restoring: TokenState = Object.freeze({ status: "restoring" })

export const idle: RefreshState = Object.freeze({ phase: "idle" })

/** Whether the user is signed in: there is a token, or a refresh token to get one. */
export const isSignedIn = (state: TokenState): state is SignedIn => "refresh" in state

/** The properties of a token that its state shows. */
export interface TokenFacts {
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number | undefined
  readonly scope: readonly string[]
  /** Whether a new token can be obtained without a login. */
  readonly isRefreshable: boolean
}

/** The state of a session with this token. Without a way to refresh it is `signedOut`, never `stale`. */
export const stateOfToken = (
  { expiresAt, scope, isRefreshable }: TokenFacts,
  isUsable: boolean,
  refresh: RefreshState = idle,
): TokenState => {
  if (isUsable) return { status: "ready", ...withExpiry({ expiresAt }), scope, refresh }
  return isRefreshable ? { status: "stale", refresh } : signedOut("expired")
}

/** A signed-out state, with its error if there is one. */
export const signedOut = (reason: SignedOutReason, error?: TokenError): TokenState =>
  error === undefined ? { status: "signedOut", reason } : { status: "signedOut", reason, error }

/** The access token can no longer be used. */
export const withoutAccessToken = (state: TokenState, isRefreshable: boolean): TokenState => {
  if (state.status !== "ready") return state
  const { refresh, login } = state
  // A user who is logging in again must not be sent to log in.
  if (!isRefreshable)
    return login === undefined ? signedOut("expired") : { status: "signingIn", method: login }
  return login === undefined ? { status: "stale", refresh } : { status: "stale", refresh, login }
}

/** The state with another refresh phase. A state without a refresh phase stays unchanged. */
export const withRefresh = (state: TokenState, refresh: RefreshState): TokenState =>
  isSignedIn(state) ? { ...state, refresh } : state

/** The state during a login. A user who is signed in stays signed in. */
export const withLogin = (state: TokenState, method: LoginMethod): TokenState =>
  isSignedIn(state) ? { ...state, login: method } : { status: "signingIn", method }

/** The state after a login that failed or was given up. `before` is the state before the login. */
export const withoutLogin = (state: TokenState, before: TokenState, error?: TokenError): TokenState => {
  if (isSignedIn(state)) {
    const { login: _, ...rest } = state
    return rest
  }
  if (error === undefined) return before
  return signedOut(before.status === "signedOut" ? before.reason : "initial", error)
}

/** How long a failed refresh is not repeated, in milliseconds, unless it is forced. */
const failurePause = 1000

/** The longest wait before another refresh, in milliseconds, even if `Retry-After` is longer. */
const longestPause = 300_000

/** The refresh phase after a failure. @param now milliseconds since the epoch */
export const refreshFailed = (error: TokenError, now: number): RefreshState => {
  if (error._tag === "TransportError" && error.reason === "offline") return { phase: "offline" }
  const asked = error._tag === "TokenEndpointUnavailable" ? (error.retryAfter ?? 0) : 0
  return { phase: "failed", error, retryAt: now + Math.min(Math.max(asked, failurePause), longestPause) }
}

/** An object with `expiresAt`, if it is known. */
export const withExpiry = ({
  expiresAt,
}: {
  readonly expiresAt?: number | undefined
}): { readonly expiresAt?: number } => (expiresAt === undefined ? {} : { expiresAt })
