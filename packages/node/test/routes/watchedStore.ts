/** A store in memory whose records can be listed. */
import { memoryTokenStore, type StoredRecord, type TokenStoreAdapter } from "../../src/index.js"

const lists = new WeakMap<TokenStoreAdapter, Map<string, StoredRecord>>()

export const watchedStore = (): TokenStoreAdapter => {
  const inner = memoryTokenStore()
  const list = new Map<string, StoredRecord>()
  const store: TokenStoreAdapter = {
    ...inner,
    write: async (key, record, ifVersion) => {
      const written = await inner.write(key, record, ifVersion)
      if (written) list.set(key, record)
      return written
    },
    remove: async (key, ifVersion) => {
      const removed = await inner.remove(key, ifVersion)
      if (removed) list.delete(key)
      return removed
    },
  }
  lists.set(store, list)
  return store
}

export const records = (store: TokenStoreAdapter): readonly (readonly [string, StoredRecord])[] => [
  ...(lists.get(store) ?? []),
]
