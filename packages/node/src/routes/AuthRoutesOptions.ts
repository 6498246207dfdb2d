/** The options of the routes, with their defaults and checks. */
import {
  badOption,
  ConfigurationError,
  type DurationOption,
  formatScope,
  isLoopback,
  optionalFunction,
  requireAge,
  requireExtra,
  requireOptions,
  type PromiseTokenClient as TokenClient,
} from "@ellipsis-oauth/core/promise"
import { type AuthProblem, toRefusal } from "./AuthProblem.js"
import { CookieKeys } from "./CookieKeys.js"
import { hash } from "./hash.js"

/** The options of `createAuthRoutes`. */
export interface AuthRoutesOptions {
  /** The scope of a login: one string with spaces, or a list; the server's default if left out. */
  readonly scope?: string | readonly string[] | undefined
  /**
   * The further parameters of the authorization request that a page may set, by `login({ extra: { prompt: "login" } })` or
   * a link to `/auth/login?extra.prompt=login`. `prompt`, `login_hint` and `ui_locales` if left out.
   */
  readonly allowedExtra?: readonly string[] | undefined
  /** A session that was not used for this long ends: milliseconds, or a string; `"7 days"` if left out. */
  readonly idleLifetime?: DurationOption | undefined
  /** A session ends this long after its login, even if it is used; `"30 days"` if left out. */
  readonly lifetime?: DurationOption | undefined
  /** The start of the cookies' names, for several apps on one host; `"ellipsis"` if left out. */
  readonly cookieName?: string | undefined
  /**
   * Signs the cookies of logins: at least 32 random characters, the same in every process of the app. With a list, the
   * first secret signs and all are accepted, so that you can replace a secret. Derived from the client secret if left out.
   * A public client has no secret and must set this option.
   */
  readonly cookieSecret?: string | readonly string[] | undefined
  /** The path of the routes in this backend, if a proxy changes the path; that of the redirect URI if left out. */
  readonly mountPath?: string | undefined
  /** The page for a person whose login failed: HTML without scripts, or a response, such as a redirect. */
  readonly renderError?:
    | ((problem: AuthProblem, request: Request) => string | Response | Promise<string | Response>)
    | undefined
  /**
   * Called with each failure of the provider, the store, the configuration or your own code, and with the path. Errors of
   * this library contain no secret. It is not called for a refused request or a missing login. If left out, errors with
   * status 500, whose page refers to the server's log, go to `console.error`.
   */
  readonly onError?: ((error: unknown, path: string) => void) | undefined
  /** Milliseconds since the epoch, for tests; the system's clock if left out. */
  readonly now?: (() => number) | undefined
}

export interface AuthRoutesSettings {
  /** The app's own origin, from the redirect URI. Headers of a request never change it. */
  readonly origin: string
  /** The path of the routes in the browser, without a slash at its end. */
  readonly basePath: string
  readonly mountPath: string
  /** Whether the cookies are only for HTTPS and this one host. `false` for plain http on loopback. */
  readonly secure: boolean
  readonly cookieName: string
  readonly cookieKeys: CookieKeys
  /** A hash of the client and its server, so that clients do not use each other's records and cookies. */
  readonly owner: string
  readonly scope: string | undefined
  readonly allowedExtra: readonly string[]
  /** Milliseconds. */
  readonly idleLifetime: number
  /** Milliseconds. */
  readonly lifetime: number
  readonly renderError: AuthRoutesOptions["renderError"]
  readonly onError: NonNullable<AuthRoutesOptions["onError"]>
  readonly now: () => number
}

const optionNames = [
  "scope",
  "allowedExtra",
  "idleLifetime",
  "lifetime",
  "cookieName",
  "cookieSecret",
  "mountPath",
  "renderError",
  "onError",
  "now",
] as const satisfies readonly (keyof AuthRoutesOptions)[]

const logServerError = (error: unknown, path: string): void => {
  if (toRefusal(error).error === "server_error") console.error(path, error)
}

