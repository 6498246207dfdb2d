/** The note of a login for the later pages of a tab. */
import { readItem, removeItem, setItem } from "../page/webStorage.js"

export interface LoginNote {
  /** This tab leaves for a login. */
  loginBegins(): void
  /** Whether this tab left for a login that has not ended yet. */
  hasLeft(): boolean
  /** The same, and removes the note, so that only the first caller gets `true`. */
  takeLogin(): boolean
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
  }
}
