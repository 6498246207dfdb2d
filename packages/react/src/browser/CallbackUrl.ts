/** The URL that the user comes back to: whose it is, and what is left of it without the authorization response. */

export interface CallbackUrl {
  readonly href: string
  /** Empty for an error that came without one. */
  readonly state: string
}

/** RFC 6749 §4.1.2, RFC 9207 §2, and OpenID Connect Session Management. */
const parameters = ["code", "state", "error", "error_description", "error_uri", "iss", "session_state"]

/** A response at the redirect URI, perhaps another library's; `undefined` for any other URL. */
export const readCallbackUrl = (href: string, redirectUri: string): CallbackUrl | undefined => {
  const url = new URL(href, redirectUri)
  const query = url.searchParams
  const state = query.get("state") ?? ""
  const isResponse = state !== "" ? query.has("code") || query.has("error") : isStateless(query)
  if (!isAt(href, redirectUri) || !isResponse) return undefined
  return { href: url.href, state }
}

/** The URL without the parameters of the response with this state, if it has them: a router may have moved them. */
export const withoutResponse = (href: string, state: string): string => {
  const url = new URL(href)
  const query = url.searchParams
  if ((query.get("state") ?? "") !== state || (state === "" && !isStateless(query))) return href
  // The app's own parameters stay as they are, letter by letter.
  url.search = url.search
    .slice(1)
    .split("&")
    .filter((pair) => !parameters.includes(pair.replace(/=.*/, "")))
    .join("&")
  return url.href
}

/** A server that could not read the request has no state to send back (RFC 6749 §4.1.2.1 asks for it all the same). */
const isStateless = (query: URLSearchParams): boolean => query.has("error") && !query.has("code")

/** An error that came without a state, with the state of the one login that it can belong to. */
export const withState = (href: string, state: string): string => {
  const url = new URL(href)
  if (!url.searchParams.get("state") && isStateless(url.searchParams)) url.searchParams.set("state", state)
  return url.href
}

/** Whether a URL is at the redirect URI, whatever its query. */
export const isAt = (href: string, redirectUri: string): boolean =>
  place(new URL(href, redirectUri)) === place(new URL(redirectUri))

const place = ({ origin, pathname }: URL): string => origin + pathname.replace(/\/+$/, "")

/** Whether a state has the form of this library's, and not of another's: 24 bytes, in base64url. */
export const isOwnState = (state: string): boolean => /^[\w-]{32}$/.test(state) && !/^[0-9a-f]+$/i.test(state)
