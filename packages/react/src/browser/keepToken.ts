/** Keeps the token of a page fresh while somebody looks at the page. */
import type { TokenSession } from "@ellipsis-oauth/core/promise"
import { listenToPage } from "./pageHints.js"

export interface KeepTokenOptions {
  readonly session: Pick<TokenSession, "getAccessToken" | "getSnapshot" | "subscribe">
  readonly now: () => number
  /** Looks into the store again. */
  readonly look: () => Promise<unknown>
  readonly onRestored: () => void
}

/** Milliseconds before its end at which a token is renewed: a little less than what makes `getAccessToken` renew it. */
const ahead = 59_000

/** Milliseconds between two looks at the clock, at least and at most. Timers stand still while a machine sleeps. */
const shortest = 1_000
const longest = 30_000

export interface KeptToken {
  /** Asks for the token, if the page is visible; a hidden page waits until it is shown. */
  check(): void
  stop(): void
}

export const keepToken = (options: KeepTokenOptions): KeptToken => {
  const { session, now, look, onRestored } = options
  let timer: ReturnType<typeof setTimeout> | undefined
  let isStopped = false

  const arm = () => {
    clearTimeout(timer)
    const state = session.getSnapshot()
    if (isStopped || document.hidden || !("refresh" in state)) return
    const isDue = state.status === "ready" && state.refresh.phase !== "failed"
    const wait = isDue ? (state.expiresAt ?? Number.POSITIVE_INFINITY) - now() - ahead : longest
    timer = setTimeout(check, Math.min(Math.max(wait, shortest), longest))
  }

  const check = () => {
    if (!isStopped && !document.hidden && "refresh" in session.getSnapshot()) {
      // The state tells what it failed with.
      session.getAccessToken().then(arm, arm)
    }
  }

  const unsubscribe = session.subscribe(arm)
  const unlisten = listenToPage({
    onWake: () => {
      if (!document.hidden) void look().then(check)
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
