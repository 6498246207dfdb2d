/** The options of all sessions of a client, and their checks. */
import { optionalFunction, show } from "../common/options.js"
import { ConfigurationError } from "../errors/ConfigurationError.js"
import type { TokenEvent } from "./TokenEvent.js"

export interface SessionOptions {
  /** How many refresh requests of this client may be sent at once: 64 if left out. */
  readonly maxConcurrentRefreshes?: number | undefined
  /** Called with the events of every session, without secrets. What it throws is ignored. */
  readonly onEvent?: ((event: TokenEvent) => void) | undefined
}

export interface SessionSettings {
  readonly maxConcurrentRefreshes: number
  readonly onEvent: ((event: TokenEvent) => void) | undefined
}

/** @throws ConfigurationError for a bad option */
export const checkSessionOptions = (options: SessionOptions): SessionSettings => {
  const { maxConcurrentRefreshes = 64, onEvent } = options
  if (!Number.isInteger(maxConcurrentRefreshes) || maxConcurrentRefreshes < 1) {
    throw new ConfigurationError({
      option: "maxConcurrentRefreshes",
      got: show(maxConcurrentRefreshes),
      expected: "a whole number from 1",
    })
  }
  optionalFunction("onEvent", onEvent)
  return { maxConcurrentRefreshes, onEvent }
}
