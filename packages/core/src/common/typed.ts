/** Between pure functions that throw typed errors and effects that fail with them. */
import * as Effect from "effect/Effect"
import { isTokenError, type TokenError } from "../errors.js"

/** Anything but a typed error is a bug, and stays one: a defect. The caller names the errors that can occur. */
export const typed = <A, E extends TokenError>(evaluate: () => A): Effect.Effect<A, E> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(evaluate())
    } catch (error) {
      return isTokenError(error) ? Effect.fail(error as E) : Effect.die(error)
    }
  })
