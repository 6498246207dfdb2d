/** A map that forgets its oldest entry when it is full, so that no client can make the server grow. */

export interface BoundedMap<V> {
  readonly size: number
  get(key: string): V | undefined
  /** Adds a new key; returns what had to go for it. */
  add(key: string, value: V): V | undefined
  delete(key: string): boolean
  /** The oldest value that `accept` takes. */
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
      const leaving = ring[next]
      ring[next] = key
      next = (next + 1) % capacity
      entries.set(key, value)
      if (leaving === undefined) return undefined
      const forgotten = entries.get(leaving)
      entries.delete(leaving)
      return forgotten
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
