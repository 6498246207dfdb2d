/** The options of the backend client, and their checks. */
import {
  ConfigurationError,
  type DurationOption,
  optionalFunction,
  requireDuration,
  requireOptions,
  show,
  type TokenEvent,
} from "@ellipsis-oauth/core/promise"
import { requireApiOrigins } from "../page/apiOrigins.js"

/** The options of `createBackendTokenClient`. */
export interface BackendTokenClientOptions {
  /** The path of the routes of `createAuthRoutes` at this origin, such as `/auth`. */
  readonly basePath: string
  /** The origins that get the token, such as `https://api.example.com`: that of the hosted service if left out. */
  readonly apiOrigins?: readonly string[] | undefined
  /** Called with the client's events, without secrets. What it throws is ignored. */
  readonly onEvent?: ((event: TokenEvent) => void) | undefined
  /** Replaces the browser's `fetch`. */
  readonly fetch?: typeof fetch | undefined
  /** The longest wait for one response of the backend: 35 seconds if left out, which is longer than its own deadline. */
  readonly timeout?: DurationOption | undefined
  /** Milliseconds since the epoch; the system's clock if left out. Read at each use. */
  readonly now?: (() => number) | undefined
}

export interface BackendTokenClientSettings {
  /** Without a slash at its end. */
  readonly basePath: string
  readonly apiOrigins: readonly string[]
  readonly onEvent: ((event: TokenEvent) => void) | undefined
  readonly fetch: typeof fetch
  /** Milliseconds. */
  readonly timeout: number
  readonly now: () => number
}

const optionNames = [
  "basePath",
  "apiOrigins",
  "onEvent",
  "fetch",
  "timeout",
  "now",
] as const satisfies readonly (keyof BackendTokenClientOptions)[]

/** A constant, because the presets of core would add their checks to the bundle. */
const hostedApi = "https://api.ellipsis-drive.com"

/** @throws ConfigurationError for a bad or unknown option */
export const checkBackendTokenClientOptions = (
  options = {} as BackendTokenClientOptions,
): BackendTokenClientSettings => {
  requireOptions(options, optionNames, "an object with a basePath")
  const { basePath, apiOrigins = [hostedApi], timeout = 35_000, onEvent } = options
  // A path that begins with two slashes, or with a backslash, would lead to another host.
  if (typeof basePath !== "string" || !/^(\/[\w.~%!$&'()*+,;=:@-]+)*\/?$/.test(basePath)) {
    throw new ConfigurationError({
      option: "basePath",
      got: show(basePath),
      expected: 'a path of this origin, such as "/auth"',
    })
  }
  for (const name of ["onEvent", "fetch", "now"] as const) optionalFunction(name, options[name])
  return {
    basePath: basePath.replace(/\/$/, ""),
    apiOrigins: requireApiOrigins(apiOrigins),
    onEvent,
    // Read at each call, because a test or another script may replace `fetch` after this module was loaded.
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    timeout: requireDuration("timeout", timeout),
    now: options.now ?? (() => Date.now()),
  }
}
