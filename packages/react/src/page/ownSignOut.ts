/** The note of a sign-out in this tab. */
import { isSignedIn, type TokenState } from "@ellipsis-oauth/core/promise"
import { readItem, removeItem, setItem } from "./webStorage.js"

export interface OwnSignOut {
  /** The user has signed out here. */
  note(): void
  /** Whether the user has signed out here, and has not been signed in here since. */
  isNoted(): boolean
}

/** In `sessionStorage`, since many apps clear `localStorage`, where the note for all tabs is, when a user signs out. */
export const ownSignOut = (
  name: string,
  session: { getSnapshot(): TokenState; subscribe(listener: () => void): unknown },
): OwnSignOut => {
  const key = `${name}!signed-out`
  session.subscribe(() => {
    if (isSignedIn(session.getSnapshot())) removeItem("session", key)
  })
  return {
    note: () => void setItem("session", key, 1),
    isNoted: () => readItem("session", key) !== undefined,
  }
}
