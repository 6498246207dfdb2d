/** Notes about logins and sign-outs for later pages of an app. They contain no secret. */
import { withStorage } from "../page/webStorage.js"

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
  const set = (kind: "local" | "session") => {
    withStorage(kind, (area) => area.setItem(name, "1"))
  }
  const has = (kind: "local" | "session") => withStorage(kind, (area) => area.getItem(name)) != null
  const remove = (kind: "local" | "session") => {
    withStorage(kind, (area) => area.removeItem(name))
  }
  return {
    loginBegins: () => set("session"),
    hasLeft: () => has("session"),
    takeLogin: () => {
      const hasLeft = has("session")
      remove("session")
      return hasLeft
    },
    signOutBegins: () => set("local"),
    isSignedOut: () => has("local"),
    forgetSignOut: () => remove("local"),
  }
}
