/** What the routes can be told, its defaults, and what is left of it once it is checked. */
import {
  badOption,
  ConfigurationError,
  type DurationOption,
  formatScope,
  isLoopback,
  optionalFunction,
  requireAge,
  type PromiseTokenClient as TokenClient,
} from "@ellipsis-oauth/core/promise"
import type { AuthProblem } from "./AuthProblem.js"
import { CookieKeys } from "./CookieKeys.js"
import { hash } from "./hash.js"

/** What `createAuthRoutes` takes beside the client. */
export interface AuthRoutesOptions {
  /** What to ask for: one string with spaces, or a list; the server's default if left out. */
  readonly scope?: string | readonly string[] | undefined
  /** A session that nobody has used for this long has ended: milliseconds, or a string; `"7 days"` if left out. */
  readonly idleLifetime?: DurationOption | undefined
  /** A session ends this long after its login, however much it is used; `"30 days"` if left out. */
  readonly lifetime?: DurationOption | undefined
  /** What the cookies' names begin with, for several apps on one host; `"ellipsis"` if left out. */
  readonly cookieName?: string | undefined
  /**
   * Signs the cookies of logins: at least 32 random characters, the same in every process of the app. Of a list, the
   * first signs and every one is accepted, so that a secret can be replaced. Derived from the client secret if left
   * out; a public client, which has none, must set it.
   */
  readonly cookieSecret?: string | readonly string[] | undefined
  /** The path of the routes as this backend sees it, where a proxy changes it; the redirect URI's if left out. */
  readonly mountPath?: string | undefined
  /** The page for a person whose login failed: HTML without scripts, or a response, such as a redirect. */
  readonly renderError?:
    | ((problem: AuthProblem, request: Request) => string | Response | Promise<string | Response>)
    | undefined
  /**
   * Told of what failed at the provider, in the store, in the configuration or in code of yours, and at which path.
   * The errors of this library hold no secret. A refused request is not a failure, and neither is a missing login.
   */
  readonly onError?: ((error: unknown, path: string) => void) | undefined
  /** Milliseconds since the epoch, for tests; the system's clock if left out. */
  readonly now?: (() => number) | undefined
}

export interface AuthRoutesSettings {
  /** The app's own origin. No header of a request has a say in it. */
  readonly origin: string
  /** The path of the routes as browsers see it, with no slash at its end. */
  readonly basePath: string
  readonly mountPath: string
  /** Whether the browser keeps the cookies to HTTPS and to this one host. Not for plain http on loopback. */
  readonly secure: boolean
  readonly cookieName: string
  readonly cookieKeys: CookieKeys
  /** The client and its server, as a hash: records and cookies of other clients are not this one's. */
  readonly owner: string
  readonly scope: string | undefined
  /** Milliseconds. */
  readonly idleLifetime: number
  /** Milliseconds. */
  readonly lifetime: number
  readonly renderError: AuthRoutesOptions["renderError"]
  readonly onError: AuthRoutesOptions["onError"]
  readonly now: () => number
}

/** @throws ConfigurationError */
export const checkAuthRoutesOptions = (
  client: TokenClient,
  options: AuthRoutesOptions,
): AuthRoutesSettings => {
  if (typeof options !== "object" || options === null) {
    throw badOption("options", options, "an object, or nothing")
  }
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
    idleLifetime: requireLifetime("idleLifetime", idleLifetime),
    lifetime: requireLifetime("lifetime", lifetime),
    renderError,
    onError,
    now: now ?? Date.now,
    cookieKeys: new CookieKeys(requireCookieSecrets(client, cookieSecret), owner),
  }
}

/** The redirect URI says where the routes are: one place for it, and the one that the provider knows. */
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

const requireCookieName = (cookieName: unknown): string => {
  if (typeof cookieName !== "string" || !/^[A-Za-z][\w-]{0,39}$/.test(cookieName)) {
    throw badOption("cookieName", cookieName, "1 to 40 letters, digits, - and _, with a letter first")
  }
  return cookieName
}

const ownerOf = ({ endpoint }: TokenClient): string =>
  hash(JSON.stringify([endpoint.server.tokenEndpoint, endpoint.client.clientId]))

/** A key that each process drew for itself would refuse the callbacks of logins that another process started. */
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
