/** The note of a sign-out, for this page and later ones, which then start no login by themselves. */
import { isSignedIn, type TokenState } from "@ellipsis-oauth/core/promise"
import { readItem, removeItem, setItem } from "./webStorage.js"

export interface SignOutNote {
  /** The user signs out, in every tab. */
  note(): void
  /** The user has signed in. */
  forget(): void
  /** Whether the user has signed out, in any tab, and has not signed in since. */
  isNoted(): boolean
  /** Another tab has cleared `localStorage`. */
  cleared(): void
}

/** The state of this tab. */
interface StateSource {
  getSnapshot(): TokenState
  subscribe(listener: () => void): unknown
}

/**
 * The note for all tabs is in `localStorage`. Many apps clear that when a user signs out, so the tab where the user signs
 * out has a note of its own in `sessionStorage`, and so has each other tab that sees that `localStorage` was cleared.
 */
export const signOutNote = (name: string, source: StateSource): SignOutNote => {
  const ownName = `${name}!signed-out`
  let isCleared = false
  const update = () => {
    const state = source.getSnapshot()
    if (isSignedIn(state)) {
      isCleared = false
      removeItem("session", ownName)
    } else if (state.status === "signedOut") {
      const { reason } = state
      if (reason === "logout" || (isCleared && reason === "elsewhere")) setItem("session", ownName, 1)
    }
  }
  source.subscribe(update)
  return {
    note: () => void setItem("local", name, 1),
    forget: () => removeItem("local", name),
    isNoted: () => readItem("local", name) !== undefined || readItem("session", ownName) !== undefined,
    cleared: () => {
      isCleared = true
      update()
    },
  }
}
