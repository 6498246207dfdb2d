import { optionalSignal } from "@ellipsis-oauth/core/promise"

/** Waits for the work, or rejects with the signal's reason; the work goes on. @throws ConfigurationError */
export const unlessAborted = <A>(signal: AbortSignal | undefined, work: Promise<A>): Promise<A> => {
  optionalSignal(signal)
  if (!signal) return work
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    if (signal.aborted) onAbort()
    signal.addEventListener("abort", onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort))
  })
}
