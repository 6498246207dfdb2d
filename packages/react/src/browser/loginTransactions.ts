/** Notes about logins by redirect, for the next pages. */
import { ConfigurationError, type TokenError, transactionLifetime } from "@ellipsis-oauth/core/promise"
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
  take(state: string): Promise<{ readonly transaction: string; readonly returnTo: string } | undefined>
  /** The state of the last login of this tab, unless a user has signed in since; empty after a login that failed. */
  unfinished(): string | undefined
  forgetUnfinished(): void
  /** The last login of this tab has failed, and its page has shown the error. */
  failed(error: unknown): void
  /** That error, for a later page. */
  failure(): TokenError | undefined
}

export interface KnownLogin {
  /** Whether a page has already taken its transaction. */
  readonly isTaken: boolean
  /** The page after the login, also after its transaction was taken; `undefined` for a login by popup. */
  readonly returnTo: string | undefined
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

/** How long the page that takes a transaction holds its lock, in milliseconds: until other tabs see that it is gone. */
const exclusion = 10_000

/** The longest wait for that lock, in milliseconds. */
const maxLockWait = 5_000

export const loginTransactions = (name: string, now: () => number): LoginTransactions => {
  const prefix = `${name}#`

  const entryOf = (state: string): Entry | undefined =>
    places.map((place) => readEntry(place, prefix + state)).find((entry) => entry !== undefined)

  const prune = (place: StorageKind) => {
    for (const key of withStorage(place, Object.keys) ?? []) {
      if (!key.startsWith(prefix) || !isOwnState(key.slice(prefix.length))) continue
      const [startedAt = Number.NaN] = readEntry(place, key) ?? []
      // The clock may have been set back since.
      const isKept = Math.abs(now() - startedAt) < transactionLifetime
      if (!isKept) removeItem(place, key)
    }
  }

  const lastLogin = (): readonly unknown[] => {
    const item = readItem("session", prefix)
    return Array.isArray(item) ? item : []
  }

  return {
    keep: (state, transaction, returnTo) => {
      places.forEach(prune)
      const entry: Entry = [now(), transaction, returnTo]
      setItem("session", prefix, [now(), state])
      if (places.filter((place) => setItem(place, prefix + state, entry)).length > 0) return
      throw new ConfigurationError({
        option: "method",
        got: '"redirect"',
        expected: '"popup", since the browser\'s storage is blocked or full',
      })
    },
    keepState: (state) => {
      prune("local")
      setItem("local", prefix + state, [now()])
    },
    find: (state) => {
      const entry = entryOf(state)
      return entry && { isTaken: entry[1] === null, returnTo: entry[2] }
    },
    isOfAnother: (state) =>
      places.some((place) =>
        withStorage(place, Object.keys)?.some(
          (key) => key.startsWith("ellipsis-oauth ") && key.endsWith(`#${state}`) && key !== prefix + state,
        ),
      ),
    take: async (state) => {
      const isFirst = tryLock(prefix + state).then((unlock) => {
        if (unlock !== undefined) setTimeout(unlock, exclusion)
        return unlock !== undefined
      })
      // If the browser's locks do not respond, the login goes on without them.
      const isLate = new Promise<boolean>((resolve) => setTimeout(resolve, maxLockWait, true))
      if (!(await Promise.race([isFirst, isLate]))) return undefined
      const [startedAt, transaction, returnTo] = entryOf(state) ?? []
      // The rest of the entry shows a later page that this login is over.
      for (const place of startedAt === undefined ? [] : places) {
        setItem(place, prefix + state, [startedAt, null, returnTo])
      }
      return transaction && returnTo !== undefined ? { transaction, returnTo } : undefined
    },
    unfinished: () => {
      const [, state] = lastLogin()
      return typeof state === "string" ? state : undefined
    },
    forgetUnfinished: () => removeItem("session", prefix),
    failed: (error) => void setItem("session", prefix, [now(), "", errorToJson(error)]),
    failure: () => errorFromJson(lastLogin()[2]),
  }
}
