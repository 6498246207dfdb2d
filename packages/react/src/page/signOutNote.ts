/** The note of a sign-out, for this page and later ones, which then start no login by themselves. */
import { isSignedIn, type TokenState } from "@ellipsis-oauth/core/promise"
import { readItem, removeItem, setItem } from "./webStorage.js"

export interface SignOutNote {
  /** The user signs out, in every tab. */
  note(): void
  /** The user has signed in. */
  forget(): void
  /** Whether the user has signed out, and has not signed in since. */
  isNoted(): boolean
  /** Keeps the note for the next page of this tab, until the returned function is called. */
  open(): () => void
}

/** The state of this tab. */
interface StateSource {
  getSnapshot(): TokenState
  subscribe(listener: () => void): unknown
}

/**
 * The note for all tabs is in `localStorage`. Many apps clear that when a user signs out, and `sessionStorage` too. So a
 * page that is left writes a note for its own tab if the other one is gone.
 */
export const signOutNote = (name: string, source: StateSource): SignOutNote => {
  const ownName = `${name}!signed-out`
  const isForAll = () => readItem("local", name) !== undefined
  const isShown = () => {
    const state = source.getSnapshot()
    return state.status === "signedOut" && (state.reason === "logout" || state.reason === "elsewhere")
  }
  source.subscribe(() => {
    if (isSignedIn(source.getSnapshot())) removeItem("session", ownName)
  })
  return {
    note: () => void setItem("local", name, 1),
    forget: () => removeItem("local", name),
    isNoted: () => isForAll() || isShown() || readItem("session", ownName) !== undefined,
    open: () => {
      const onLeave = () => {
        if (isShown() && !isForAll()) setItem("session", ownName, 1)
      }
      addEventListener("pagehide", onLeave)
      return () => removeEventListener("pagehide", onLeave)
    },
  }
}
