/** Durations as options. Does not import Effect, because the backend client of react uses it too. */
import { ConfigurationError } from "../errors/ConfigurationError.js"
import { show } from "./options.js"

type Unit = keyof typeof units

/** A duration: milliseconds, or a string such as `"10 seconds"` or `"1 minute"`. */
export type DurationOption = number | `${number} ${Unit | `${Unit}s`}`

const units = {
  nano: 1e-6,
  micro: 1e-3,
  milli: 1,
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
}

/** The longest timer that JavaScript runtimes support, 24.8 days. A longer one would fire at once. */
const longestTimer = 2 ** 31 - 1

/** Whether a timer can wait for so many milliseconds. */
export const isDuration = (milliseconds: number): boolean => milliseconds >= 1 && milliseconds <= longestTimer

/**
 * A duration in milliseconds.
 *
 * @throws ConfigurationError for any other value, and for one that is longer than a timer can be
 */
export const requireDuration = (option: string, value: unknown): number => {
  const milliseconds = toMilliseconds(value)
  if (!isDuration(milliseconds)) {
    throw new ConfigurationError({
      option,
      got: show(value),
      expected: 'milliseconds from 1 to 2147483647, or a string such as "10 seconds"',
    })
  }
  return milliseconds
}

const anyAge = {
  min: 1,
  max: Number.MAX_VALUE,
  expected: 'at least 1 millisecond, as a number or a string such as "90 days"',
}

/** A time span that is compared, not waited for, so it may be longer than a timer can be. @returns milliseconds */
export const requireAge = (option: string, value: unknown, { min, max, expected } = anyAge): number => {
  const milliseconds = toMilliseconds(value)
  if (milliseconds >= min && milliseconds <= max) return milliseconds
  throw new ConfigurationError({ option, got: show(value), expected })
}

const toMilliseconds = (value: unknown): number => {
  if (typeof value === "number") return value
  if (typeof value !== "string") return Number.NaN
  const [, amount, unit = ""] = /^(-?\d{1,15}(?:\.\d{1,15})?)\s+([a-z]{1,9}?)s?$/.exec(value) ?? []
  return Number(amount) * (Object.hasOwn(units, unit) ? units[unit as Unit] : Number.NaN)
}
