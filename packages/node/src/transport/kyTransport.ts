/** The transport with ky. It sends one request, without retries or redirects. Core does retries and deadlines. */
import {
  ConfigurationError,
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
    try {
      const response = await send(url, init, fetch)
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        ...(await readLimitedBody(response.body)),
      }
    } catch (error) {
      throw toTransportError(error)
    }
  }
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
    ...(fetch === undefined ? {} : { fetch: () => fetch(url, init) as Promise<Response> }),
  })
}
