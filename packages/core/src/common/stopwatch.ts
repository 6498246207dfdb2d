/** Measures how long something takes. */
import type { PlatformClock } from "./PlatformClock.js"

/**
 * Starts a stopwatch; the returned function reads it, in milliseconds. A wall clock that is set back must not stretch
 * a deadline, and the monotonic clock stands still while a machine sleeps, so the larger of the two counts.
 */
export const stopwatch = (clock: PlatformClock): (() => number) => {
  const wall = clock.now()
  const monotonic = clock.monotonic()
  return () => Math.max(clock.now() - wall, clock.monotonic() - monotonic)
}
