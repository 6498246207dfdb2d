/** Where a browser goes after the login: a page of this app, and nowhere else (RFC 9700 §4.11). */

/** In characters. The login's cookie holds it. */
const longest = 1024

/** What URL parsers, browsers and proxies read differently: control characters, spaces, backslashes. */
const ambiguous = /[\p{Cc}\p{Zs}\p{Zl}\p{Zp}\\\p{Surrogate}]/u

/** A path that somebody who decodes it once more, or resolves it alone, takes for another host's. */
const doubleSlash = /^\/(?:[/\\]|%2f|%5c)/i

/**
 * The target as an absolute URL of this origin; `undefined` for anything else.
 *
 * @param value a path such as `/maps?open=1`, or a whole URL of this origin
 * @param basePath the routes' own: a login that returns to itself never ends
 */
export const readReturnTo = (value: string, origin: string, basePath: string): string | undefined => {
  if (value.length > longest || ambiguous.test(value)) return undefined
  if (!value.startsWith("/") && !value.startsWith(`${origin}/`)) return undefined
  if (!URL.canParse(value, origin)) return undefined
  const url = new URL(value, origin)
  if (url.origin !== origin || url.username !== "" || url.password !== "") return undefined
  if (doubleSlash.test(url.pathname) || url.href.length > 2 * longest) return undefined
  const ownPaths = ["login", "callback", "token", "logout"].map((route) => `${basePath}/${route}`)
  return ownPaths.includes(url.pathname) ? undefined : url.href
}
