/** Between promises that reject with typed errors and effects that fail with them. */
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { isTokenError, type TokenError } from "../errors.js"

/** Anything but a typed error is a bug, and stays one: a defect. The caller names the errors that can occur. */
export const fromPromise = <A, E extends TokenError>(
  work: (signal: AbortSignal) => A | Promise<A>,
): Effect.Effect<A, E> =>
  Effect.callback<A, E>((resume, signal) => {
    const attempt = async () => work(signal)
    void attempt().then(
      (value) => resume(Effect.succeed(value)),
      (error) => resume(isTokenError(error) ? Effect.fail(error as E) : Effect.die(error)),
    )
  })

/** Rejects with the typed error itself. */
export const toPromise = async <A, E, R>(
  context: Context.Context<R>,
  effect: Effect.Effect<A, E, R>,
  signal?: AbortSignal,
): Promise<A> => {
  const exit = await Effect.runPromiseExitWith(context)(effect, { signal })
  if (Exit.isSuccess(exit)) return exit.value
  throw Cause.squash(exit.cause)
}
