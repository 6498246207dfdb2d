/** The transport with ky. It sends one request, without retries or redirects. Core does retries and deadlines. */
import {
  ConfigurationError,
  describe,
  optionalFunction,
  type PromiseTransport,
  readLimitedBody,
  requireOptions,
  show,
} from "@ellipsis-oauth/core/promise"
import { toTransportError } from "./toTransportError.js"

/** The arguments of a transport's `fetch`: plain values, because undici's `fetch` cannot read the global `Request`. */
export interface FetchInit {
  readonly method: "POST"
  readonly headers: Record<string, string>
  readonly body: string
  readonly signal: AbortSignal
  readonly redirect: "manual"
  readonly credentials: "omit"
  readonly cache: "no-store"
}

/** The members of a `Response` that are read. */
export interface FetchResponse {
  readonly status: number
  readonly headers: Iterable<[string, string]>
  readonly body: { getReader(): unknown } | null
}

/** The part of `fetch` that a transport calls, so that undici's and others fit. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchResponse>

/** The options of `kyTransport`. */
export interface KyTransportOptions {
  /** For proxies and private certificate authorities: any `fetch`, for example undici's with a `dispatcher`. */
  readonly fetch?: Fetch | undefined
  /** The `User-Agent` header; `ellipsis-oauth` if left out. */
  readonly userAgent?: string | undefined
}

/** @throws ConfigurationError for a bad option */
export const kyTransport = (options: KyTransportOptions = {}): PromiseTransport => {
  const { fetch, userAgent = "ellipsis-oauth" } = requireOptions(options, ["fetch", "userAgent"], "an object")
  if (typeof userAgent !== "string" || !/^[\x20-\x7e]+$/.test(userAgent)) {
    throw new ConfigurationError({
      option: "userAgent",
      got: show(userAgent),
      expected: "printable ASCII",
    })
  }
  optionalFunction("fetch", fetch)
  return async ({ url, method, headers, body }, signal) => {
    const init: FetchInit = {
      method,
      headers: { ...headers, "user-agent": userAgent },
      body,
      signal,
      redirect: "manual",
      credentials: "omit",
      cache: "no-store",
    }
    const response = await send(url, init, fetch).catch(fail)
    const read = await readLimitedBody(response.body).catch(fail)
    return { status: response.status, headers: Object.fromEntries(response.headers), ...read }
  }
}

const fail = (error: unknown): never => {
  throw error instanceof ConfigurationError ? error : toTransportError(error)
}

/**
 * The server has carried out the request by now. Another one would spend the refresh token again, and its response could
 * not be read either.
 *
 * @throws ConfigurationError
 */
const requireResponse = (response: unknown): Response => {
  const { status, headers, body } = Object(response) as Partial<Record<keyof FetchResponse, unknown>>
  const isResponse = typeof status === "number" && typeof Object(headers)[Symbol.iterator] === "function"
  const isReadable = body === null || typeof Object(body).getReader === "function"
  if (isResponse && isReadable) return response as Response
  const got = isResponse ? "a response without a web stream as its body" : describe(response)
  throw new ConfigurationError({
    option: "fetch",
    got: `one that resolves to ${got}`,
    expected: "a fetch that resolves to a Response with a web stream as its body, such as undici's",
  })
}

const send = async (url: string, init: FetchInit, fetch: Fetch | undefined): Promise<FetchResponse> => {
  // Loaded with the first request, because a program that only reads a token from its store does not need it.
  const { default: ky } = await import("ky")
  return ky(url, {
    ...init,
    retry: 0,
    timeout: false,
    throwHttpErrors: false,
    // ky makes a global Request, which undici's fetch cannot read.
    ...(fetch === undefined ? {} : { fetch: async () => requireResponse(await fetch(url, init)) }),
  })
}
