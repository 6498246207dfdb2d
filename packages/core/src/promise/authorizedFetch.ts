/** `fetch` that adds the access token, only for origins that may see it. The adapters supply their `fetch`. */

/** The members of a `Request` that are read. */
export interface RequestLike {
  readonly url: string
  readonly headers: Iterable<[string, string]>
  readonly body: unknown
  readonly redirect: string
  readonly signal: AbortSignal
  clone(): RequestLike
}

/** The members of a `Response` that are read. */
export interface ResponseLike {
  readonly status: number
  readonly statusText: string
  readonly url: string
  readonly redirected: boolean
  readonly body: { cancel(): Promise<void> } | null
}

/** The members of a `RequestInit` that are read. */
export interface InitLike {
  readonly headers?: unknown
  readonly body?: unknown
  readonly redirect?: string
  readonly signal?: AbortSignal | null
}

type FetchLike = (input: string | RequestLike, init: InitLike) => Promise<ResponseLike>

/** The options of `authorizedFetch`. */
export interface AuthorizedFetchOptions<Fetch> {
  /** The session that the tokens come from. */
  readonly session: {
    getAccessToken(options: { readonly signal?: AbortSignal | undefined }): Promise<string>
    reportRejected(accessToken: string): void
  }
  /** Whether an absolute URL may see the token. */
  readonly authorizes: (url: string) => boolean
  /** Sends the request. */
  readonly fetch: Fetch
  /** The base of relative URLs. Only browsers have one. */
  readonly baseUrl?: () => string | undefined
  /** Whether the body of a `Request` came from a stream, so that it can be read only once. */
  readonly isReadOnce?: boolean
  /**
   * The next request after a redirect, or `undefined` for a response that is not a redirect. Left out if `fetch` follows
   * redirects itself and drops the header for another origin, as browsers do. It requires `Request`s as input.
   */
  readonly follow?: (
    request: RequestLike,
    response: ResponseLike,
    replay: RequestLike | undefined,
    count: number,
  ) => Promise<RequestLike | undefined>
  /** After a 401, when no other token can be obtained: reject with that error, or return the 401. */
  readonly withoutAnotherToken: "reject" | "return401"
}

/**
 * After a 401 the request is sent once more with another token: a new one, or one that another request has obtained in
 * the meantime. The input is read once, at the call. A body that is a stream can be sent only once; then the 401 is
 * returned.
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
      // After a redirect to another origin the 401 says nothing about the token, which that origin has not seen.
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
      // After a redirect to another origin no further request gets the token, since that origin chooses the next URL.
      headers = new Headers(next.headers as never)
      if (!authorizes(next.url) || headers.has("authorization")) return asRedirected(await fetch(next, rest))
      Object.assign(init, rest)
      redirects++
      current = next
    }
  }

  const sendWith = (current: string | RequestLike, init: InitLike): Promise<ResponseLike> => {
    if (typeof current === "string") return fetch(current, init)
    // The headers go on the request itself: a caller's own `fetch` may read nothing else.
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

/** The request after a redirect has its own method and body. */
const withoutBody = ({
  headers: _,
  body: __,
  ...init
}: InitLike & { readonly method?: unknown }): InitLike => {
  const { method: ___, ...rest } = init
  return rest
}

/** Explains the 401 in the status text, which ky's error, for example, quotes. */
const notRepeated = (response: ResponseLike): ResponseLike =>
  Object.defineProperty(response, "statusText", {
    value: `${response.statusText} (not sent again with a fresh token, since the body is a stream, which can be read only once)`,
  })

const asRedirected = (response: ResponseLike): ResponseLike =>
  Object.defineProperty(response, "redirected", { value: true })

/** Frees the connection. If the body was read already, nothing happens. */
const discard = ({ body }: ResponseLike): void => {
  body?.cancel().catch(() => {})
}
