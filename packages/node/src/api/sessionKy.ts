/** A ky instance that calls an API with a session's access token. */
import { badOption } from "@ellipsis-oauth/core/promise"
import type { InitHook, Input, KyInstance, Options } from "ky"
import { type ApiFetchOptions, apiFetch, isStream } from "./apiFetch.js"
import { requireApiOrigin, requireApiOrigins } from "./apiOrigins.js"

/** The options of `session.ky`. */
export interface SessionKyOptions extends Options {
  /** Further origins that get the token, besides the client's `apiOrigins` and the origin of `prefix` (or `baseUrl`). */
  readonly origins?: readonly string[] | undefined
}

export interface ApiSettings {
  /** The prefix if the options have none. */
  readonly apiBaseUrl: string | undefined
  readonly apiOrigins: readonly string[]
  /** An origin that may be plain `http:`. */
  readonly insecureOrigin: string | undefined
}

/** @throws ConfigurationError for a prefix or an origin that is not an absolute URL, or is neither https: nor loopback */
export const sessionKy = (
  ky: KyInstance,
  session: ApiFetchOptions["session"],
  { apiBaseUrl, apiOrigins, insecureOrigin }: ApiSettings,
  options: SessionKyOptions = {},
): KyInstance => {
  if (typeof options !== "object" || options === null) {
    const expected = "an object with options of ky"
    throw badOption("options", options, expected)
  }
  const { origins: others = [], ...kyOptions } = options
  const prefix = options.prefix ?? (options.baseUrl === undefined ? apiBaseUrl : undefined)
  const origins = new Set([...apiOrigins, ...requireApiOrigins("origins", others, insecureOrigin)])
  if (prefix !== undefined) origins.add(requireApiOrigin("prefix", prefix, insecureOrigin))
  else if (options.baseUrl !== undefined) {
    origins.add(requireApiOrigin("baseUrl", options.baseUrl, insecureOrigin))
  } else {
    const expected = "the URL that the API's paths begin with"
    throw badOption("prefix", prefix, expected)
  }
  const secure: InitHook = (request) => {
    const { body, json, fetch = globalThis.fetch } = request
    const isReadOnce = json === undefined && isStream(body)
    request.fetch = apiFetch({ session, origins, isReadOnce, fetch })
  }
  return protect(ky, ky.create(prefix === undefined ? kyOptions : { ...kyOptions, prefix }), secure)
}

const methods = ["get", "post", "put", "patch", "head", "delete", "query"] as const

/** Adds the hook at each call, as the last one, so that no option, hook or extension of the caller can replace it. */
const protect = (ky: KyInstance, instance: KyInstance, secure: InitHook): KyInstance => {
  const secured = (options: Options = {}) => instance.extend(options).extend({ hooks: { init: [secure] } })
  const call = (url: Input, options?: Options) => secured(options)(url)
  const shortcuts = methods.map((method) => [
    method,
    (url: Input, options?: Options) => secured(options)[method](url),
  ])
  return Object.assign(call, Object.fromEntries(shortcuts) as Pick<KyInstance, (typeof methods)[number]>, {
    create: (defaults?: Options) => protect(ky, ky.create(defaults), secure),
    extend: (defaults: Parameters<KyInstance["extend"]>[0]) => protect(ky, instance.extend(defaults), secure),
    stop: ky.stop,
    retry: ky.retry,
  }) as KyInstance
}
