/**
 * Decides whether to request a token from the backend. At each login its routes set a cookie that scripts can read. It
 * contains no secret. If the backend has said that no user is signed in, the page asks again only after that cookie has
 * changed. If the cookie is changed or removed by hand, the page makes one request, and no user is signed out.
 */
import { readItem, removeItem, setItem } from "../page/webStorage.js"

export interface SignedInHint {
  /** What the cookie says now; empty where there is none. */
  read(): string
  /** Whether the backend has said that no user is signed in, and the cookie has not changed since. */
  isSignedOut(): boolean
  /** The backend has said that no user is signed in. @param hint the cookie's value at the time of the request */
  noteSignedOut(hint: string): void
  /** The backend has returned a token. */
  noteSignedIn(): void
}

/** @param name of the item in `localStorage`, where all tabs find the note */
export const signedInHint = (name: string): SignedInHint => {
  const read = () =>
    readCookies()
      .filter((pair) => /^(__Host-)?[A-Za-z][\w-]*-signed-in=/.test(pair))
      .sort()
      .join("; ")
  return {
    read,
    isSignedOut: () => readItem("local", name) === read(),
    noteSignedOut: (hint) => void setItem("local", name, hint),
    noteSignedIn: () => removeItem("local", name),
  }
}

/** Empty in a frame that may not use cookies. */
const readCookies = (): readonly string[] => {
  try {
    return document.cookie.split("; ")
  } catch {
    return []
  }
}
