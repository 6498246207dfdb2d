/** The options of `loopbackLogin`, checked. */
import {
  badOption,
  type CallOptions,
  ConfigurationError,
  type CreateAuthorizationRequestOptions,
  type DurationOption,
  optionalFunction,
  optionalSignal,
  requireDuration,
  requireOneOf,
  requireOptions,
  show,
} from "@ellipsis-oauth/core/promise"

/** The options of `loopbackLogin`. */
export interface LoopbackLoginOptions extends CallOptions, Pick<CreateAuthorizationRequestOptions, "scope"> {
  /** The user's key, as for `client.session(key)`. Left out for an app with one user. */
  readonly key?: string
  /**
   * The port of the redirect URI. Any free port if left out, for servers that allow that. Ellipsis Drive compares redirect
   * URIs letter by letter, so register a port there and set it here.
   */
  readonly port?: number
  /** The path of the redirect URI: `/callback` if left out. */
  readonly path?: string
  /** The host of the redirect URI: `127.0.0.1` if left out, as RFC 8252 §8.3 recommends. */
  readonly host?: "127.0.0.1" | "localhost"
  /** How long the person may take: 5 minutes if left out. */
  readonly timeout?: DurationOption
  /** Opens the browser. With `false` the person opens the printed URL. */
  readonly openBrowser?: ((url: string) => unknown) | false
  /** The input, such as `process.stdin`, where the person pastes the last address of a browser on another machine. */
  readonly paste?: PasteSource
  /** Shows a text with the URL to open. Prints to standard error if left out. */
  readonly print?: (text: string) => void
}

/** A stream of text, such as `process.stdin`. */
export interface PasteSource {
  on(event: "data", listener: (chunk: string | Uint8Array) => void): unknown
}

const optionNames = [
  "key",
  "scope",
  "signal",
  "port",
  "path",
  "host",
  "timeout",
  "openBrowser",
  "paste",
  "print",
] as const satisfies readonly (keyof LoopbackLoginOptions)[]

export type LoopbackLoginSettings = ReturnType<typeof checkLoopbackOptions>

/** @throws ConfigurationError */
export const checkLoopbackOptions = (options: LoopbackLoginOptions) => {
  requireOptions(options, optionNames, "an object")
  const { port = 0, path = "/callback", host = "127.0.0.1", timeout = "5 minutes" } = options
  const { key, scope, signal, paste, openBrowser = openInBrowser, print = printToStandardError } = options
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    const expected = "a port from 0 (any free one) to 65535"
    throw new ConfigurationError({ option: "port", got: show(port), expected })
  }
  // With other characters a browser may request another path than the registered one.
  if (typeof path !== "string" || !/^\/[\w.~/-]*$/.test(path) || path.startsWith("//")) {
    throw badOption("path", path, "a path such as /callback")
  }
  if (openBrowser !== false && typeof openBrowser !== "function") {
    throw badOption("openBrowser", openBrowser, "a function that takes a URL, or false")
  }
  optionalFunction("print", print)
  optionalSignal(signal)
  if (paste !== undefined && typeof paste?.on !== "function") {
    throw badOption("paste", paste, "a stream such as process.stdin")
  }
  return {
    key,
    scope,
    signal,
    port,
    path,
    host: requireOneOf("host", host, ["127.0.0.1", "localhost"]),
    timeout: requireDuration("timeout", timeout),
    openBrowser,
    paste,
    print,
  }
}

const openInBrowser = async (url: string): Promise<unknown> => (await import("open")).default(url)

const printToStandardError = (text: string): void => {
  process.stderr.write(`${text}\n`)
}
