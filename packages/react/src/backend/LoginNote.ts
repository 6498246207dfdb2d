/** Notes about logins and sign-outs for later pages of an app. They contain no secret. */
import { readItem, removeItem, setItem } from "../page/webStorage.js"

export interface LoginNote {
  /** This tab leaves for a login. */
  loginBegins(): void
  /** Whether this tab left for a login that has not ended yet. */
  hasLeft(): boolean
  /** The same, and removes the note, so that only the first caller gets `true`. */
  takeLogin(): boolean
  /** The user signs out, in every tab. */
  signOutBegins(): void
  /** Whether the user signed out, in any tab, and has not signed in since. */
  isSignedOut(): boolean
  forgetSignOut(): void
}

export const loginNote = (name: string): LoginNote => {
  const hasLeft = () => readItem("session", name) !== undefined
  return {
    loginBegins: () => void setItem("session", name, 1),
    hasLeft,
    takeLogin: () => {
      const left = hasLeft()
      removeItem("session", name)
      return left
    },
    signOutBegins: () => void setItem("local", name, 1),
    isSignedOut: () => readItem("local", name) !== undefined,
    forgetSignOut: () => removeItem("local", name),
  }
}
