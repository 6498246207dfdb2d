/** The request that follows a redirect, by the rules of the Fetch standard ("HTTP-redirect fetch"). */

/** The most redirects that are followed, as in `fetch`. */
export const maximumRedirects = 20

/**
 * The next request, or `undefined` if the response is not a redirect. Another origin gets no credentials.
 *
 * @param replay the request with its body unread; `undefined` if the body can be read only once
 * @throws TypeError as `fetch` does, for a redirect that cannot be followed
 */
export const redirectedRequest = async (
  request: Request,
  response: Response,
  replay: Request | undefined,
): Promise<Request | undefined> => {
  const { status } = response
  const location = response.headers.get("location")
  if (![301, 302, 303, 307, 308].includes(status) || location === null) return undefined
  const url = readLocation(location, request.url)
  const { method, signal, integrity } = request
  const becomesGet =
    ([301, 302].includes(status) && method === "POST") ||
    (status === 303 && method !== "GET" && method !== "HEAD")
  const headers = new Headers(request.headers)
  if (becomesGet) drop(headers, aboutTheBody)
  if (url.origin !== new URL(request.url).origin) drop(headers, forOneOrigin)
  const next = { method: becomesGet ? "GET" : method, headers, signal, integrity }
  if (becomesGet || request.body === null) return new Request(url, next)
  if (replay === undefined) throw refused("it requires the body again, and a stream can be read only once")
  // The bytes, because a stream would be sent without a content length.
  return new Request(url, { ...next, body: await replay.arrayBuffer() })
}

/** The same error as that of `fetch`, so that callers handle it in the same way. */
export const refused = (problem: string): TypeError =>
  new TypeError("fetch failed", { cause: new Error(`The redirect was not followed: ${problem}.`) })

const readLocation = (location: string, base: string): URL => {
  const url = URL.canParse(location, base) ? new URL(location, base) : undefined
  if (url?.protocol !== "https:" && url?.protocol !== "http:") throw refused("its location is no http: URL")
  if (url.username !== "" || url.password !== "") throw refused("its location has a password")
  if (url.hash === "") url.hash = new URL(base).hash
  return url
}

const aboutTheBody = [
  "content-encoding",
  "content-language",
  "content-length",
  "content-location",
  "content-type",
]

const forOneOrigin = ["authorization", "cookie", "host", "proxy-authorization"]

const drop = (headers: Headers, names: readonly string[]): void => {
  for (const name of names) headers.delete(name)
}
