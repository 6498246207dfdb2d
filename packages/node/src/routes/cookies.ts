/** Reads and writes cookies (RFC 6265). */
import type { AuthRoutesSettings } from "./AuthRoutesOptions.js"

/**
 * The cookies of a request. A name that occurs twice is left out: another host, which may set cookies for this one, set
 * one of them, and it is not known which. Quotes are a part of a value, since these routes never set a cookie in quotes.
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
 * Removes only spaces and tabs around a text (RFC 6265bis §5.7). `trim` removes more: a name that begins with a
 * non-breaking space would then look like one with the prefix `__Host-`, without the protection of that prefix.
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
 * The name of a cookie of these routes. Browsers accept a name that begins with `__Host-` only from this host, over HTTPS,
 * so no other subdomain can set it.
 */
export const cookieNameOf = ({ secure, cookieName }: CookieSettings, purpose: string): string =>
  `${secure ? "__Host-" : ""}${cookieName}-${purpose}`

/**
 * @param lifetime milliseconds; 0 makes the browser forget the cookie
 * @param options.isReadable whether scripts can read the cookie. Never for a secret.
 */
export const writeCookie = (
  { secure }: CookieSettings,
  name: string,
  value: string,
  lifetime: number,
  { isReadable = false }: { readonly isReadable?: boolean } = {},
): string =>
  `${name}=${value}; Path=/; Max-Age=${Math.ceil(lifetime / 1000)}${isReadable ? "" : "; HttpOnly"}; SameSite=Lax${secure ? "; Secure" : ""}`
