/** Keeps the token of a page fresh while the page is visible. */
import { isSignedIn, type PromiseTokenSession } from "@ellipsis-oauth/core/promise"
import { listenToPage } from "./listenToPage.js"

export interface KeepTokenFreshOptions {
  readonly session: Pick<PromiseTokenSession, "getAccessToken" | "getSnapshot" | "subscribe">
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Reads what other tabs have done while this page was hidden. */
  readonly reload: () => Promise<unknown>
  /** The browser restored the page from its cache. */
  readonly onRestored: () => void
  /** The token is about to expire, or has expired, and this page could not refresh it. */
  readonly onNotRenewed?: (() => void) | undefined
}

/** When a token is refreshed, in milliseconds before it expires: a little less than the default of `minValidity`. */
const renewBefore = 59_000

/** Milliseconds between two checks, at least and at most. Timers stand still while a machine sleeps. */
const shortestPause = 1_000
const longestPause = 30_000

export interface TokenKeeper {
  /** Requests the token if the page is visible. A hidden page waits until it is shown. */
  check(): void
  stop(): void
}

export const keepTokenFresh = (options: KeepTokenFreshOptions): TokenKeeper => {
  const { session, now, reload, onRestored, onNotRenewed } = options
  let timer: ReturnType<typeof setTimeout> | undefined
  let isStopped = false

  const schedule = () => {
    clearTimeout(timer)
    const state = session.getSnapshot()
    if (isStopped || document.hidden || !isSignedIn(state)) return
    // A look at the state may find that the token has expired, and tells so.
    const end = state.status === "stale" ? now() : (state.expiresAt ?? Number.POSITIVE_INFINITY)
    const wait = state.refresh.phase === "failed" ? longestPause : end - now() - renewBefore
    timer = setTimeout(check, Math.min(Math.max(wait, shortestPause), longestPause))
  }

  const tellIfDue = () => {
    const state = session.getSnapshot()
    const isExpired = state.status === "signedOut" && state.reason === "expired"
    const isDue =
      state.status === "ready" && (state.expiresAt ?? Number.POSITIVE_INFINITY) - now() < renewBefore
    if (!isStopped && (isDue || isExpired)) onNotRenewed?.()
    schedule()
  }

  const check = () => {
    if (!isStopped && !document.hidden && isSignedIn(session.getSnapshot())) {
      // The state shows the failure.
      session.getAccessToken().then(tellIfDue, tellIfDue)
    }
  }

  const unsubscribe = session.subscribe(schedule)
  const unlisten = listenToPage({
    onWake: () => {
      if (!document.hidden) void reload().then(check)
    },
    onRestored,
  })
  return {
    check,
    stop: () => {
      isStopped = true
      clearTimeout(timer)
      unsubscribe()
      unlisten()
    },
  }
}
