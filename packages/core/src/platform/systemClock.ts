/** The clock of every browser, Node, Deno and Bun. */
import type { PlatformClock } from "../common/PlatformClock.js"

/** @param now milliseconds since the epoch */
export const systemClock = (now: () => number = Date.now): PlatformClock => ({
  now,
  monotonic: () => performance.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      const onAbort = () => {
        clearTimeout(timer)
        reject(signal?.reason)
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", onAbort)
        resolve()
      }, milliseconds)
      if (signal?.aborted) onAbort()
      else signal?.addEventListener("abort", onAbort, { once: true })
    }),
})
