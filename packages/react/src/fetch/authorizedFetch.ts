/** `fetch` with the access token, for the origins that may see it and for no other. */

export interface AuthorizedFetchOptions {
  /** Whether a URL, absolute or of this page, may see the token. */
  readonly authorizes: (url: string | URL) => boolean
  readonly getAccessToken: (options: { readonly signal?: AbortSignal | undefined }) => Promise<string>
  readonly reportRejected: (accessToken: string) => void
  readonly send: typeof fetch
}

/**
 * After a 401 it asks once more with another token: the one that somebody else has got meanwhile, or a new one. A body
 * that is a stream can be sent only once; then the 401 is the answer.
 */
export const authorizedFetch = (options: AuthorizedFetchOptions): typeof fetch => {
  const { authorizes, getAccessToken, reportRejected, send } = options
  return async (input, init) => {
    const request = input instanceof Request ? input : undefined
    const headers = new Headers(init?.headers ?? request?.headers)
    if (!authorizes(request?.url ?? String(input)) || headers.has("authorization")) return send(input, init)

    const signal = init?.signal ?? request?.signal
    const sendWith = (accessToken: string, what: RequestInfo | URL) => {
      headers.set("authorization", `Bearer ${accessToken}`)
      return send(what, { ...init, headers })
    }
    const accessToken = await getAccessToken({ signal })
    const canRepeat = !(init?.body instanceof ReadableStream)
    const reply = await sendWith(accessToken, canRepeat && request?.body ? request.clone() : input)
    // Where it was redirected to another place, that place has not seen the token, and its 401 says nothing about it.
    if (reply.status !== 401 || (reply.redirected && !authorizes(reply.url))) return reply
    reportRejected(accessToken)
    if (!canRepeat) return reply
    let another: string
    try {
      another = await getAccessToken({ signal })
    } catch (error) {
      if (signal?.aborted) throw error
      return reply
    }
    await reply.body?.cancel()
    return sendWith(another, input)
  }
}
