/** The URL that the user comes back to: whose it is, and what is left of it without the authorization response. */

export interface CallbackUrl {
  readonly href: string
  readonly state: string
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
  return { href: url.href, state }
}

/** The URL without the parameters of the response with this state, if it has them: a router may have moved them. */
export const withoutResponse = (href: string, state: string): string => {
  const url = new URL(href)
  if (url.searchParams.get("state") !== state) return href
  // The app's own parameters stay as they are, letter by letter.
  url.search = url.search
    .slice(1)
    .split("&")
    .filter((pair) => !parameters.includes(pair.replace(/=.*/, "")))
    .join("&")
  return url.href
}

const place = ({ origin, pathname }: URL): string => origin + pathname.replace(/\/+$/, "")

/** Whether a state has the form of this library's, and not of another's: 24 bytes, in base64url. */
export const isOwnState = (state: string): boolean => /^[\w-]{32}$/.test(state) && !/^[0-9a-f]+$/i.test(state)
