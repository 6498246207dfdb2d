/** Sees to it that a page which shows the access token has a valid one, for as long as somebody can look at it. */
import type { TokenState } from "@ellipsis-oauth/core"
import type { TokenProviderClient } from "../TokenProviderClient.js"

/** A client renews a token this long before its end, in milliseconds, if it lives long enough. */
const minValidity = 60_000

/** The first and the longest pause after a refresh that failed, in milliseconds. */
const firstPause = 1_000
const longestPause = 60_000

/** The longest timer of the platforms: anything longer would fire at once. */
const longestTimer = 2 ** 31 - 1

/**
 * Asks the client for a token whenever there should be one: the client decides whether that takes a request. The
 * timer is a hint only, and a page in the background asks for nothing until it is seen again.
 *
 * @returns ends it
 */
export const keepFresh = (client: TokenProviderClient): (() => void) => {
  let timer: ReturnType<typeof setTimeout> | undefined
  let failures = 0
  /** Before this, in milliseconds since the epoch, nothing is asked for: no answer, however strange, makes it busy. */
  let notBefore = 0
  let asking = false
  let ended = false

  const ask = async () => {
    asking = true
    try {
      await client.getAccessToken()
      failures = 0
    } catch {
      // The state and the client's events tell of it.
      failures++
    }
    asking = false
    notBefore = Date.now() + Math.min(firstPause * 2 ** failures, longestPause)
    check()
  }
  const check = () => {
    clearTimeout(timer)
    if (ended || asking || document.visibilityState === "hidden") return
    const wait = untilNext(client.getSnapshot(), client.peekAccessToken())
    if (wait === undefined) return
    timer = setTimeout(ask, Math.min(Math.max(wait, notBefore - Date.now()), longestTimer))
  }

  const unsubscribe = client.subscribe(check)
  document.addEventListener("visibilitychange", check)
  check()
  return () => {
    ended = true
    clearTimeout(timer)
    unsubscribe()
    document.removeEventListener("visibilitychange", check)
  }
}

/** @returns milliseconds until a token should be asked for; `undefined` where that would not help */
const untilNext = (state: TokenState, accessToken: string | undefined): number | undefined => {
  if (!("refresh" in state)) return undefined
  const { refresh } = state
  // Only what may pass by itself is tried again by itself.
  if (refresh.phase === "failed")
    return refresh.error.action === "retry" ? refresh.retryAt - Date.now() + 1 : undefined
  // Whoever refreshes tells when it is done; what is offline, the client tries again when it is online.
  if (refresh.phase !== "idle") return undefined
  if (accessToken === undefined || state.status === "stale") return 0
  if (state.expiresAt === undefined) return undefined
  // A token that lives for less than two minutes is renewed after half its life.
  const left = state.expiresAt - Date.now()
  return Math.max(left - minValidity, left / 2)
}
