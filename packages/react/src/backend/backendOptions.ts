/** The options of the backend client, checked. */
import type { DurationOption, TokenEvent } from "@ellipsis-oauth/core"
import { ConfigurationError, requireDuration } from "@ellipsis-oauth/core/promise"

export interface BackendTokenClientOptions {
  /** Where the backend has the routes of `createAuthRoutes`: a path of this origin, such as `/auth`. */
  readonly basePath: string
  /** Which origins see the token, such as `https://api.example.com`: the hosted Ellipsis Drive's if left out. */
  readonly apiOrigins?: readonly string[]
  /** Told what happens, without secrets. */
  readonly onEvent?: (event: TokenEvent) => void
  /** In place of the browser's. */
  readonly fetch?: typeof fetch
  /** The longest wait for one reply of the backend: 35 seconds if left out, which is longer than its own deadline. */
  readonly timeout?: DurationOption
  /** Milliseconds since the epoch; the system's clock if left out. */
  readonly now?: () => number
}

export interface BackendTokenClientSettings {
  /** With no slash at its end. */
  readonly basePath: string
  readonly apiOrigins: readonly string[]
  readonly onEvent: ((event: TokenEvent) => void) | undefined
  readonly send: typeof fetch
  /** Milliseconds. */
  readonly timeout: number
  readonly now: () => number
}

/** Written out, since the presets of core bring their checks along. */
const hostedApi = "https://api.ellipsis-drive.com"

/** @throws ConfigurationError */
export const resolveBackendOptions = (options: BackendTokenClientOptions): BackendTokenClientSettings => {
  const { basePath, apiOrigins = [hostedApi], timeout = 35_000, onEvent, now } = options ?? {}
  // Two slashes, or one that looks like it, would lead to another host.
  check(
    "basePath",
    typeof basePath === "string" && /^(\/[\w.~%!$&'()*+,;=:@-]+)*\/?$/.test(basePath),
    basePath,
    'a path of this origin, such as "/auth"',
  )
  check(
    "apiOrigins",
    Array.isArray(apiOrigins) && apiOrigins.every(isOrigin),
    apiOrigins,
    'origins such as "https://api.example.com", without a path or a slash at the end',
  )
  for (const name of ["onEvent", "fetch", "now"] as const) {
    const value: unknown = options[name]
    check(name, value === undefined || typeof value === "function", value, "a function")
  }
  return {
    basePath: basePath.replace(/\/$/, ""),
    apiOrigins,
    onEvent,
    // Looked up late: a test or a service may replace it after this module was loaded.
    send: options.fetch ?? ((input, init) => fetch(input, init)),
    timeout: requireDuration("timeout", timeout),
    now: now ?? Date.now,
  }
}

const check = (option: string, holds: boolean, value: unknown, expected: string): void => {
  if (!holds) throw new ConfigurationError({ option, got: JSON.stringify(value) ?? typeof value, expected })
}

const isOrigin = (origin: unknown): boolean => {
  try {
    return new URL(String(origin)).origin === origin
  } catch {
    return false
  }
}
