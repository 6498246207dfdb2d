/** The URL that the user comes back to: whose it is, and what is left of it without the authorization response. */

export interface CallbackUrl {
  readonly href: string
  readonly state: string
  /** The URL without the parameters of the response. */
  readonly cleaned: string
}

/** RFC 6749 §4.1.2, RFC 9207 §2, and OpenID Connect Session Management. */
const parameters = ["code", "state", "error", "error_description", "error_uri", "iss", "session_state"]

/** A response at the redirect URI, perhaps another library's; `undefined` for any other URL. */
export const readCallbackUrl = (href: string, redirectUri: string): CallbackUrl | undefined => {
  const url = new URL(href, redirectUri)
  const query = url.searchParams
  const state = query.get("state")
  if (place(url) !== place(new URL(redirectUri)) || !state || !(query.has("code") || query.has("error"))) {
    return undefined
  }
  // The app's own parameters stay as they are, letter by letter.
  url.search = url.search
    .slice(1)
    .split("&")
    .filter((pair) => !parameters.includes(pair.replace(/=.*/, "")))
    .join("&")
  return { href: new URL(href, redirectUri).href, state, cleaned: url.href }
}

const place = ({ origin, pathname }: URL): string => origin + pathname.replace(/\/+$/, "")

/** Whether a state has the form of this library's, and not of another's: 24 bytes, in base64url. */
export const isOwnState = (state: string): boolean => /^[\w-]{32}$/.test(state) && !/^[0-9a-f]+$/i.test(state)
