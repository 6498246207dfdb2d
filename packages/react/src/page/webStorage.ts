/** Web storage that may be blocked, full, or not there at all. */

/** Where tokens are kept: for this page, for this tab and its reloads, or for all tabs and after a restart. */
export type StorageKind = "memory" | "session" | "local"

/** Uses the browser's storage; `undefined` where it throws, or where `memory` is meant. */
export const withStorage = <A>(kind: StorageKind, use: (storage: Storage) => A): A | undefined => {
  try {
    // Reading the property alone throws where a user has blocked site data.
    return kind === "memory" ? undefined : use(kind === "local" ? localStorage : sessionStorage)
  } catch {
    return undefined
  }
}

/**
 * What was stored; `undefined` also where it is no JSON. The reader checks its form: another version of this
 * library, another program or a person may have written it.
 */
export const readItem = (kind: StorageKind, key: string): unknown =>
  withStorage(kind, (storage) => parseItem(storage.getItem(key)))

/** The text of an item as a value; `undefined` for none, for `null`, and for what is no JSON. */
export const parseItem = (text: string | null): unknown => {
  try {
    return JSON.parse(text ?? "null") ?? undefined
  } catch {
    return undefined
  }
}

/** Stores a value, and tells whether it did. Where it did not, nothing is there any more. */
export const setItem = (kind: StorageKind, key: string, value: unknown): boolean => {
  const set = () =>
    withStorage(kind, (storage) => {
      storage.setItem(key, JSON.stringify(value))
      return true
    })
  if (set()) return true
  // Only now: other tabs see each step, and would take a removal for a sign-out.
  withStorage(kind, (storage) => storage.removeItem(key))
  return set() ?? false
}
