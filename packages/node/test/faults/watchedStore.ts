/** A store with a record of what was asked of it, and with failures that a test plans. */
import type { TokenStoreAdapter } from "../../src/index.js"

type Method = "read" | "write" | "remove" | "lease" | "release"

export interface WatchedStore {
  readonly store: TokenStoreAdapter
  /** How often the store was asked for this. */
  calls(method: Method): number
  /** How many calls of the store failed. */
  failures(method: Method): number
  /** Fulfilled when the store has been asked for this the next time. */
  asked(method: Method): Promise<void>
  /** The next writes fail: nothing is written, or it is and the response is lost. */
  failWrites(count: number, written?: "written"): void
}

export const watchedStore = (inner: TokenStoreAdapter): WatchedStore => {
  const asked = new Map<Method, number>()
  const failed = new Map<Method, number>()
  const waiting = new Map<Method, () => void>()
  let failing = 0
  let failsLate = false

  const watch = async <A>(method: Method, call: () => A): Promise<Awaited<A>> => {
    asked.set(method, (asked.get(method) ?? 0) + 1)
    try {
      const answer = call()
      waiting.get(method)?.()
      return await answer
    } catch (error) {
      failed.set(method, (failed.get(method) ?? 0) + 1)
      throw error
    }
  }

  const write: TokenStoreAdapter["write"] = async (...request) => {
    if (failing === 0) return inner.write(...request)
    failing--
    if (failsLate) await inner.write(...request)
    throw new Error("the test's own failure")
  }

  return {
    store: {
      read: (...request) => watch("read", () => inner.read(...request)),
      write: (...request) => watch("write", () => write(...request)),
      remove: (...request) => watch("remove", () => inner.remove(...request)),
      lease: (...request) => watch("lease", () => inner.lease(...request)),
      release: (...request) => watch("release", () => inner.release(...request)),
    },
    calls: (method) => asked.get(method) ?? 0,
    failures: (method) => failed.get(method) ?? 0,
    asked: (method) =>
      new Promise((resolve) => {
        waiting.set(method, resolve)
      }),
    failWrites: (count, written) => {
      failing = count
      failsLate = written !== undefined
    },
  }
}
