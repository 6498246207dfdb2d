/** Waits that end when somebody gives up. */
import type { PlatformClock } from "./PlatformClock.js"

export interface CallOptions {
  /** Aborts the call: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** The result of some work, or the signal's reason if that comes first. The work itself goes on. */
export const unlessAborted = <A>(signal: AbortSignal | undefined, work: () => Promise<A>): Promise<A> => {
  if (signal === undefined) return work()
  if (signal.aborted) return Promise.reject(signal.reason)
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    signal.addEventListener("abort", onAbort, { once: true })
    work()
      .finally(() => signal.removeEventListener("abort", onAbort))
      .then(resolve, reject)
  })
}

/** The result of some work, or the error of `onTimeout`; then, and when the outer signal aborts, the work is aborted. */
export const withTimeout = async <A>(
  clock: PlatformClock,
  milliseconds: number,
  work: (signal: AbortSignal) => Promise<A>,
  onTimeout: () => unknown,
  outer?: AbortSignal,
): Promise<A> => {
  const over = new AbortController()
  const timeout = clock.sleep(milliseconds, over.signal).then(() => {
    throw onTimeout()
  })
  timeout.catch(() => {})
  try {
    return await unlessAborted(outer, () => Promise.race([work(over.signal), timeout]))
  } finally {
    over.abort()
  }
}
