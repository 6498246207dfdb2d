/** Cookies (RFC 6265): what a browser sends, and what it is told to keep. */
import type { AuthRoutesSettings } from "./AuthRoutesOptions.js"

/**
 * The cookies of a request. A name that comes twice is left out: one of the two was planted by another host that may
 * set cookies for this one, and nothing tells which. Names and values are compared as they are, quotes included: these
 * routes never set a cookie in quotes.
 */
export const readCookies = (header: string | null | undefined): ReadonlyMap<string, string> => {
  const cookies = new Map<string, string>()
  const repeated = new Set<string>()
  for (const pair of (header ?? "").split(";")) {
    const equals = pair.indexOf("=")
    if (equals === -1) continue
    const name = trimBlanks(pair.slice(0, equals))
    if (cookies.has(name)) repeated.add(name)
    cookies.set(name, trimBlanks(pair.slice(equals + 1)))
  }
  for (const name of repeated) cookies.delete(name)
  return cookies
}

/**
 * Without the spaces and tabs around it, and nothing else (RFC 6265bis §5.7). `trim` takes more away: a browser stores
 * a non-breaking space as part of a name, and such a name has no `__Host-` prefix that would protect it.
 */
const trimBlanks = (text: string): string => {
  let start = 0
  let end = text.length
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09

type CookieSettings = Pick<AuthRoutesSettings, "secure" | "cookieName">

/**
 * The name of a cookie of these routes. A browser takes a name that begins with `__Host-` from this host alone, over
 * HTTPS: no sibling subdomain can plant one.
 */
export const cookieNameOf = ({ secure, cookieName }: CookieSettings, purpose: string): string =>
  `${secure ? "__Host-" : ""}${cookieName}-${purpose}`

/**
 * @param lifetime milliseconds; 0 makes the browser forget the cookie
 * @param options.isReadable for scripts: only for what is no secret
 */
export const writeCookie = (
  { secure }: CookieSettings,
  name: string,
  value: string,
  lifetime: number,
  { isReadable = false }: { readonly isReadable?: boolean } = {},
): string =>
  `${name}=${value}; Path=/; Max-Age=${Math.ceil(lifetime / 1000)}${isReadable ? "" : "; HttpOnly"}; SameSite=Lax${secure ? "; Secure" : ""}`
