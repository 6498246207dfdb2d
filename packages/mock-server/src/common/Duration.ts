/** Durations as people write them. */
import { OptionError } from "./OptionError.js"

const units = {
  ms: 1,
  milli: 1,
  millis: 1,
  millisecond: 1,
  milliseconds: 1,
  second: 1_000,
  seconds: 1_000,
  minute: 60_000,
  minutes: 60_000,
  hour: 3_600_000,
  hours: 3_600_000,
  day: 86_400_000,
  days: 86_400_000,
  week: 604_800_000,
  weeks: 604_800_000,
} as const

type DurationUnit = keyof typeof units

/** Milliseconds, or a string such as `"1 hour"`, `"90 seconds"`, `"1.5 days"`. */
export type Duration = number | `${number} ${DurationUnit}`

const expected = 'milliseconds (a finite number of at least 0) or a string such as "90 seconds" or "1 hour"'

/** Every unit that a duration can have. */
export const durationUnits = Object.keys(units) as readonly DurationUnit[]

const isUnit = (text: string): text is DurationUnit => Object.hasOwn(units, text)

/** A duration in milliseconds; fails with an `OptionError` that names `option`. */
export const toMilliseconds = (option: string, value: unknown): number => {
  if (typeof value === "number") {
    if (Number.isFinite(value) && value >= 0) return value
    throw new OptionError(option, value, expected)
  }
  if (typeof value !== "string") throw new OptionError(option, value, expected)
  const parts = /^(\d+(?:\.\d+)?) ?([a-z]+)$/.exec(value.trim())
  const [, amount, unit] = parts ?? []
  if (amount === undefined || unit === undefined || !isUnit(unit))
    throw new OptionError(option, value, expected)
  return Number(amount) * units[unit]
}

/** Milliseconds in words, such as `2 minutes 3 seconds`. */
export const inWords = (milliseconds: number): string => {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`
  const words: string[] = []
  let rest = Math.round(milliseconds / 1_000)
  for (const [name, seconds] of [
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
    ["second", 1],
  ] as const) {
    const count = Math.floor(rest / seconds)
    rest -= count * seconds
    if (count > 0) words.push(`${count} ${name}${count === 1 ? "" : "s"}`)
  }
  return words.slice(0, 2).join(" ")
}
