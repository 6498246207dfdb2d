/** Notes about logins by redirect, for the next pages. */
import {
  ConfigurationError,
  LoginAbandoned,
  type TokenError,
  transactionLifetime,
} from "@ellipsis-oauth/core/promise"
import { tryLock } from "../page/tabLocks.js"
import { readItem, removeItem, type StorageKind, setItem, withStorage } from "../page/webStorage.js"
import { isOwnState } from "./CallbackUrl.js"
import { errorFromJson, errorToJson } from "./errorJson.js"

export interface LoginTransactions {
  /** @throws ConfigurationError if the browser has no storage */
  keep(state: string, transaction: string, returnTo: string): void
  /** Notes the state of a login by popup: the page that opened it keeps the rest. */
  keepState(state: string): void
  /** The login with this state, if one was started here within the hour. */
  find(state: string): KnownLogin | undefined
  /** Whether another client of this origin started a login with this state. */
  isOfAnother(state: string): boolean
  /** The transaction, for the first page that takes it; `undefined` for every other page. */
  take(state: string): Promise<string | undefined>
  /** The last login of this tab, unless a user has signed in since. */
  last(): LastLogin | undefined
  forgetLast(): void
  /** The last login of this tab has failed. */
  failed(error: unknown): void
}

export interface KnownLogin {
  /** Whether a page has already taken its transaction. */
  readonly isTaken: boolean
  /** The page after the login, also after its transaction was taken; `undefined` for a login by popup. */
  readonly returnTo: string | undefined
}

export interface LastLogin {
  /** Empty after a login that failed. */
  readonly state: string
  /** Why it did not sign the user in: that the user left it, if nothing else is known. */
  readonly error: TokenError
}

/** When it was started, in milliseconds since the epoch, and for a redirect the rest until it is taken. */
type Entry = readonly [startedAt: number, transaction?: string | null, returnTo?: string | undefined]

/** The entry that was stored, if it has the form of one. */
const readEntry = (place: StorageKind, key: string): Entry | undefined => {
  const entry = readItem(place, key)
  if (!Array.isArray(entry)) return undefined
  const [startedAt, transaction, returnTo]: readonly unknown[] = entry
  if (typeof startedAt !== "number") return undefined
  if (typeof returnTo !== "string") return [startedAt]
  const home = `${location.origin}/`
  return [
    startedAt,
    typeof transaction === "string" ? transaction : null,
    returnTo.startsWith(home) ? returnTo : home,
  ]
}

/**
 * A login is kept in both. `local` first, because a confirmation mail may open the callback in another tab. `session` too,
 * because other code may clear the other one.
 */
const places: readonly StorageKind[] = ["local", "session"]

const keysOf = (place: StorageKind): readonly string[] => withStorage(place, Object.keys) ?? []

/** How long the page that takes a transaction holds its lock, in milliseconds: until other tabs see that it is gone. */
const exclusion = 10_000

/** The longest wait for that lock, in milliseconds. */
const maxLockWait = 5_000

export const loginTransactions = (name: string, now: () => number): LoginTransactions => {
  const prefix = `${name}#`

  const entryOf = (state: string): Entry | undefined =>
    // Without a state, the key is that of other notes.
    state === ""
      ? undefined
      : places.map((place) => readEntry(place, prefix + state)).find((entry) => entry !== undefined)

  const prune = (place: StorageKind) => {
    for (const key of keysOf(place)) {
      if (!key.startsWith(prefix) || !isOwnState(key.slice(prefix.length))) continue
      const [startedAt = Number.NaN] = readEntry(place, key) ?? []
      // The clock may have been set back since.
      const isKept = Math.abs(now() - startedAt) < transactionLifetime
      if (!isKept) removeItem(place, key)
    }
  }

  /** Returns whether a storage took it. */
  const put = (state: string, ...rest: [transaction: string, returnTo: string] | []): boolean => {
    places.forEach(prune)
    return places.map((place) => setItem(place, prefix + state, [now(), ...rest])).includes(true)
  }

  return {
    keep: (state, ...rest) => {
      setItem("session", prefix, [now(), state])
      if (put(state, ...rest)) return
      throw new ConfigurationError({
        option: "method",
        got: '"redirect"',
        expected: '"popup", since the browser\'s storage is blocked or full',
      })
    },
    keepState: (state) => void put(state),
    find: (state) => {
      const entry = entryOf(state)
      return entry && { isTaken: entry[1] === null, returnTo: entry[2] }
    },
    isOfAnother: (state) =>
      places
        .flatMap(keysOf)
        .some(
          (key) => key.startsWith("ellipsis-oauth ") && key.endsWith(`#${state}`) && key !== prefix + state,
        ),
    take: async (state) => {
      const locked = tryLock(prefix + state).then((unlock) => {
        if (unlock !== undefined) setTimeout(unlock, exclusion)
        return unlock
      })
      // If the browser's locks do not respond, the login goes on without them.
      const late = new Promise((resolve) => setTimeout(resolve, maxLockWait, "late"))
      if ((await Promise.race([locked, late])) === undefined) return undefined
      const entry = entryOf(state)
      if (entry === undefined) return undefined
      const [startedAt, transaction, returnTo] = entry
      // The rest of the entry shows a later page that this login is over.
      for (const place of places) setItem(place, prefix + state, [startedAt, null, returnTo])
      return transaction ?? undefined
    },
    last: () => {
      const item = readItem("session", prefix)
      const [, state, error]: readonly unknown[] = Array.isArray(item) ? item : []
      return typeof state === "string"
        ? { state, error: errorFromJson(error) ?? new LoginAbandoned({}) }
        : undefined
    },
    forgetLast: () => removeItem("session", prefix),
    failed: (error) => void setItem("session", prefix, [now(), "", errorToJson(error)]),
  }
}
