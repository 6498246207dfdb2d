/** The authorization server: its endpoints, and its conventions for requests. */
import {
  isLoopback,
  optionalBoolean,
  requireOneOf,
  requireOptions,
  requireUrl,
  show,
  showUrl,
} from "../common/options.js"
import { ConfigurationError } from "../errors/ConfigurationError.js"

/** The server's endpoints, and the form of its token requests. Made by `ellipsisDrive` or `rfc6749`. */
export interface AuthorizationServer {
  readonly authorizationEndpoint: string
  readonly tokenEndpoint: string
  /** How the body of a token request is encoded. */
  readonly bodyEncoding: BodyEncoding
  /** The name of the parameter that carries the authorization code. */
  readonly codeParameter: CodeParameter
  /** The scope of a token if neither the request nor the token response names one. */
  readonly defaultScope: readonly string[]
  /** The longest value that the server accepts, in characters, per parameter. */
  readonly limits: ParameterLimits
}

/** `form`: `application/x-www-form-urlencoded`, as RFC 6749 section 4.1.3 says. `json`: one JSON object. */
export type BodyEncoding = "form" | "json"
/** The name of the parameter that carries the authorization code in a token request. */
export type CodeParameter = "authorization_code" | "code"

/** The longest values that the server stores, in characters. A longer one is a `ConfigurationError`. */
export interface ParameterLimits {
  readonly clientId?: number | undefined
  readonly clientSecret?: number | undefined
  readonly state?: number | undefined
  readonly redirectUri?: number | undefined
  readonly codeChallenge?: number | undefined
}

/** The hosted service. */
export const ellipsisDriveBaseUrl = "https://api.ellipsis-drive.com/v3"

/** The column widths of the provider's own schema (provider page, "Facts from the schema"). */
const ellipsisDriveLimits: ParameterLimits = {
  clientId: 50,
  clientSecret: 100,
  state: 50,
  redirectUri: 100,
  codeChallenge: 50,
}

/** The options of `ellipsisDrive`. */
export interface EllipsisDriveOptions {
  /** The hosted service if left out. Ends in `/v3`. */
  readonly baseUrl?: string | undefined
  /** `form` (RFC 6749) if left out; `json` for a server that takes only JSON bodies. */
  readonly bodyEncoding?: BodyEncoding | undefined
  /** Replaces single limits, for a self-hosted server with another schema. */
  readonly limits?: ParameterLimits | undefined
  /** Allows plain `http:` to another machine: secrets and tokens then travel in the clear. */
  readonly allowInsecure?: boolean | undefined
}

/**
 * Ellipsis Drive: the hosted service, or a self-hosted one by its `baseUrl` (which ends in `/v3`).
 *
 * @throws ConfigurationError if the base URL is not an absolute `https:` URL (`http:` only on loopback, or with `allowInsecure`)
 */
export const ellipsisDrive = (options: EllipsisDriveOptions = {}): AuthorizationServer => {
  requireOptions(options, ["baseUrl", "bodyEncoding", "limits", "allowInsecure"], "an object with a baseUrl")
  const { baseUrl = ellipsisDriveBaseUrl, bodyEncoding = "form", limits = {}, allowInsecure } = options
  const base = requireEndpoint("baseUrl", baseUrl, allowInsecure).replace(/\/+$/, "")
  const endpoint = /\/oauth\/(?:token|authorize)$/.exec(base)
  if (endpoint !== null) {
    const expected = `the base of the API, ${JSON.stringify(base.slice(0, endpoint.index))}`
    throw new ConfigurationError({ option: "baseUrl", got: show(baseUrl), expected })
  }
  return {
    authorizationEndpoint: `${base}/oauth/authorize`,
    tokenEndpoint: `${base}/oauth/token`,
    bodyEncoding: requireOneOf("bodyEncoding", bodyEncoding, ["form", "json"]),
    codeParameter: "authorization_code",
    defaultScope: ["projects"],
    limits: requireLimits(limits),
  }
}

const requireLimits = (limits: ParameterLimits): ParameterLimits => {
  const names = Object.keys(ellipsisDriveLimits) as (keyof ParameterLimits)[]
  requireOptions(limits, names, "an object of numbers", "limits")
  return Object.fromEntries(
    names.map((name) => {
      const limit = limits[name] ?? ellipsisDriveLimits[name]
      // With NaN there would be no limit.
      if (typeof limit === "number" && limit >= 1) return [name, limit]
      throw new ConfigurationError({
        option: `limits.${name}`,
        got: show(limit),
        expected: "a number from 1",
      })
    }),
  )
}

/** The options of `rfc6749`: the endpoints of any server that follows the standard. */
export interface Rfc6749Options {
  /** The URL that users are sent to. */
  readonly authorizationEndpoint: string
  /** The URL that token requests are sent to. */
  readonly tokenEndpoint: string
  /** `form` if left out. */
  readonly bodyEncoding?: BodyEncoding | undefined
  /** Allows plain `http:` to another machine: secrets and tokens then travel in the clear. */
  readonly allowInsecure?: boolean | undefined
}

/**
 * Any server that follows RFC 6749 to the letter: form bodies, the code in `code`, no length limits.
 *
 * @throws ConfigurationError as {@link ellipsisDrive} does
 */
export const rfc6749 = (options: Rfc6749Options): AuthorizationServer => {
  const { authorizationEndpoint, tokenEndpoint, bodyEncoding, allowInsecure } = requireOptions(
    options,
    ["authorizationEndpoint", "tokenEndpoint", "bodyEncoding", "allowInsecure"],
    "an object with an authorizationEndpoint and a tokenEndpoint",
  )
  return {
    authorizationEndpoint: requireEndpoint("authorizationEndpoint", authorizationEndpoint, allowInsecure),
    tokenEndpoint: requireEndpoint("tokenEndpoint", tokenEndpoint, allowInsecure),
    bodyEncoding: requireOneOf("bodyEncoding", bodyEncoding ?? "form", ["form", "json"]),
    codeParameter: "code",
    defaultScope: [],
    limits: {},
  }
}

const requireEndpoint = (option: string, value: unknown, allowInsecure: boolean | undefined): string => {
  optionalBoolean("allowInsecure", allowInsecure)
  const expected = "an absolute https: URL with no query, fragment or credentials"
  const url = requireUrl(option, value, expected)
  const got = showUrl(value)
  if (
    (url.protocol !== "https:" && url.protocol !== "http:") ||
    url.hash !== "" ||
    url.search !== "" ||
    url.username !== "" ||
    url.password !== ""
  ) {
    throw new ConfigurationError({ option, got, expected })
  }
  if (url.protocol === "http:" && !isLoopback(url.hostname) && !allowInsecure) {
    throw new ConfigurationError({
      option,
      got,
      expected: `${expected} (plain http: only on a loopback address, or with allowInsecure: true)`,
    })
  }
  return url.href
}
