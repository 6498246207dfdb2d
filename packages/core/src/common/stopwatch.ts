/** Measures how long something takes. */
import * as Effect from "effect/Effect"

/**
 * Starts a stopwatch; the inner effect reads it, in milliseconds. A wall clock that is set back must not stretch a
 * deadline, and the monotonic clock stands still while a machine sleeps, so the larger of the two counts.
 */
export const stopwatch: Effect.Effect<Effect.Effect<number>> = Effect.clockWith((clock) => {
  const wall = clock.currentTimeMillisUnsafe()
  const monotonic = clock.monotonicTimeNanosUnsafe()
  return Effect.succeed(
    Effect.sync(() =>
      Math.max(
        clock.currentTimeMillisUnsafe() - wall,
        Number(clock.monotonicTimeNanosUnsafe() - monotonic) / 1_000_000,
      ),
    ),
  )
})
