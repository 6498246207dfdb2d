/** A ky instance that calls an API with a session's access token. */
import { ConfigurationError } from "@ellipsis-oauth/core"
import ky, { type InitHook, type Input, type KyInstance, type Options } from "ky"
import { badOption } from "../badOption.js"
import { type BearerFetchOptions, bearerFetch } from "./bearerFetch.js"

export interface SessionKyOptions extends Options {
  /** Who may see the token besides the origin of `prefix` (or `baseUrl`), such as `https://tiles.example.com`. */
  readonly origins?: readonly string[]
}

/**
 * @param apiBaseUrl the prefix where the options name none; its origin may be plain `http:` if this one is
 * @throws ConfigurationError for a prefix or an origin that is no absolute URL, or that is neither https: nor loopback
 */
export const sessionKy = (
  session: BearerFetchOptions["session"],
  apiBaseUrl: string | undefined,
  options: SessionKyOptions = {},
): KyInstance => {
  if (typeof options !== "object" || options === null) {
    throw badOption("options", options, "an object with options of ky")
  }
  const { origins: others = [], ...kyOptions } = options
  if (!Array.isArray(others)) throw badOption("origins", others, "an array of origins")
  const prefix = options.prefix ?? (options.baseUrl === undefined ? apiBaseUrl : undefined)
  const insecure = apiBaseUrl === undefined ? undefined : new URL(apiBaseUrl).origin
  const origins = new Set(others.map((origin, index) => requireOrigin(`origins[${index}]`, origin, insecure)))
  if (prefix !== undefined) origins.add(requireOrigin("prefix", prefix, insecure))
  else if (options.baseUrl !== undefined) origins.add(requireOrigin("baseUrl", options.baseUrl, insecure))
  else throw badOption("prefix", prefix, "the URL that the API's paths begin with")

  const secure: InitHook = (request) => {
    const { body, json, fetch = globalThis.fetch } = request
    const readOnce = json === undefined && isStream(body)
    request.fetch = bearerFetch({ session, origins, readOnce, fetch })
  }
  return protect(ky.create(prefix === undefined ? kyOptions : { ...kyOptions, prefix }), secure)
}

const methods = ["get", "post", "put", "patch", "head", "delete", "query"] as const

/** The hook is added at each call, after everything else: no option, hook or extension of the caller's can replace it. */
const protect = (instance: KyInstance, secure: InitHook): KyInstance => {
  const secured = (options: Options = {}) => instance.extend(options).extend({ hooks: { init: [secure] } })
  const call = (url: Input, options?: Options) => secured(options)(url)
  const shortcuts = methods.map((method) => [
    method,
    (url: Input, options?: Options) => secured(options)[method](url),
  ])
  return Object.assign(call, Object.fromEntries(shortcuts) as Pick<KyInstance, (typeof methods)[number]>, {
    create: (defaults?: Options) => protect(ky.create(defaults), secure),
    extend: (defaults: Parameters<KyInstance["extend"]>[0]) => protect(instance.extend(defaults), secure),
    stop: ky.stop,
    retry: ky.retry,
  }) as KyInstance
}

const isStream = (body: unknown): boolean =>
  typeof body === "object" &&
  body !== null &&
  (body instanceof ReadableStream || Symbol.asyncIterator in body)

const requireOrigin = (option: string, value: unknown, insecure: string | undefined): string => {
  const text = value instanceof URL ? value.href : value
  const url = typeof text === "string" && URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || url.username !== "" || url.password !== "") {
    throw badOption(option, value, "an absolute https: URL without a password")
  }
  const { protocol, hostname, origin } = url
  if (protocol === "https:" || (protocol === "http:" && (isLoopback(hostname) || origin === insecure))) {
    return origin
  }
  // RFC 6750 §5.3
  const expected =
    "an https: URL, since anybody on the way could read the token (http: only on a loopback address)"
  throw new ConfigurationError({ option, got: JSON.stringify(origin), expected })
}

const isLoopback = (hostname: string): boolean =>
  /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i.test(hostname)
