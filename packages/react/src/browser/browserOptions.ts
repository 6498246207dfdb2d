/** The options of the browser client, checked. */
import type { AuthorizationServer, DurationOption, TokenEvent } from "@ellipsis-oauth/core"
import { ConfigurationError, ellipsisDrive } from "@ellipsis-oauth/core/promise"
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
export const checkBrowserOptions = (options: BrowserTokenClientOptions) => {
  const {
    clientId,
    redirectUri,
    server = ellipsisDrive(),
    storage = "memory",
    persistRefreshToken = false,
    popup = {},
  } = options
  // The rest of `server` is checked by core.
  const apiOrigins = options.apiOrigins ?? [originOf(server?.tokenEndpoint) ?? ""]
  check(
    "clientSecret",
    (options as { clientSecret?: unknown }).clientSecret === undefined,
    "given",
    "nothing: a browser keeps no secret",
  )
  check("redirectUri", originOf(redirectUri) !== undefined, redirectUri, "an absolute URL of this app")
  check(
    "storage",
    ["memory", "session", "local"].includes(storage),
    storage,
    '"memory", "session" or "local"',
  )
  check("persistRefreshToken", typeof persistRefreshToken === "boolean", persistRefreshToken, "true or false")
  check(
    "apiOrigins",
    Array.isArray(apiOrigins) && apiOrigins.every((origin) => originOf(origin) === origin),
    apiOrigins,
    'origins such as "https://api.example.com", without a path or a slash at the end',
  )
  for (const name of ["navigate", "fetch"] as const) {
    check(
      name,
      options[name] === undefined || typeof options[name] === "function",
      options[name],
      "a function",
    )
  }
  for (const name of ["width", "height", "timeout"] as const) {
    const value = popup[name]
    check(`popup.${name}`, value === undefined || (value > 0 && value < 2 ** 31), value, "a number above 0")
  }
  return { clientId, redirectUri, server, storage, persistRefreshToken, apiOrigins, popup }
}

const check = (option: string, holds: boolean, value: unknown, expected: string): void => {
  if (!holds) throw new ConfigurationError({ option, got: JSON.stringify(value) ?? typeof value, expected })
}

const originOf = (url: unknown): string | undefined => {
  try {
    const { origin } = new URL(String(url))
    return origin === "null" ? undefined : origin
  } catch {
    return undefined
  }
}
