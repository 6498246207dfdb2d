/**
 * Whether it is worth asking the backend for a token. Its routes set a cookie at each login that scripts can read and
 * that holds no secret. Once they have said that nobody is signed in, the page asks again only when that cookie has
 * changed. If the cookie is changed or removed by hand, the page makes one request, and no user is signed out.
 */
import { readItem, setItem, withStorage } from "../page/webStorage.js"

export interface SignedInHint {
  /** What the cookie says now; empty where there is none. */
  read(): string
  /** Whether the backend has said that nobody is signed in, and has set no other cookie since. */
  isSignedOut(): boolean
  /** The backend has said that nobody is signed in. @param hint what the cookie said when it was asked */
  noteSignedOut(hint: string): void
  /** The backend has given a token. */
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
    noteSignedIn: () => withStorage("local", (storage) => storage.removeItem(name)),
  }
}

/** None in a frame that may not have any. */
const readCookies = (): readonly string[] => {
  try {
    return document.cookie.split("; ")
  } catch {
    return []
  }
}
