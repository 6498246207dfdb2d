/** The replies of the routes. None is ever cached, framed or sniffed, and none tells another site where it came from. */
import { createHash } from "node:crypto"
import type { AuthProblem } from "./AuthProblem.js"

const common = {
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "cross-origin-resource-policy": "same-origin",
}

const nothing = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

const headersOf = (special: Readonly<Record<string, string>>, cookies: readonly string[]): Headers => {
  const headers = new Headers({ ...common, "content-security-policy": nothing, ...special })
  for (const cookie of cookies) headers.append("set-cookie", cookie)
  return headers
}

export const respondEmpty = (cookies: readonly string[] = []): Response =>
  new Response(null, { status: 204, headers: headersOf({}, cookies) })

export const respondJson = (
  status: number,
  body: unknown,
  special: Readonly<Record<string, string>> = {},
  cookies: readonly string[] = [],
): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: headersOf({ "content-type": "application/json", ...special }, cookies),
  })

/** 303: the browser goes on with GET, whatever brought it here. */
export const respondRedirect = (location: string, cookies: readonly string[] = []): Response =>
  new Response(null, { status: 303, headers: headersOf({ location }, cookies) })

/** A page of the app's own: it may bring styles and images of this origin, and no script. */
export const respondHtml = (
  status: number,
  html: string,
  special: Readonly<Record<string, string>>,
  cookies: readonly string[],
  contentSecurityPolicy = ownPagePolicy,
): Response => {
  const own = { "content-type": "text/html; charset=utf-8", "content-security-policy": contentSecurityPolicy }
  return new Response(html, { status, headers: headersOf({ ...own, ...special }, cookies) })
}

/** A response of the app's own, made as private as the others. */
export const respondWith = (response: Response, cookies: readonly string[]): Response => {
  const { status, statusText, body } = response
  const headers = new Headers(response.headers)
  for (const [name, value] of Object.entries(common)) headers.set(name, value)
  for (const cookie of cookies) headers.append("set-cookie", cookie)
  return new Response(body, { status, statusText, headers })
}

const ownPagePolicy =
  "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

const style =
  "body{font:1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:20vh auto 0;padding:0 1rem;color-scheme:light dark}"

export const pagePolicy = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`

/** The plain page. Everything in it was written here, apart from the login's path, which the app chose. */
export const errorPage = ({ status, description, action, loginUrl }: AuthProblem): string => {
  const heading = action === "login" ? "Not logged in" : action === "retry" ? "Not now" : "This did not work"
  const link = action === "fix" ? "" : `\n<p><a href="${escapeHtml(loginUrl)}">Log in</a></p>`
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${heading}</title>
<style>${style}</style>
<h1>${heading}</h1>
<p>${escapeHtml(description)}</p>${link}
<p><small>HTTP ${status}</small></p>
</html>
`
}

const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
