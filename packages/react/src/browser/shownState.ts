/** The session's state as an app should see it while a page starts and after a callback that was refused. */
import {
  isTokenError,
  type PromiseTokenSession,
  restoring,
  type SignedOutReason,
  type TokenError,
  type TokenState,
} from "@ellipsis-oauth/core/promise"
import { unlessAborted } from "../page/unlessAborted.js"

export interface ShownState {
  getSnapshot(): TokenState
  subscribe(listener: () => void): () => void
  /** Runs what may end in a login: until it has ended, nobody is shown as signed out. Its error is shown then. */
  during<A>(work: () => Promise<A>): Promise<A>
  /** Shows a user who is signed out why, until the state changes. */
  explain(why: { readonly reason?: SignedOutReason; readonly error?: TokenError }): void
  /** Resolves when nothing of that is under way, or rejects when the signal aborts. */
  idle(signal?: AbortSignal): Promise<unknown>
}

export const shownState = (session: PromiseTokenSession): ShownState => {
  const listeners = new Set<() => void>()
  const works = new Set<Promise<unknown>>()
  /** A state of the session, and what to show in its place. */
  let explained: readonly [TokenState, TokenState] | undefined

  const tell = () => {
    for (const listener of [...listeners]) listener()
  }

  const explain: ShownState["explain"] = (why) => {
    const state = session.getSnapshot()
    if (state.status !== "signedOut" && state.status !== "restoring") return
    const known = explained?.[0] === state ? explained[1] : state
    explained = [state, { reason: "initial", ...known, ...why, status: "signedOut" }]
    tell()
  }

  return {
    getSnapshot: () => {
      const state = session.getSnapshot()
      if (explained?.[0] === state && works.size === 0) return explained[1]
      // Nobody is sent to log in who is just coming back from there.
      const isRestoring = state.status === "restoring" || (works.size > 0 && state.status === "signedOut")
      return isRestoring ? restoring : state
    },
    subscribe: (listener) => {
      const unsubscribe = session.subscribe(listener)
      listeners.add(listener)
      return () => {
        unsubscribe()
        listeners.delete(listener)
      }
    },
    during: async (work) => {
      const running = work()
      works.add(running)
      try {
        return await running
      } catch (error) {
        if (isTokenError(error)) explain({ error })
        throw error
      } finally {
        works.delete(running)
        tell()
      }
    },
    explain,
    idle: (signal) => unlessAborted(signal, Promise.allSettled(works)),
  }
}
