/** Where a browser goes after the login: a page of this app, and nowhere else (RFC 9700 §4.11). */
import { Refusal } from "./AuthProblem.js"
import type { AuthRoutesSettings } from "./AuthRoutesOptions.js"

type OwnPlace = Pick<AuthRoutesSettings, "origin" | "basePath">

/** In characters, because it must fit into the login's cookie. */
const longest = 2048

/** Characters that URL parsers, browsers and proxies read differently: control characters, spaces, backslashes. */
const ambiguous = /[\p{Cc}\p{Zs}\p{Zl}\p{Zp}\\\p{Surrogate}]/u

/** A path that leads to another host if it is decoded again, or resolved as a relative URL. */
const doubleSlash = /^\/(?:[/\\]|%2f|%5c)/i

/**
 * The target as an absolute URL of this origin; `undefined` for anything else, and for the routes themselves, since a
 * login that returns to itself never ends.
 *
 * @param value a path such as `/maps?open=1`, or a whole URL of this origin
 */
export const readReturnTo = (value: string, { origin, basePath }: OwnPlace): string | undefined => {
  if (value.length > longest || ambiguous.test(value)) return undefined
  if (!value.startsWith("/") && !value.startsWith(`${origin}/`)) return undefined
  if (!URL.canParse(value, origin)) return undefined
  const url = new URL(value, origin)
  const { href, pathname, username, password } = url
  if (url.origin !== origin || username !== "" || password !== "") return undefined
  if (doubleSlash.test(pathname) || href.length > longest) return undefined
  const ownPaths = ["login", "callback", "token", "logout"].map((route) => `${basePath}/${route}`)
  return ownPaths.includes(pathname) ? undefined : href
}

/** The `returnTo` of a request, or the home page if there is none. */
export const requireReturnTo = (request: Request, place: OwnPlace): string => {
  const [value = "/", ...more] = new URL(request.url).searchParams.getAll("returnTo")
  const target = more.length > 0 ? undefined : readReturnTo(value, place)
  if (target !== undefined) return target
  throw new Refusal("invalid_request", '"returnTo" must be the path of a page of this app.')
}
