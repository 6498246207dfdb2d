/** The transport with ky. It sends one request, without retries or redirects. Core does retries and deadlines. */
import {
  ConfigurationError,
  optionalFunction,
  type PromiseTransport,
  readBody,
  requireOptions,
  show,
  TransportError,
} from "@ellipsis-oauth/core/promise"

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
        body: await readBody(response.body),
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

/** The codes of a connection that failed, so the server cannot have seen the request. */
const notSent =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT)$/

/** The codes of a certificate that is not trusted, or that is for another host. */
const certificate =
  /^(ERR_TLS_CERT_ALTNAME_INVALID|CERT_.*|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_.*|HOSTNAME_MISMATCH)$/

/** ky's errors contain the whole request with its secrets, so only the code is used. */
const toTransportError = (error: unknown): TransportError => {
  const code = findInCauses(error, codeOf)
  const blocked = blockedBy(error, code)
  if (blocked !== undefined) {
    const [detail, hint] = blocked
    return new TransportError({ reason: "blocked", sent: "no", detail, hint })
  }
  return new TransportError({
    reason: "network",
    sent: code !== undefined && notSent.test(code) ? "no" : "maybe",
    ...(code === undefined ? {} : { detail: code }),
  })
}

/** Faults that last until a person changes something, and what to change. */
const blockedBy = (
  error: unknown,
  code: string | undefined,
): readonly [detail: string, hint: string] | undefined => {
  if (code !== undefined && certificate.test(code)) {
    const hint = /UNABLE_TO|SELF_SIGNED|CERT_UNTRUSTED/.test(code)
      ? 'Its certificate authority is not known here. Name it in NODE_EXTRA_CA_CERTS, or set the option "fetch" to a fetch that trusts it.'
      : "Its certificate is not valid for this host or this time. Check the base URL, the server's certificate and this machine's clock."
    return [code, hint]
  }
  if (code !== undefined && /^(ERR_SSL_|EPROTO$)/.test(code)) {
    return [
      code,
      "The port does not speak TLS as expected. Check whether the base URL begins with https: or http:.",
    ]
  }
  if (findInCauses(error, messageOf("bad port")) !== undefined) {
    return ["bad port", "fetch refuses this port for security. Use another one in the base URL."]
  }
  const proxy = findInCauses(error, proxyStatusOf)
  if (proxy !== undefined) {
    const hint =
      proxy === "407"
        ? "The proxy asks for a user name and a password. Add them to its URL."
        : "The proxy does not allow this connection."
    return [`HTTP ${proxy} from the proxy`, hint]
  }
  return undefined
}

const findInCauses = (
  error: unknown,
  find: (error: object) => string | undefined,
  depth = 0,
): string | undefined => {
  if (typeof error !== "object" || error === null || depth > 5) return undefined
  return find(error) ?? ("cause" in error ? findInCauses(error.cause, find, depth + 1) : undefined)
}

const codeOf = (error: object): string | undefined =>
  "code" in error && typeof error.code === "string" && /^[A-Z][A-Z0-9_]{2,60}$/.test(error.code)
    ? error.code
    : undefined

const messageOf =
  (expected: string) =>
  (error: object): string | undefined =>
    error instanceof Error && error.message === expected ? expected : undefined

/** The HTTP status in undici's error messages for a proxy that refuses a connection or requires a password. */
const proxyStatusOf = (error: object): string | undefined =>
  error instanceof Error
    ? /^Proxy (?:response|Authentication Required) \((4\d\d)\)/.exec(error.message)?.[1]
    : undefined
