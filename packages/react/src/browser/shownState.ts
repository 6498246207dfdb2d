/** The state that an app sees while a page starts, and after a callback that was refused. */
import {
  callQuietly,
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
  /** Runs work that may sign the user in. Until it ends, no signed-out state is shown. Then its error is shown. */
  during<A>(work: () => Promise<A>): Promise<A>
  /** Shows why a user is signed out, until the state changes. */
  explain(why: { readonly reason?: SignedOutReason; readonly error?: TokenError }): void
  /** Resolves when no such work is under way, or rejects when the signal aborts. */
  idle(signal?: AbortSignal): Promise<unknown>
}

export const shownState = (session: PromiseTokenSession): ShownState => {
  const listeners = new Set<() => void>()
  const works = new Set<Promise<unknown>>()
  /** A state of the session, and the state to show instead. */
  let explained: readonly [TokenState, TokenState] | undefined

  const tell = () => {
    for (const listener of [...listeners]) callQuietly(listener)
  }
  session.subscribe(tell)

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
      // A user who is just coming back from a login must not be sent to log in.
      const isRestoring = state.status === "restoring" || (works.size > 0 && state.status === "signedOut")
      return isRestoring ? restoring : state
    },
    subscribe: (listener) => {
      const own = () => listener()
      listeners.add(own)
      return () => {
        listeners.delete(own)
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
