/** Reads and writes durations for people. */
import { usage } from "./commandLine.js"
import { quoted } from "./plainText.js"

const units = { second: 1_000, minute: 60_000, hour: 3_600_000 } as const

/** A duration in its largest whole unit, such as `5 minutes`. @param duration milliseconds */
export const inWords = (duration: number): string => {
  const [unit, length] =
    Object.entries(units).findLast(([, length]) => duration % length === 0) ?? (["millisecond", 1] as const)
  const count = duration / length
  return `${count} ${unit}${count === 1 ? "" : "s"}`
}

const maxDuration = 24 * units.hour

/**
 * Milliseconds of `90`, `90s`, `5m`, `1h` or `5 minutes`; a number alone is seconds.
 *
 * @throws CommandError for other text, and for more than a day
 */
export const readDuration = (flag: string, value: string): number => {
  const pattern = /^(\d{1,6}) ?(s|sec|secs|seconds?|m|min|mins|minutes?|h|hours?)?$/
  const [, count = "", unit = "s"] = pattern.exec(value.toLowerCase()) ?? []
  const length = { s: units.second, m: units.minute, h: units.hour }[unit.charAt(0) as "s" | "m" | "h"]
  const duration = Number(count) * length
  if (count !== "" && duration > 0 && duration <= maxDuration) return duration
  throw usage(`${flag} must be a duration of at most a day, such as 90s, 5m or 1h, got ${quoted(value)}`)
}
