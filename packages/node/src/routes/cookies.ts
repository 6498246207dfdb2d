/** Cookies (RFC 6265): what a browser sends, and what it is told to keep. */
import type { AuthRoutesSettings } from "./AuthRoutesOptions.js"

/**
 * The cookies of a request. A name that comes twice is left out: one of the two was planted by somebody else who may
 * set cookies for this host, and nothing tells which.
 */
export const readCookies = (header: string | null | undefined): ReadonlyMap<string, string> => {
  const cookies = new Map<string, string>()
  const repeated = new Set<string>()
  for (const pair of (header ?? "").split(";")) {
    const equals = pair.indexOf("=")
    if (equals === -1) continue
    const name = pair.slice(0, equals).trim()
    if (cookies.has(name)) repeated.add(name)
    cookies.set(name, pair.slice(equals + 1).trim())
  }
  for (const name of repeated) cookies.delete(name)
  return cookies
}

type CookieSettings = Pick<AuthRoutesSettings, "secure" | "cookieName">

/**
 * The name of a cookie of these routes. A browser takes a name that begins with `__Host-` from this host alone, over
 * HTTPS: no sibling subdomain can plant one.
 */
export const cookieNameOf = ({ secure, cookieName }: CookieSettings, purpose: string): string =>
  `${secure ? "__Host-" : ""}${cookieName}-${purpose}`

/** @param lifetime milliseconds; 0 makes the browser forget the cookie */
export const writeCookie = (
  { secure }: CookieSettings,
  name: string,
  value: string,
  lifetime: number,
): string =>
  `${name}=${value}; Path=/; Max-Age=${Math.ceil(lifetime / 1000)}; HttpOnly; SameSite=Lax${secure ? "; Secure" : ""}`
