/** Web storage that may be blocked, full, or not there at all. */

/** Where tokens are kept: for this page, for this tab and its reloads, or for all tabs and after a restart. */
export type StorageKind = "memory" | "session" | "local"

/** Uses the browser's storage; `undefined` where it throws, or where `memory` is meant. */
export const withStorage = <A>(kind: StorageKind, use: (storage: Storage) => A): A | undefined => {
  try {
    // The mere look at the property throws where a user has blocked site data.
    return kind === "memory" ? undefined : use(kind === "local" ? localStorage : sessionStorage)
  } catch {
    return undefined
  }
}

/** Stores a value, and tells whether it did. What was there before is gone in either case. */
export const setItem = (kind: StorageKind, key: string, value: string): boolean =>
  withStorage(kind, (storage) => {
    // A full storage then often has the room.
    storage.removeItem(key)
    storage.setItem(key, value)
    return true
  }) ?? false
