import { readFileSync, renameSync, writeFileSync } from "node:fs"
import { memoryTokenStore, type StoredRecord, type TokenStoreAdapter } from "@ellipsis-oauth/node"

type Records = Record<string, StoredRecord>

/** One JSON file, for one process: every call is synchronous, so that nothing comes between its reading and its writing. */
export const jsonFileTokenStore = (path: string): TokenStoreAdapter => {
  const load = (): Records => {
    try {
      return Object.assign(Object.create(null), JSON.parse(readFileSync(path, "utf8")))
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return Object.create(null)
      throw error
    }
  }
  const save = (records: Records) => {
    // A rename is atomic: a crash leaves the old file or the new one, never half of one.
    writeFileSync(`${path}.new`, JSON.stringify(records), { mode: 0o600, flush: true })
    renameSync(`${path}.new`, path)
  }
  // Leases are between the sessions of this process, so they need not survive it.
  const { lease, release } = memoryTokenStore()
  return {
    read: (key) => load()[key],
    write: (key, record, ifVersion) => {
      const records = load()
      if (ifVersion !== undefined && (records[key]?.version ?? null) !== ifVersion) return false
      save(Object.assign(records, { [key]: record }))
      return true
    },
    remove: (key, ifVersion) => {
      const { [key]: found, ...rest } = load()
      if (found === undefined || (ifVersion !== undefined && found.version !== ifVersion)) return false
      save(rest)
      return true
    },
    lease,
    release,
  }
}
