/** Web storage, which may be blocked, full or missing. */

/** Where tokens are kept: for this page, for this tab and its reloads, or for all tabs and after a restart. */
export type StorageKind = "memory" | "session" | "local"

/** Uses the browser's storage. Returns `undefined` if it throws, or for `memory`. */
export const withStorage = <A>(kind: StorageKind, use: (storage: Storage) => A): A | undefined => {
  try {
    // If the user has blocked site data, even reading the property throws.
    return kind === "memory" ? undefined : use(kind === "local" ? localStorage : sessionStorage)
  } catch {
    return undefined
  }
}

/**
 * The stored value; `undefined` also for text that is not JSON. The caller must check its form, because another version
 * of this library, another program or a person may have written it.
 */
export const readItem = (kind: StorageKind, key: string): unknown =>
  withStorage(kind, (storage) => parseItem(storage.getItem(key)))

/** Parses the text of an item; `undefined` for no text, for `null`, and for text that is not JSON. */
export const parseItem = (text: string | null): unknown => {
  try {
    return JSON.parse(text ?? "null") ?? undefined
  } catch {
    return undefined
  }
}

export const removeItem = (kind: StorageKind, key: string): void =>
  withStorage(kind, (storage) => storage.removeItem(key))

/** Stores a value, and returns whether it did. If it fails, the item is removed. */
export const setItem = (kind: StorageKind, key: string, value: unknown): boolean => {
  const set = () =>
    withStorage(kind, (storage) => {
      storage.setItem(key, JSON.stringify(value))
      return true
    })
  if (set()) return true
  // Not earlier: other tabs see each step, and a removal looks like a sign-out.
  removeItem(kind, key)
  return set() ?? false
}
