/** What a login by redirect leaves behind for the page that the user comes back to. */
import { ConfigurationError } from "@ellipsis-oauth/core/promise"
import { tryLock } from "./tabLocks.js"
import { type StorageKind, setItem, withStorage } from "./webStorage.js"

export interface LoginTransactions {
  /** @throws ConfigurationError where the browser has no storage */
  keep(state: string, transaction: string, returnTo: string): void
  /** Whether a login with this state was started here within the hour. */
  has(state: string): boolean
  /** What was kept, for whoever asks first; `undefined` for everybody else. */
  take(state: string): Promise<{ readonly transaction: string; readonly returnTo: string } | undefined>
}

/** When it was started, in milliseconds since the epoch, and the rest until it is taken. */
type Entry = readonly [startedAt: number, transaction?: string, returnTo?: string]

/** A confirmation mail may bring the user back in another tab, so that the place that all tabs share comes first. */
const places: readonly StorageKind[] = ["local", "session"]

/** As long as the server and core accept it: one hour, in milliseconds. */
const lifetime = 3_600_000

/** How long the page that takes a transaction keeps others from it, in milliseconds: until they see that it is gone. */
const exclusion = 10_000

export const loginTransactions = (name: string, now: () => number): LoginTransactions => {
  const prefix = `${name}#`

  const parse = (text: string | null | undefined): Entry | undefined => {
    try {
      const entry: unknown = JSON.parse(text ?? "")
      return Array.isArray(entry) ? (entry as unknown as Entry) : undefined
    } catch {
      return undefined
    }
  }

  const find = (state: string): readonly [StorageKind, Entry] | undefined => {
    for (const place of places) {
      const entry = parse(withStorage(place, (area) => area.getItem(prefix + state)))
      if (entry !== undefined) return [place, entry]
    }
    return undefined
  }

  const prune = (area: Storage) => {
    for (const key of Object.keys(area)) {
      const [startedAt = 0] = (key.startsWith(prefix) && parse(area.getItem(key))) || [now()]
      if (startedAt < now() - lifetime) area.removeItem(key)
    }
  }

  return {
    keep: (state, transaction, returnTo) => {
      for (const place of places) withStorage(place, prune)
      const entry: Entry = [now(), transaction, returnTo]
      if (places.some((place) => setItem(place, prefix + state, JSON.stringify(entry)))) return
      throw new ConfigurationError({
        option: "method",
        got: '"redirect", in a browser whose storage is blocked or full',
        expected: '"popup" there, which needs no storage',
      })
    },
    has: (state) => find(state) !== undefined,
    take: async (state) => {
      const unlock = await tryLock(prefix + state)
      if (unlock === undefined) return undefined
      setTimeout(unlock, exclusion)
      const [place, [startedAt, transaction, returnTo]] = find(state) ?? ["memory", [0]]
      // What stays tells a late visitor that this login is over.
      setItem(place, prefix + state, JSON.stringify([startedAt]))
      return transaction === undefined || returnTo === undefined ? undefined : { transaction, returnTo }
    },
  }
}
