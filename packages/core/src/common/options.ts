/** Checks of options: each throws a `ConfigurationError` with the option's name, what it got and what it takes. */
import type * as Duration from "effect/Duration"
import { ConfigurationError } from "../errors.js"

/** A duration: milliseconds, or a string such as `"10 seconds"` or `"1 minute"`. */
export type DurationOption = number | Duration.Input

/** Describes a value without showing it: its type, and a string's length. */
export const describe = (value: unknown): string => {
  if (value === undefined) return "missing"
  if (value === null) return "null"
  if (value === "") return "an empty string"
  if (typeof value === "string") return `a string of ${value.length} characters`
  if (Array.isArray(value)) return "an array"
  return typeof value === "object" ? "an object" : `a ${typeof value}`
}

/** Shows a value that is no secret. */
export const show = (value: unknown): string =>
  (typeof value === "string" && value !== "") || typeof value === "number" || typeof value === "boolean"
    ? JSON.stringify(value)
    : describe(value)

/** A string of 1 to `maxLength` characters. A secret one is only described in the error. */
export const requireString = (
  option: string,
  value: unknown,
  takes: { readonly expected: string; readonly maxLength?: number | undefined; readonly secret?: boolean },
): string => {
  const { expected, maxLength = Number.POSITIVE_INFINITY, secret = false } = takes
  if (typeof value !== "string" || value === "") {
    throw new ConfigurationError({ option, got: describe(value), expected })
  }
  if (value.length > maxLength) {
    const got = secret
      ? describe(value)
      : `${JSON.stringify(value.slice(0, 40))}… of ${value.length} characters`
    throw new ConfigurationError({ option, got, expected: `${expected} of at most ${maxLength} characters` })
  }
  return value
}

export const requireOneOf = <const A extends string>(
  option: string,
  value: unknown,
  choices: readonly A[],
): A => {
  const found = choices.find((choice) => choice === value)
  if (found === undefined) {
    throw new ConfigurationError({
      option,
      got: show(value),
      expected: choices.map((choice) => JSON.stringify(choice)).join(" or "),
    })
  }
  return found
}

/** A function, where one is given. */
export const optionalFunction = (option: string, value: unknown): void => {
  if (value !== undefined && typeof value !== "function") {
    throw new ConfigurationError({ option, got: show(value), expected: "a function" })
  }
}

/** The longest timer of the platforms, 24.8 days: anything longer would fire at once. */
const longestTimer = 2 ** 31 - 1

/** @returns milliseconds */
export const requireDuration = (option: string, value: unknown): number => {
  const milliseconds = toMilliseconds(value)
  if (!(milliseconds >= 1 && milliseconds <= longestTimer)) {
    throw new ConfigurationError({
      option,
      got: show(value),
      expected: 'milliseconds from 1 to 2147483647, or a string such as "10 seconds"',
    })
  }
  return milliseconds
}

const units: Readonly<Record<string, number>> = {
  nano: 1e-6,
  micro: 1e-3,
  milli: 1,
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
}

/** Reads what Effect's `Duration` reads, without its 5 kB. */
const toMilliseconds = (value: unknown): number => {
  if (typeof value === "number") return value
  if (typeof value === "string") {
    const [, amount, unit = ""] = /^(-?\d+(?:\.\d+)?)\s+([a-z]+?)s?$/.exec(value) ?? []
    return Number(amount) * (units[unit] ?? Number.NaN)
  }
  const duration = (value as Duration.Duration | null | undefined)?.value
  if (duration?._tag === "Millis") return duration.millis
  return duration?._tag === "Nanos" ? Number(duration.nanos) / 1e6 : Number.NaN
}

/** An absolute URL, parsed. */
export const requireUrl = (option: string, value: unknown, expected: string): URL => {
  try {
    return new URL(requireString(option, value, { expected }))
  } catch (error) {
    throw error instanceof ConfigurationError
      ? error
      : new ConfigurationError({ option, got: show(value), expected })
  }
}
