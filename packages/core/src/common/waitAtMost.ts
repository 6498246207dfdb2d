/** A wait with a timeout that also works in a process that was stopped for a while. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { stopwatch } from "./stopwatch.js"

/**
 * How long an expired timeout still waits, in milliseconds. When a stopped process goes on, its timer and the response
 * are ready at the same time, and the response must win.
 */
export const gracePeriod = 1000

/** If a timer fires later than this, in milliseconds, the process was stopped or blocked. */
const lateness = 250

/** @param wait can be run again, such as `Deferred.await` */
export const waitAtMost = <A, E>(
  wait: Effect.Effect<A, E>,
  milliseconds: number,
): Effect.Effect<Option.Option<A>, E> =>
  Effect.flatMap(stopwatch, (elapsed) =>
    Effect.flatMap(Effect.timeoutOption(wait, milliseconds), (result) =>
      Option.isNone(result) && elapsed() > milliseconds + lateness
        ? Effect.timeoutOption(wait, gracePeriod)
        : Effect.succeed(result),
    ),
  )
