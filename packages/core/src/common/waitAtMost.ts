/** A wait that ends, and that a stopped process does not end too early. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { stopwatch } from "./stopwatch.js"

/**
 * An expired timer waits for this long before it has an effect, in milliseconds: a process that was stopped or blocked
 * finds the timer and the response at once, and the response must win.
 */
export const gracePeriod = 1000

/** A timer that is later than this, in milliseconds, tells that the process was stopped or blocked. */
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
