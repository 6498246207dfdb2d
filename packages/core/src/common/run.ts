/** Where Effect ends: effects as promises. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"

export interface CallOptions {
  /** Aborts the call: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** Rejects with the typed error itself, or with the signal's reason. */
export const run = async <A, E>(effect: Effect.Effect<A, E>, signal?: AbortSignal): Promise<A> => {
  if (signal?.aborted) throw signal.reason
  const exit = await Effect.runPromiseExit(effect, { signal })
  if (Exit.isSuccess(exit)) return exit.value
  throw signal?.aborted && Cause.hasInterruptsOnly(exit.cause) ? signal.reason : Cause.squash(exit.cause)
}
