/** The options of the browser client, and their checks. */
import {
  type AuthorizationServer,
  ConfigurationError,
  type DurationOption,
  ellipsisDrive,
  formatScope,
  optionalBoolean,
  optionalFunction,
  requireDuration,
  requireOneOf,
  requireOptions,
  requireUrl,
  type ScopeOption,
  type TokenEvent,
} from "@ellipsis-oauth/core/promise"
import { requireApiOrigins } from "../page/apiOrigins.js"
import type { StorageKind } from "../page/webStorage.js"
import type { PopupOptions, PopupSettings } from "./PopupWindow.js"

/** The options of `createBrowserTokenClient`. */
export interface BrowserTokenClientOptions {
  /** The client id of a public client, which has no secret. */
  readonly clientId: string
  /** The URL of this app that the user comes back to, exactly as it is registered. The client must be mounted there. */
  readonly redirectUri: string
  /** The hosted service if left out. */
  readonly server?: AuthorizationServer | undefined
  /** Where tokens are kept: `memory` if left out. `session` survives a reload. `local` survives a restart, and all tabs share it. */
  readonly storage?: StorageKind | undefined
  /**
   * Also writes the refresh token to that storage. If left out, the refresh token stays in memory: after a reload the page
   * has only the access token, and the user logs in again when it expires.
   */
  readonly persistRefreshToken?: boolean | undefined
  /** The origins that get the token, such as `https://api.example.com`: that of the server if left out. */
  readonly apiOrigins?: readonly string[] | undefined
  /** The scope of a login: the server's default if left out. */
  readonly scope?: ScopeOption | undefined
  /** Called with the client's events, without secrets. What it throws is ignored. */
  readonly onEvent?: ((event: TokenEvent) => void) | undefined
  /** Goes to `returnTo` after a login by redirect: by `history.replaceState` and a `popstate` event if left out. */
  readonly navigate?: ((url: string) => void) | undefined
  /** Replaces the browser's `fetch`. */
  readonly fetch?: typeof fetch | undefined
  /** The popup window's size. */
  readonly popup?: PopupOptions | undefined
  /** How long one request may take: 60 seconds if left out. It is not sent again before it has ended. */
  readonly timeout?: DurationOption | undefined
  /** The longest wait of a caller for the token endpoint, with every retry: 30 seconds if left out. */
  readonly deadline?: DurationOption | undefined
  /** Milliseconds since the epoch; the system's clock if left out. Read at each use. */
  readonly now?: (() => number) | undefined
}

/** The options with their defaults. Core checks `timeout` and `deadline`, and has defaults for them. */
export interface BrowserTokenClientSettings extends BrowserTokenClientOptions {
  readonly server: AuthorizationServer
  readonly storage: StorageKind
  readonly persistRefreshToken: boolean
  readonly apiOrigins: readonly string[]
  readonly fetch: typeof fetch
  readonly popup: PopupSettings
  readonly now: () => number
}

const optionNames = [
  "clientId",
  "redirectUri",
  "server",
  "storage",
  "persistRefreshToken",
  "apiOrigins",
  "scope",
  "onEvent",
  "navigate",
  "fetch",
  "popup",
  "timeout",
  "deadline",
  "now",
] as const satisfies readonly (keyof BrowserTokenClientOptions)[]

/** @throws ConfigurationError for a bad or unknown option */
export const checkBrowserTokenClientOptions = (
  options = {} as BrowserTokenClientOptions,
): BrowserTokenClientSettings => {
  if ("clientSecret" in Object(options)) {
    const expected =
      "not be set: everybody can read what a browser is given, so a public client cannot keep a secret"
    throw new ConfigurationError({ option: "clientSecret", got: "given", expected })
  }
  requireOptions(options, optionNames, "an object with a clientId and a redirectUri")
  const { server = ellipsisDrive(), persistRefreshToken = false, popup = {} } = options
  const { origin } = requireUrl(
    "server",
    server?.tokenEndpoint,
    "the result of ellipsisDrive({ baseUrl }) or rfc6749({ … })",
  )
  requireUrl("redirectUri", options.redirectUri, "an absolute URL of this app")
  optionalBoolean("persistRefreshToken", options.persistRefreshToken)
  formatScope(options.scope)
  requireOptions(popup, ["width", "height", "timeout"], "an object")
  for (const name of ["navigate", "fetch", "onEvent", "now"] as const) optionalFunction(name, options[name])
  return {
    ...options,
    server,
    storage: requireOneOf("storage", options.storage ?? "memory", ["memory", "session", "local"]),
    persistRefreshToken,
    apiOrigins: requireApiOrigins(options.apiOrigins ?? [origin]),
    // Read at each call, because a test or another script may replace `fetch` after this module was loaded.
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    popup: {
      width: popup.width ?? 500,
      height: popup.height ?? 650,
      timeout: requireDuration("popup.timeout", popup.timeout ?? 300_000),
    },
    now: options.now ?? (() => Date.now()),
  }
}
