/** `fetch` with the access token, for the origins that may see it and for no other. The adapters bring their `fetch`. */

/** The part of a `Request` that is read. */
export interface RequestLike {
  readonly url: string
  readonly headers: Iterable<[string, string]>
  readonly body: unknown
  readonly redirect: string
  readonly signal: AbortSignal
  clone(): RequestLike
}

/** The part of a `Response` that is read. */
export interface ResponseLike {
  readonly status: number
  readonly statusText: string
  readonly url: string
  readonly redirected: boolean
  readonly body: { cancel(): Promise<void> } | null
}

/** The part of a `RequestInit` that is read. */
export interface InitLike {
  readonly headers?: unknown
  readonly body?: unknown
  readonly redirect?: string
  readonly signal?: AbortSignal | null
}

type FetchLike = (input: string | RequestLike, init: InitLike) => Promise<ResponseLike>

/** The options of `authorizedFetch`. */
export interface AuthorizedFetchOptions<Fetch> {
  /** Where tokens come from. */
  readonly session: {
    getAccessToken(options: { readonly signal?: AbortSignal | undefined }): Promise<string>
    reportRejected(accessToken: string): void
  }
  /** Whether an absolute URL may see the token. */
  readonly authorizes: (url: string) => boolean
  /** What sends the request. */
  readonly fetch: Fetch
  /** What a relative URL is relative to; none outside of browsers. */
  readonly baseUrl?: () => string | undefined
  /** Whether the body of a `Request` can be read only once, although it does not look like a stream. */
  readonly isReadOnce?: boolean
  /**
   * What a redirect asks for next, or `undefined` where the response is no redirect. Left out where the `fetch` itself
   * follows redirects and drops the header on the way to another origin, as browsers do. It needs `Request`s as input.
   */
  readonly follow?: (
    request: RequestLike,
    response: ResponseLike,
    replay: RequestLike | undefined,
    count: number,
  ) => Promise<RequestLike | undefined>
  /** What comes of a 401 where no other token can be had: the error, or the 401 itself. */
  readonly withoutAnotherToken: "reject" | "return401"
}

/**
 * After a 401 the request is sent once more with another token: the one that another request has got meanwhile, or a
 * new one. The input is read once, at the call. A body that is a stream can be sent only once; then the 401 is returned.
 */
export const authorizedFetch = <Fetch>(options: AuthorizedFetchOptions<Fetch>): Fetch => {
  const { session, authorizes, baseUrl, follow, isReadOnce = false, withoutAnotherToken } = options
  const fetch = options.fetch as FetchLike

  const absolute = (url: string): string | undefined => {
    try {
      return new URL(url, baseUrl?.()).href
    } catch {
      return undefined
    }
  }

  const authorized = async (
    input: string | { readonly href: string } | RequestLike,
    given?: InitLike,
  ): Promise<ResponseLike> => {
    const request = isRequest(input) ? input : undefined
    const url = request?.url ?? absolute(String(input))
    const firstHeaders = new Headers((given?.headers ?? request?.headers) as never)
    if (url === undefined || !authorizes(url) || firstHeaders.has("authorization")) {
      return fetch(input as string | RequestLike, given as InitLike)
    }
    const init = { ...given }
    const signal = init.signal ?? request?.signal
    const redirect = init.redirect ?? request?.redirect ?? "follow"
    const followed = redirect === "follow" ? follow : undefined
    const isRepeatable = !isReadOnce && !isStream(init.body)

    let accessToken = await session.getAccessToken({ signal })
    let isRenewed = false
    let current: string | RequestLike = request ?? url
    let headers = firstHeaders
    for (let redirects = 0; ; ) {
      const replay = isRepeatable ? copy(current) : hasBody(current, init) ? undefined : current
      headers.set("authorization", `Bearer ${accessToken}`)
      const response = await sendWith(current, { ...init, headers, redirect: followed ? "manual" : redirect })
      // A redirect may have led to a place that has not seen the token, and whose 401 says nothing about it.
      const isRefused = response.status === 401 && (!response.redirected || authorizes(response.url))
      if (isRefused) {
        session.reportRejected(accessToken)
        if (isRenewed) return response
        if (replay === undefined) return notRepeated(response)
        const another = await renew(response, signal)
        if (another === undefined || another === accessToken) return response
        discard(response)
        accessToken = another
        isRenewed = true
        current = replay
        continue
      }
      const next =
        followed === undefined || typeof current === "string"
          ? undefined
          : await followed(current, response, replay as RequestLike | undefined, redirects + 1)
      if (next === undefined) return redirects === 0 ? response : asRedirected(response)
      discard(response)
      const rest = withoutBody(init)
      // What has left these origins does not come back with a token: where it leads is for others to say.
      headers = new Headers(next.headers as never)
      if (!authorizes(next.url) || headers.has("authorization")) return asRedirected(await fetch(next, rest))
      Object.assign(init, rest)
      redirects++
      current = next
    }
  }

  const sendWith = (current: string | RequestLike, init: InitLike): Promise<ResponseLike> => {
    if (typeof current === "string") return fetch(current, init)
    // On the request itself: a `fetch` of the caller's may look at nothing else.
    const { headers, redirect, ...rest } = init
    return fetch(new Request(current as never, { headers, redirect } as never) as never, rest)
  }

  const renew = async (
    response: ResponseLike,
    signal: AbortSignal | undefined,
  ): Promise<string | undefined> => {
    try {
      return await session.getAccessToken({ signal })
    } catch (error) {
      if (withoutAnotherToken === "return401" && !signal?.aborted) return undefined
      discard(response)
      throw error
    }
  }

  return authorized as Fetch
}

const isRequest = (input: unknown): input is RequestLike =>
  typeof input === "object" && input !== null && "clone" in input && "url" in input

const isStream = (body: unknown): boolean =>
  typeof body === "object" && body !== null && ("getReader" in body || Symbol.asyncIterator in body)

const hasBody = (current: string | RequestLike, init: InitLike): boolean =>
  (init.body ?? (typeof current === "string" ? null : current.body)) !== null

const copy = (current: string | RequestLike): string | RequestLike =>
  typeof current === "string" || current.body === null ? current : current.clone()

/** A redirect has its own method and body. */
const withoutBody = ({
  headers: _,
  body: __,
  ...init
}: InitLike & { readonly method?: unknown }): InitLike => {
  const { method: ___, ...rest } = init
  return rest
}

/** The error of ky, for one, quotes the status text. */
const notRepeated = (response: ResponseLike): ResponseLike =>
  Object.defineProperty(response, "statusText", {
    value: `${response.statusText} (not sent again with a fresh token, since the body is a stream, which can be read only once)`,
  })

const asRedirected = (response: ResponseLike): ResponseLike =>
  Object.defineProperty(response, "redirected", { value: true })

/** Frees the connection. A body that was read already needs nothing. */
const discard = ({ body }: ResponseLike): void => {
  body?.cancel().catch(() => {})
}
