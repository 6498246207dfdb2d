/** What logins by redirect and sign-outs leave behind for the pages that the user comes to next. */
import { ConfigurationError, transactionLifetime } from "@ellipsis-oauth/core/promise"
import { tryLock } from "../page/tabLocks.js"
import { readItem, type StorageKind, setItem, withStorage } from "../page/webStorage.js"

export interface LoginTransactions {
  /** @throws ConfigurationError where the browser has no storage */
  keep(state: string, transaction: string, returnTo: string): void
  /** Whether a login with this state was started here within the hour. */
  has(state: string): boolean
  /** Whether such a login was taken up already. */
  isTaken(state: string): boolean
  /** Whether another client of this origin started a login with this state. */
  isOfAnother(state: string): boolean
  /** What was kept, for the page that asks first; `undefined` for every other one. */
  take(state: string): Promise<{ readonly transaction: string; readonly returnTo: string } | undefined>
  /** Where the login with this state leads, also after it was taken. */
  returnTo(state: string): string | undefined
  /** The login that this tab began last, unless a user was signed in since: its state. */
  unfinished(): string | undefined
  forgetUnfinished(): void
  /** Whether the user signed out, in any tab, and nobody has signed in since. */
  isSignedOut(): boolean
  signedOut(): void
  signedIn(): void
}

/** When it was started, in milliseconds since the epoch, and the rest until it is taken. */
type Entry = readonly [startedAt: number, transaction?: string | null, returnTo?: string]

/** A confirmation mail may bring the user back in another tab, so that the place that all tabs share comes first. */
const places: readonly StorageKind[] = ["local", "session"]

/** How long the page that takes a transaction keeps others from it, in milliseconds: until they see that it is gone. */
const exclusion = 10_000

export const loginTransactions = (name: string, now: () => number): LoginTransactions => {
  const prefix = `${name}#`

  const find = (state: string): readonly [StorageKind, Entry] | undefined => {
    for (const place of places) {
      const entry = readItem<Entry>(place, prefix + state)
      if (entry !== undefined) return [place, entry]
    }
    return undefined
  }

  const prune = (place: StorageKind) => {
    for (const key of withStorage(place, Object.keys) ?? []) {
      const startedAt = key.startsWith(prefix) ? readItem<Entry>(place, key)?.[0] : now()
      if (!(Number(startedAt) > now() - transactionLifetime))
        withStorage(place, (area) => area.removeItem(key))
    }
  }

  const forgetUnfinished = () => {
    withStorage("session", (area) => area.removeItem(prefix))
  }

  return {
    keep: (state, transaction, returnTo) => {
      places.forEach(prune)
      const entry: Entry = [now(), transaction, returnTo]
      setItem("session", prefix, [now(), state])
      if (places.some((place) => setItem(place, prefix + state, entry))) return
      throw new ConfigurationError({
        option: "method",
        got: '"redirect" where storage is blocked or full',
        expected: '"popup" there',
      })
    },
    has: (state) => find(state) !== undefined,
    isTaken: (state) => {
      const entry = find(state)?.[1]
      return state !== "" && entry !== undefined && !entry[1]
    },
    isOfAnother: (state) =>
      places.some((place) =>
        withStorage(place, Object.keys)?.some(
          (key) => key.startsWith("ellipsis-oauth ") && key.endsWith(`#${state}`) && key !== prefix + state,
        ),
      ),
    take: async (state) => {
      const unlock = await tryLock(prefix + state)
      if (unlock === undefined) return undefined
      setTimeout(unlock, exclusion)
      const [place, [startedAt, transaction, returnTo]] = find(state) ?? ["memory", [0]]
      // What stays tells a late visitor that this login is over.
      setItem(place, prefix + state, [startedAt, null, returnTo])
      return transaction && returnTo !== undefined ? { transaction, returnTo } : undefined
    },
    returnTo: (state) => find(state)?.[1][2],
    unfinished: () => readItem<readonly [startedAt: number, state: string]>("session", prefix)?.[1],
    forgetUnfinished,
    isSignedOut: () => readItem("local", prefix) !== undefined,
    signedOut: () => {
      setItem("local", prefix, [now()])
    },
    signedIn: () => {
      forgetUnfinished()
      withStorage("local", (area) => area.removeItem(prefix))
    },
  }
}
