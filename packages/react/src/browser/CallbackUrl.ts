/** Reads the authorization response in a URL, and removes it from the URL. */

export interface CallbackUrl {
  readonly href: string
  /** Empty for an error without a state. */
  readonly state: string
}

/** RFC 6749 §4.1.2, RFC 9207 §2, and OpenID Connect Session Management. */
const parameters = ["code", "state", "error", "error_description", "error_uri", "iss", "session_state"]

/** What looks like a response in a URL. It may be for another library, or a parameter of the app. */
export const readCallbackUrl = (href: string): CallbackUrl | undefined => {
  let url: URL
  try {
    url = new URL(href, location.origin)
  } catch {
    return undefined
  }
  const query = url.searchParams
  const states = query.getAll("state")
  const state = states.find(isOwnState) ?? states[0] ?? ""
  const isResponse = state !== "" ? query.has("code") || query.has("error") : isStateless(query)
  return isResponse ? { href: url.href, state } : undefined
}

/** The URL without the parameters of the response with this state. A router may have removed them already. */
export const withoutResponse = (href: string, state: string): string => {
  const url = new URL(href)
  const query = url.searchParams
  if (state === "" ? !isStateless(query) : !query.getAll("state").includes(state)) return href
  // The app's own parameters stay unchanged.
  url.search = url.search
    .slice(1)
    .split("&")
    .filter((pair) => !parameters.includes(pair.replace(/=.*/, "")))
    .join("&")
  return url.href
}

/** An error without a state: a server that could not read the request may send one, against RFC 6749 §4.1.2.1. */
const isStateless = (query: URLSearchParams): boolean => query.has("error") && !query.has("code")

/** Adds the state of the only possible login to an error without a state. */
export const withState = (href: string, state: string): string => {
  const url = new URL(href)
  if (!url.searchParams.get("state") && isStateless(url.searchParams)) url.searchParams.set("state", state)
  return url.href
}

/** Whether a URL is the redirect URI, with any query. */
export const isAt = (href: string, redirectUri: string): boolean =>
  place(new URL(href, redirectUri)) === place(new URL(redirectUri))

const place = ({ origin, pathname }: URL): string => origin + pathname.replace(/\/+$/, "")

/** Whether a state has the form of this library's states: 24 bytes in base64url. */
export const isOwnState = (state: string): boolean => /^[\w-]{32}$/.test(state) && !/^[0-9a-f]+$/i.test(state)
