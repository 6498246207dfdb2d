/** What a caller requires of a token. Does not import Effect, because the backend client of react uses it too. */
import { type DurationOption, isDuration, requireDuration } from "../common/duration.js"
import { isSignalOrNone, optionalBoolean, optionalSignal, requireOptions } from "../common/options.js"
import { defaultMinValidity } from "../protocol/tokenValidity.js"

/** The requirements of a caller for the token. */
export interface TokenRequirements {
  /** How long the token must stay valid: 60 seconds if left out, and never more than half of its lifetime. */
  readonly minValidity?: DurationOption | undefined
  /** Gets another token than the current one, even if that one is still valid. */
  readonly force?: boolean | undefined
}

/** Callers of an adapter pass their signal in the same object. */
interface CallerOptions extends TokenRequirements {
  readonly signal?: unknown
}

const names: readonly string[] = ["minValidity", "force", "signal"]

/** `minValidity` in milliseconds, without allocation; `undefined` for options that {@link readRequirements} must check. */
export const plainMinValidity = (options: CallerOptions | undefined): number | undefined => {
  if (options === undefined) return defaultMinValidity
  if (typeof options !== "object" || options === null) return undefined
  for (const name in options) {
    if (!names.includes(name)) return undefined
  }
  const { minValidity = defaultMinValidity, force, signal } = options
  const isPlain = minValidity === 0 || (typeof minValidity === "number" && isDuration(minValidity))
  const isForced = force !== undefined && force !== false
  return isPlain && !isForced && isSignalOrNone(signal) ? minValidity : undefined
}

/**
 * The requirements, with `least` in milliseconds.
 *
 * @throws ConfigurationError for a bad or unknown option
 */
export const readRequirements = (
  options: CallerOptions,
): { readonly least: number; readonly force: boolean } => {
  requireOptions(options, names as readonly never[], "an object")
  const { minValidity = defaultMinValidity, force = false, signal } = options
  optionalBoolean("force", force)
  optionalSignal(signal)
  return { least: minValidity === 0 ? 0 : requireDuration("minValidity", minValidity), force }
}
