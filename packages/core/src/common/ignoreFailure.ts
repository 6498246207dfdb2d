import * as Effect from "effect/Effect"

/** `Effect.ignore` without its option to log, which brings 2 kB of loggers into the bundle of every browser. */
export const ignoreFailure = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<void, never, R> =>
  Effect.asVoid(Effect.catch(effect, () => Effect.void))
