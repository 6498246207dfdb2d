/** The options of `loopbackLogin`, checked. */
import {
  type CallOptions,
  ConfigurationError,
  type CreateAuthorizationRequestOptions,
  type DurationOption,
} from "@ellipsis-oauth/core/promise"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import { badOption } from "../badOption.js"

export interface LoopbackLoginOptions extends CallOptions, Pick<CreateAuthorizationRequestOptions, "scope"> {
  /** Whose session: the key of `client.session(key)`. */
  readonly key?: string
  /**
   * The port of the redirect URI. Any free one if left out, where the server allows that; Ellipsis Drive compares
   * redirect URIs letter by letter, so for it a port is registered and named here.
   */
  readonly port?: number
  /** The path of the redirect URI: `/callback` if left out. */
  readonly path?: string
  /** The host of the redirect URI: `127.0.0.1` if left out, as RFC 8252 §8.3 recommends. */
  readonly host?: "127.0.0.1" | "localhost"
  /** How long the person may take: 5 minutes if left out. */
  readonly timeout?: DurationOption
  /** How the browser is opened; `false` leaves it to the person. */
  readonly openBrowser?: ((url: string) => unknown) | false
  /** Where the person can paste the address that the browser ended up at, if it is on another machine: `process.stdin`. */
  readonly paste?: PasteSource
  /** Shows the person a text, which holds the URL to open: on standard error if left out. */
  readonly print?: (text: string) => void
}

/** A stream of text, such as `process.stdin`. */
export interface PasteSource {
  on(event: "data", listener: (chunk: string | Uint8Array) => void): unknown
}

export type LoopbackLoginSettings = ReturnType<typeof readLoopbackOptions>

/** @throws ConfigurationError */
export const readLoopbackOptions = (options: LoopbackLoginOptions) => {
  if (typeof options !== "object" || options === null) throw badOption("options", options, "an object")
  const { port = 0, path = "/callback", host = "127.0.0.1", timeout = "5 minutes" } = options
  const { key, scope, signal, paste, openBrowser = openInBrowser, print = printToStandardError } = options
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    const got = typeof port === "number" ? String(port) : `a ${typeof port}`
    throw new ConfigurationError({ option: "port", got, expected: "a port from 0 (any free one) to 65535" })
  }
  // Beyond these characters a browser may ask for another path than the one that is registered.
  if (typeof path !== "string" || !/^\/[\w.~/-]*$/.test(path) || path.startsWith("//")) {
    throw badOption("path", path, "a path such as /callback")
  }
  if (host !== "127.0.0.1" && host !== "localhost")
    throw badOption("host", host, '"127.0.0.1" or "localhost"')
  if (openBrowser !== false && typeof openBrowser !== "function") {
    throw badOption("openBrowser", openBrowser, "a function that takes a URL, or false")
  }
  if (typeof print !== "function") throw badOption("print", print, "a function that takes a text")
  if (paste !== undefined && typeof paste?.on !== "function") {
    throw badOption("paste", paste, "a stream such as process.stdin")
  }
  const milliseconds = readTimeout(timeout)
  return { key, scope, signal, port, path, host, timeout: milliseconds, openBrowser, paste, print }
}

/** The longest timer of the platform, 24.8 days, in milliseconds. */
const longestTimer = 2 ** 31 - 1

const readTimeout = (timeout: unknown): number => {
  const isInput = typeof timeout === "number" || typeof timeout === "string" || Duration.isDuration(timeout)
  const duration = isInput ? Option.getOrUndefined(Duration.fromInput(timeout as Duration.Input)) : undefined
  const milliseconds = duration === undefined ? Number.NaN : Duration.toMillis(duration)
  if (milliseconds >= 1 && milliseconds <= longestTimer) return milliseconds
  throw badOption("timeout", timeout, 'milliseconds from 1 to 2147483647, or a string such as "5 minutes"')
}

const openInBrowser = async (url: string): Promise<unknown> => (await import("open")).default(url)

const printToStandardError = (text: string): void => {
  process.stderr.write(`${text}\n`)
}
