/** The HTTP responses of the routes. No response is cached or framed, and none sends a referrer to another site. */

type HeaderFields = Readonly<Record<string, string>>

const common: HeaderFields = {
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "cross-origin-resource-policy": "same-origin",
}

const noPage = {
  "content-security-policy":
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
}

const withCookies = (fields: HeaderFields, cookies: readonly string[]): Headers => {
  const headers = new Headers({ ...common, ...fields })
  for (const cookie of cookies) headers.append("set-cookie", cookie)
  return headers
}

export const respondEmpty = (cookies: readonly string[]): Response =>
  new Response(null, { status: 204, headers: withCookies(noPage, cookies) })

/** 303, so that the browser sends GET next. */
export const respondRedirect = (location: string, cookies: readonly string[]): Response =>
  new Response(null, { status: 303, headers: withCookies({ ...noPage, location }, cookies) })

export const respondJson = (
  status: number,
  body: unknown,
  fields: HeaderFields = {},
  cookies: readonly string[] = [],
): Response => {
  const headers = withCookies({ ...noPage, "content-type": "application/json", ...fields }, cookies)
  return new Response(JSON.stringify(body), { status, headers })
}

/** @param policy its `Content-Security-Policy` */
export const respondHtml = (
  status: number,
  html: string,
  policy: string,
  fields: HeaderFields,
  cookies: readonly string[],
): Response => {
  const page = { "content-type": "text/html; charset=utf-8", "content-security-policy": policy }
  return new Response(html, { status, headers: withCookies({ ...page, ...fields }, cookies) })
}

/** The app's own response, with the security headers of the others. */
export const respondWith = (response: Response, cookies: readonly string[]): Response => {
  const { status, statusText, body } = response
  const headers = new Headers(response.headers)
  for (const [name, value] of Object.entries(common)) headers.set(name, value)
  for (const cookie of cookies) headers.append("set-cookie", cookie)
  return new Response(body, { status, statusText, headers })
}
