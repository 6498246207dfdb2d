/** The token store in memory, for one process. */
import { requireAge } from "../common/duration.js"
import { optionalFunction, requireOptions } from "../common/options.js"
import type { StoredRecord, TokenStoreAdapter } from "./TokenStoreAdapter.js"

/** The options of `memoryTokenStore`. */
export interface MemoryTokenStoreOptions {
  /** The clock of the leases, in milliseconds. It must not be set back or forward; a monotonic clock if left out. */
  readonly now?: (() => number) | undefined
}

interface Kept {
  readonly record: StoredRecord
  readonly writtenAt: number
}

interface Held {
  readonly owner: string
  readonly expiresAt: number
}

/** A token store in memory, for one process: its tokens are lost when the process ends. */
export const memoryTokenStore = (
  options: MemoryTokenStoreOptions = {},
): TokenStoreAdapter & Required<Pick<TokenStoreAdapter, "removeStale">> => {
  const { now = () => performance.now() } = requireOptions(options, ["now"], "an object")
  optionalFunction("now", now)
  const records = new Map<string, Kept>()
  const leases = new Map<string, Held>()
  const removeEnded = sweeper(leases, ({ expiresAt }) => expiresAt <= now())
  return {
    read: (key) => records.get(key)?.record,
    write: (key, record, ifVersion) => {
      if (ifVersion !== undefined && (records.get(key)?.record.version ?? null) !== ifVersion) return false
      records.set(key, { record, writtenAt: now() })
      return true
    },
    remove: (key, ifVersion) => {
      if (ifVersion !== undefined && records.get(key)?.record.version !== ifVersion) return false
      return records.delete(key)
    },
    lease: (key, owner, duration) => {
      const held = leases.get(key)
      const expiresIn = held === undefined ? 0 : held.expiresAt - now()
      if (held !== undefined && held.owner !== owner && expiresIn > 0) return { acquired: false, expiresIn }
      leases.set(key, { owner, expiresAt: now() + duration })
      removeEnded()
      return { acquired: true, expiresIn: duration }
    },
    release: (key, owner) => {
      if (leases.get(key)?.owner === owner) leases.delete(key)
    },
    removeStale: ({ notWrittenFor }) => {
      const latest = now() - requireAge("notWrittenFor", notWrittenFor)
      const stale = [...records].filter(([, { writtenAt }]) => writtenAt <= latest)
      for (const [key] of stale) records.delete(key)
      return stale.length
    },
  }
}

/** Checks two entries at each call and removes those that have ended, so that the map stays small. */
const sweeper = <A>(entries: Map<string, A>, hasEnded: (entry: A) => boolean) => {
  let rest = entries.entries()
  return () => {
    for (let looked = 0; looked < 2; looked++) {
      const next = rest.next()
      if (next.done) {
        rest = entries.entries()
        return
      }
      const [key, entry] = next.value
      if (hasEnded(entry)) entries.delete(key)
    }
  }
}
