/** The store in memory: for one process, and gone with it. */
import type { StoredRecord, TokenStoreAdapter } from "./TokenStoreAdapter.js"

export interface MemoryTokenStoreOptions {
  /** Milliseconds; the system's clock if left out. Leases run by it. */
  readonly now?: () => number
}

export const memoryTokenStore = (options: MemoryTokenStoreOptions = {}): TokenStoreAdapter => {
  const { now = Date.now } = options
  const records = new Map<string, StoredRecord>()
  const leases = new Map<string, { readonly owner: string; readonly expiresAt: number }>()
  return {
    read: (key) => records.get(key),
    write: (key, record, ifVersion) => {
      if (ifVersion !== undefined && (records.get(key)?.version ?? null) !== ifVersion) return false
      records.set(key, record)
      return true
    },
    remove: (key, ifVersion) => {
      if (ifVersion !== undefined && records.get(key)?.version !== ifVersion) return false
      return records.delete(key)
    },
    lease: (key, owner, duration) => {
      const held = leases.get(key)
      const expiresIn = held === undefined ? 0 : held.expiresAt - now()
      if (held !== undefined && held.owner !== owner && expiresIn > 0) return { acquired: false, expiresIn }
      leases.set(key, { owner, expiresAt: now() + duration })
      return { acquired: true, expiresIn: duration }
    },
    release: (key, owner) => {
      if (leases.get(key)?.owner === owner) leases.delete(key)
    },
  }
}
