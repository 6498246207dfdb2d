/** Runs an effect as a promise that rejects with the typed error itself. */
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { checked } from "../common/checked.js"
import { badSignal, isSignalOrNone, requireOptions } from "../common/options.js"

/** Options of every call that waits. */
export interface CallOptions {
  /** Aborts the call: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** Aborting ends only the wait. The work belongs to the client and goes on. With a bad signal it does not start. */
export const run = <A, E, R>(
  services: Context.Context<R>,
  effect: Effect.Effect<A, E, R>,
  signal?: AbortSignal,
): Promise<A> => {
  if (!isSignalOrNone(signal)) return Promise.reject(badSignal(signal))
  if (signal?.aborted) return Promise.reject(signal.reason)
  const fiber = Effect.runForkWith(services)(effect)
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      reject(signal?.reason)
      fiber.interruptUnsafe()
    }
    signal?.addEventListener("abort", onAbort, { once: true })
    fiber.addObserver((exit) => {
      signal?.removeEventListener("abort", onAbort)
      if (Exit.isSuccess(exit)) resolve(exit.value)
      else reject(Cause.squash(exit.cause))
    })
  })
}

/**
 * The same for a call whose only option is the signal. Rejects with a ConfigurationError for any other option.
 */
export const runCall = <A, E, R>(
  services: Context.Context<R>,
  effect: Effect.Effect<A, E, R>,
  options: CallOptions = {},
): Promise<A> => {
  const known = Effect.fromResult(checked(() => requireOptions(options, ["signal"], "an object")))
  return run(services, Effect.andThen(known, effect), options?.signal)
}
