/** The transport over ky: one request, no retry, no redirect followed; retries and deadlines are core's. */
import {
  ConfigurationError,
  type HttpRequest,
  type HttpResponse,
  Transport,
  TransportError,
} from "@ellipsis-oauth/core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import ky from "ky"

/** What a `fetch` is called with: plain values, so that one of another realm (undici's) reads them too. */
export interface FetchInit {
  readonly method: "POST"
  readonly headers: Record<string, string>
  readonly body: string
  readonly signal: AbortSignal
  readonly redirect: "manual"
  readonly credentials: "omit"
  readonly cache: "no-store"
}

/** The part of a `Response` that is read. */
export interface FetchResponse {
  readonly status: number
  readonly headers: Iterable<[string, string]>
  readonly body: AsyncIterable<Uint8Array> | null
}

export type Fetch = (url: string, init: FetchInit) => Promise<FetchResponse>

export interface KyTransportOptions {
  /** For proxies and private certificate authorities: any `fetch`, for example undici's with a `dispatcher`. */
  readonly fetch?: Fetch | undefined
  /** The `User-Agent` header; `ellipsis-oauth` if left out. */
  readonly userAgent?: string | undefined
}

/** The largest reply that is read, in bytes. A token reply has a few hundred; more than this is no token. */
const longestBody = 1024 * 1024

const makeKyTransport = (options: KyTransportOptions = {}): Transport["Service"] => {
  const { fetch, userAgent = "ellipsis-oauth" } = options
  requireHeaderValue("userAgent", userAgent)
  if (fetch !== undefined && typeof fetch !== "function") {
    throw new ConfigurationError({
      option: "fetch",
      got: `a ${typeof fetch}`,
      expected: "a function like the global fetch",
    })
  }
  return {
    send: (request) =>
      Effect.tryPromise({
        try: (signal) => send(request, userAgent, fetch, signal),
        catch: toTransportError,
      }),
  }
}

/** Makes a transport; `kyTransport.layer` is the same as a layer. Throws ConfigurationError for a bad option. */
export const kyTransport = Object.assign(makeKyTransport, {
  layer: (options?: KyTransportOptions): Layer.Layer<Transport> =>
    Layer.sync(Transport, () => makeKyTransport(options)),
})

const send = async (
  request: HttpRequest,
  userAgent: string,
  fetch: Fetch | undefined,
  signal: AbortSignal,
): Promise<HttpResponse> => {
  const { url, method, body } = request
  const init: FetchInit = {
    method,
    headers: { ...request.headers, "user-agent": userAgent },
    body,
    signal,
    redirect: "manual",
    credentials: "omit",
    cache: "no-store",
  }
  const response = await ky(url, {
    ...init,
    retry: 0,
    timeout: false,
    throwHttpErrors: false,
    // ky makes a Request, which a fetch of another realm (undici's) cannot read.
    ...(fetch === undefined ? {} : { fetch: () => fetch(url, init) as Promise<Response> }),
  })
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: await readBody(response),
  }
}

const readBody = async (response: Response): Promise<string> => {
  if (response.body === null) return ""
  const decoder = new TextDecoder()
  let text = ""
  let length = 0
  for await (const chunk of response.body) {
    length += chunk.byteLength
    // What was read so far goes to the parser, which says what is wrong with it. Leaving the loop cancels the rest.
    if (length > longestBody) return text
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

/** The codes of a connection that was never made: the server cannot have seen the request. */
const notSent =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|ERR_TLS_CERT_ALTNAME_INVALID|ERR_SSL_.*|CERT_.*|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_.*)$/

/** ky's errors carry the whole request, secrets included, so only the code is taken out of them. */
const toTransportError = (error: unknown): TransportError => {
  const code = findCode(error)
  return new TransportError({
    reason: "network",
    sent: code !== undefined && notSent.test(code) ? "no" : "maybe",
    ...(code === undefined ? {} : { detail: code }),
  })
}

const findCode = (error: unknown, depth = 0): string | undefined => {
  if (typeof error !== "object" || error === null || depth > 5) return undefined
  if ("code" in error && typeof error.code === "string" && /^[A-Z][A-Z0-9_]{2,60}$/.test(error.code))
    return error.code
  return "cause" in error ? findCode(error.cause, depth + 1) : undefined
}

const requireHeaderValue = (option: string, value: unknown): void => {
  if (typeof value !== "string" || !/^[\x20-\x7e]+$/.test(value)) {
    throw new ConfigurationError({
      option,
      got: JSON.stringify(value) ?? "missing",
      expected: "printable ASCII",
    })
  }
}
