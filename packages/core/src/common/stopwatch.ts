/** Measures how long something takes. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

/**
 * Starts a stopwatch. The returned function reads it, in milliseconds. It uses two clocks and returns the larger value:
 * the wall clock may be set back, and the monotonic clock stops while the machine sleeps.
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

/** Starts a stopwatch by the monotonic clock alone, for how long a caller has waited: a machine that sleeps does not wait. */
export const waitingTime: Effect.Effect<() => number> = Clock.clockWith((clock) =>
  Effect.sync(() => {
    const start = clock.monotonicTimeNanosUnsafe()
    return () => Number(clock.monotonicTimeNanosUnsafe() - start) / 1e6
  }),
)
