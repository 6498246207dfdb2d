/**
 * The `fetch` below a ky instance. The token is put on the request here, below everything that ky shows to hooks and
 * errors, and only where it goes to an origin that it is meant for.
 */
import type { TokenSession } from "@ellipsis-oauth/core"
import { maximumRedirects, redirectedRequest, refused } from "./redirectedRequest.js"

export type KyFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

export interface BearerFetchOptions {
  readonly session: Pick<TokenSession, "getAccessToken" | "reportRejected">
  /** Who may see the token. */
  readonly origins: ReadonlySet<string>
  /** Whether the body is a stream, which cannot be sent twice. */
  readonly readOnce: boolean
  readonly fetch: KyFetch
}

export const bearerFetch =
  ({ session, origins, readOnce, fetch }: BearerFetchOptions): KyFetch =>
  async (input, init) => {
    const request = input instanceof Request ? input : new Request(input)
    const mayHaveToken = ({ url, headers }: Request) =>
      origins.has(new URL(url).origin) && !headers.has("authorization")
    if (!mayHaveToken(request)) return fetch(request, init)

    const { signal, redirect } = request
    let accessToken = await session.getAccessToken({ signal })
    let renewed = false
    let current = request
    for (let redirects = 0; ; ) {
      const replay = current.body === null ? current : readOnce ? undefined : current.clone()
      const response = await fetch(withToken(current, accessToken), init)
      if (response.status === 401) {
        session.reportRejected(accessToken)
        if (renewed) return response
        if (replay === undefined) return explain(response)
        const fresh = await renew(session, response, signal)
        if (fresh === accessToken) return response
        discard(response)
        accessToken = fresh
        renewed = true
        current = replay
        continue
      }
      const next = redirect === "follow" ? await redirectedRequest(current, response, replay) : undefined
      if (next === undefined) return redirects === 0 ? response : redirected(response)
      discard(response)
      // What has left these origins does not come back with a token: where it leads is for others to say.
      if (!mayHaveToken(next)) return redirected(await fetch(next, init))
      if (++redirects > maximumRedirects) throw refused("there are too many")
      current = next
    }
  }

/** `fetch` would follow a redirect with the token. */
const withToken = (request: Request, accessToken: string): Request => {
  const headers = new Headers(request.headers)
  headers.set("authorization", `Bearer ${accessToken}`)
  const { redirect } = request
  return new Request(request, { headers, redirect: redirect === "follow" ? "manual" : redirect })
}

const renew = async (
  session: BearerFetchOptions["session"],
  response: Response,
  signal: AbortSignal,
): Promise<string> => {
  try {
    return await session.getAccessToken({ signal })
  } catch (error) {
    discard(response)
    throw error
  }
}

/** ky's error quotes the status text. */
const explain = (response: Response): Response =>
  Object.defineProperty(response, "statusText", {
    value: `${response.statusText} (not sent again with a fresh token, since the body is a stream, which can be read only once)`,
  })

const redirected = (response: Response): Response =>
  Object.defineProperty(response, "redirected", { value: true })

/** Frees the connection. A body that was read already needs nothing. */
const discard = ({ body }: Response): void => {
  body?.cancel().catch(() => {})
}
