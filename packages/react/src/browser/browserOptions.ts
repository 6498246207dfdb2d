/** The options of the browser client, checked. */
import type { AuthorizationServer, DurationOption, TokenEvent } from "@ellipsis-oauth/core"
import {
  ConfigurationError,
  ellipsisDrive,
  optionalFunction,
  requireDuration,
  requireOneOf,
  requireUrl,
  show,
} from "@ellipsis-oauth/core/promise"
import type { PopupOptions } from "./popupWindow.js"
import type { StorageKind } from "./webStorage.js"

export interface BrowserTokenClientOptions {
  /** From the registration of a public client: one without a secret. */
  readonly clientId: string
  /** Where the user comes back to, exactly as it is registered: a URL of this app, where the client is mounted. */
  readonly redirectUri: string
  /** The hosted service if left out. */
  readonly server?: AuthorizationServer
  /** Where tokens are kept: `memory` if left out. `session` survives a reload, `local` a restart, and is for all tabs. */
  readonly storage?: StorageKind
  /**
   * Writes the refresh token to that storage too. If left out it stays in memory, so that a reload keeps the access
   * token and the user logs in again when that one expires.
   */
  readonly persistRefreshToken?: boolean
  /** Which origins see the token, such as `https://api.example.com`: the server's own if left out. */
  readonly apiOrigins?: readonly string[]
  /** What a login asks for: the server's default if left out. */
  readonly scope?: string | readonly string[]
  /** Told what happens, without secrets. */
  readonly onEvent?: (event: TokenEvent) => void
  /** Goes to `returnTo` after a login by redirect: by `history.replaceState` and a `popstate` event if left out. */
  readonly navigate?: (url: string) => void
  /** In place of the browser's. */
  readonly fetch?: typeof fetch
  readonly popup?: PopupOptions
  /** The longest wait for one reply of the token endpoint: 10 seconds if left out. */
  readonly timeout?: DurationOption
  /** The longest wait in all, with every retry: 30 seconds if left out. */
  readonly deadline?: DurationOption
  /** Milliseconds since the epoch; the system's clock if left out. */
  readonly now?: () => number
}

/** @throws ConfigurationError for a bad option */
export const checkBrowserOptions = (options = {} as BrowserTokenClientOptions) => {
  const { clientId, redirectUri, server = ellipsisDrive(), persistRefreshToken = false, popup = {} } = options
  const refuse = (option: string, value: unknown, expected: string) => {
    throw new ConfigurationError({ option, got: show(value), expected })
  }
  // Core checks the rest of what it is given.
  const { origin } = requireUrl(
    "server",
    server?.tokenEndpoint,
    "the result of ellipsisDrive({ baseUrl }) or rfc6749({ … })",
  )
  const { apiOrigins = [origin] } = options
  const origins = 'origins such as "https://api.example.com", without a path, in a list'
  if (!Array.isArray(apiOrigins)) refuse("apiOrigins", apiOrigins, origins)
  for (const api of apiOrigins) {
    if (requireUrl("apiOrigins", api, origins).origin !== api) refuse("apiOrigins", api, origins)
  }
  if (typeof persistRefreshToken !== "boolean")
    refuse("persistRefreshToken", persistRefreshToken, "true or false")
  requireUrl("redirectUri", redirectUri, "an absolute URL of this app")
  for (const name of ["navigate", "fetch", "onEvent", "now"] as const) optionalFunction(name, options[name])
  return {
    clientId,
    redirectUri,
    server,
    storage: requireOneOf("storage", options.storage ?? "memory", ["memory", "session", "local"]),
    persistRefreshToken,
    apiOrigins,
    popup: { ...popup, timeout: requireDuration("popup.timeout", popup.timeout ?? 300_000) },
  }
}
