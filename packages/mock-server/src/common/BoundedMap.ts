/** A map that deletes its oldest entry when it is full, so that clients cannot exhaust the server's memory. */

export interface BoundedMap<V> {
  readonly size: number
  get(key: string): V | undefined
  /** Adds a new key; returns the value that was deleted for it. */
  add(key: string, value: V): V | undefined
  delete(key: string): boolean
  /** The oldest value for which `accept` returns true. */
  oldest(accept: (value: V) => boolean): V | undefined
  values(): Iterable<V>
  clear(): void
}

/** Keys are never reused: each is a random token or an identifier. */
export const createBoundedMap = <V>(capacity: number): BoundedMap<V> => {
  const entries = new Map<string, V>()
  // A ring of keys: asking a Map for its first key gets slow after many deletions.
  const ring: string[] = []
  let next = 0
  return {
    get size() {
      return entries.size
    },
    get: (key) => entries.get(key),
    add: (key, value) => {
      const oldestKey = ring[next]
      ring[next] = key
      next = (next + 1) % capacity
      entries.set(key, value)
      if (oldestKey === undefined) return undefined
      const deleted = entries.get(oldestKey)
      entries.delete(oldestKey)
      return deleted
    },
    delete: (key) => entries.delete(key),
    oldest: (accept) => {
      for (const value of entries.values()) if (accept(value)) return value
      return undefined
    },
    values: () => entries.values(),
    clear: () => {
      entries.clear()
      ring.length = 0
      next = 0
    },
  }
}
