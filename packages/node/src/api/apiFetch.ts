/** `fetch` with a session's access token. It follows redirects itself, since Node's `fetch` would send the token along. */
import { authorizedFetch, type PromiseTokenSession, type RequestLike } from "@ellipsis-oauth/core/promise"
import { maximumRedirects, redirectedRequest, refused } from "./redirectedRequest.js"

/** The type of `fetch`, for calls of an API with the session's token. */
export type ApiFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

export interface ApiFetchOptions {
  readonly session: Pick<PromiseTokenSession, "getAccessToken" | "reportRejected">
  /** The origins that get the token. */
  readonly origins: ReadonlySet<string>
  /** Whether the body is a stream, which cannot be sent twice. */
  readonly isReadOnce: boolean
  readonly fetch: ApiFetch
}

/** Makes a `fetch` that takes a `Request`, as ky passes it. */
export const apiFetch = ({ session, origins, isReadOnce, fetch }: ApiFetchOptions): ApiFetch =>
  authorizedFetch<ApiFetch>({
    session,
    authorizes: (url) => origins.has(new URL(url).origin),
    fetch,
    isReadOnce,
    withoutAnotherToken: "reject",
    follow: async (request, response, replay, count) => {
      const next = await redirectedRequest(
        request as unknown as Request,
        response as unknown as Response,
        replay as unknown as Request | undefined,
      )
      if (next !== undefined && count > maximumRedirects) throw refused("there are too many")
      return next as unknown as RequestLike | undefined
    },
  })

export const isStream = (body: unknown): boolean =>
  typeof body === "object" &&
  body !== null &&
  (body instanceof ReadableStream || Symbol.asyncIterator in body)
