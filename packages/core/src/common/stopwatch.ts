/** Measures how long something takes. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

/**
 * Starts a stopwatch; the returned function reads it, in milliseconds. A wall clock that is set back must not stretch
 * a deadline, and the monotonic clock stands still while a machine sleeps, so the larger of the two counts.
 */
export const stopwatch: Effect.Effect<() => number> = Clock.clockWith((clock) =>
  Effect.sync(() => {
    const wall = clock.currentTimeMillisUnsafe()
    const monotonic = clock.monotonicTimeNanosUnsafe()
    return () =>
      Math.max(
        clock.currentTimeMillisUnsafe() - wall,
        Number(clock.monotonicTimeNanosUnsafe() - monotonic) / 1e6,
      )
  }),
)