/** @throws ConfigurationError */
export const checkAuthRoutesOptions = (
  client: TokenClient,
  options: AuthRoutesOptions,
): AuthRoutesSettings => {
  requireOptions(options, optionNames, "an object, or nothing")
  const callback = requireCallback(client?.endpoint?.client?.redirectUri)
  const basePath = callback.pathname.slice(0, -"/callback".length)
  const owner = ownerOf(client)
  const { scope, mountPath = basePath, cookieName = "ellipsis", cookieSecret } = options
  const { idleLifetime = "7 days", lifetime = "30 days", renderError, onError, now } = options
  optionalFunction("renderError", renderError)
  optionalFunction("onError", onError)
  optionalFunction("now", now)
  return {
    origin: callback.origin,
    basePath,
    mountPath: requirePath(mountPath),
    secure: callback.protocol === "https:",
    cookieName: requireCookieName(cookieName),
    owner,
    scope: formatScope(scope),
    allowedExtra: requireAllowedExtra(options.allowedExtra),
    idleLifetime: requireLifetime("idleLifetime", idleLifetime),
    lifetime: requireLifetime("lifetime", lifetime),
    renderError,
    onError: onError ?? logServerError,
    now: now ?? Date.now,
    cookieKeys: new CookieKeys(requireCookieSecrets(client, cookieSecret), owner),
  }
}

/** The redirect URI also determines the path of the routes. */
const requireCallback = (redirectUri: string | undefined): URL => {
  const expected =
    "an https: URL that ends in /callback, such as https://your.app/auth/callback (http: only on loopback)"
  if (redirectUri === undefined) throw badOption("redirectUri", redirectUri, expected)
  const url = new URL(redirectUri)
  const secure = url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname))
  if (!secure || !url.pathname.endsWith("/callback") || url.search !== "" || url.username !== "") {
    throw new ConfigurationError({ option: "redirectUri", got: JSON.stringify(redirectUri), expected })
  }
  return url
}

const requirePath = (mountPath: unknown): string => {
  if (typeof mountPath !== "string" || !/^(?:\/[\w.~%!$&'()*+,;=:@-]+)*\/?$/.test(mountPath)) {
    throw badOption("mountPath", mountPath, 'a path such as "/auth", or "" for none')
  }
  return mountPath.replace(/\/$/, "")
}

/** Parameters of OpenID Connect Core §3.1.2.1 for the person who logs in. */
const commonExtra = ["prompt", "login_hint", "ui_locales"]

const requireAllowedExtra = (names: unknown = commonExtra): readonly string[] => {
  if (!Array.isArray(names) || !names.every((name) => typeof name === "string")) {
    throw badOption("allowedExtra", names, 'a list of names, such as ["prompt", "login_hint"]')
  }
  // Throws for reserved parameters.
  requireExtra(Object.fromEntries(names.map((name) => [name, name])))
  return names
}

const requireCookieName = (cookieName: unknown): string => {
  if (typeof cookieName !== "string" || !/^[A-Za-z][\w-]{0,39}$/.test(cookieName)) {
    throw badOption("cookieName", cookieName, "1 to 40 letters, digits, - and _, with a letter first")
  }
  return cookieName
}

const ownerOf = ({ endpoint }: TokenClient): string =>
  hash(JSON.stringify([endpoint.server.tokenEndpoint, endpoint.client.clientId]))

/** Not random for each process: a process must accept the logins that another process started. */
const requireCookieSecrets = (client: TokenClient, given: unknown): readonly [string, ...string[]] => {
  const [clientSecret] = client.endpoint.client.credentials.secrets
  if (given === undefined && clientSecret !== undefined) return [clientSecret]
  const secrets: readonly unknown[] = Array.isArray(given) ? given : [given]
  const bad = secrets.findIndex((secret) => typeof secret !== "string" || secret.length < 32)
  const [newest, ...older] = secrets as readonly string[]
  if (bad !== -1 || newest === undefined) {
    const expected = "a random string of at least 32 characters, the same in every process, or a list of them"
    const reason = given === undefined ? " (a public client has no secret to sign cookies with)" : ""
    throw badOption(
      "cookieSecret",
      Array.isArray(given) && bad !== -1 ? given[bad] : given,
      expected + reason,
    )
  }
  return [newest, ...older]
}

/** Browsers keep no cookie for longer than 400 days. */
const longestLifetime = 400 * 24 * 3_600_000

const requireLifetime = (option: string, value: unknown): number =>
  requireAge(option, value, {
    min: 1000,
    max: longestLifetime,
    expected: 'milliseconds, or a string such as "7 days": from 1 second to 400 days',
  })
