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
  /** Follows the state of this tab, for its own note. Call it once. */
  follow(source: StateSource): void
}

interface StateSource {
  getSnapshot(): TokenState
  subscribe(listener: () => void): unknown
}

/**
 * The note for all tabs is in `localStorage`. This tab has another one in `sessionStorage`, since many apps clear
 * `localStorage` when a user signs out.
 */
export const signOutNote = (name: string): SignOutNote => {
  const ownName = `${name}!signed-out`
  return {
    note: () => void setItem("local", name, 1),
    forget: () => removeItem("local", name),
    isNoted: () => readItem("local", name) !== undefined || readItem("session", ownName) !== undefined,
    follow: (source) => {
      source.subscribe(() => {
        const state = source.getSnapshot()
        if (isSignedIn(state)) removeItem("session", ownName)
        else if (state.status === "signedOut" && state.reason === "logout") setItem("session", ownName, 1)
      })
    },
  }
}
