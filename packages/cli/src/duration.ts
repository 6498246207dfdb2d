/** Durations as people write and read them. */

const units = { second: 1_000, minute: 60_000, hour: 3_600_000 } as const

/** In the largest unit that divides it, such as `5 minutes`. @param duration milliseconds */
export const inWords = (duration: number): string => {
  const [unit, length] =
    Object.entries(units).findLast(([, length]) => duration % length === 0) ?? (["millisecond", 1] as const)
  const count = duration / length
  return `${count} ${unit}${count === 1 ? "" : "s"}`
}
