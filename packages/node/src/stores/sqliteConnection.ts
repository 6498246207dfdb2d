/** A connection to the SQLite file of a store, with the statements that it runs. */
import type { DatabaseSync } from "node:sqlite"
import { identify, isCurrent, prepareFile, removeOrphans, UnusableFile } from "./sqliteFile.js"
import { migrate } from "./sqliteSchema.js"

/** The path of a database in memory. */
export const memory = ":memory:"

/** How long a locked database blocks the process, in milliseconds. */
const busyTimeout = 10

// FULL: with NORMAL, WAL commits are not synced, and a power cut could undo the write of a rotated refresh token.
// fullfsync does the same on macOS. secure_delete overwrites records that were removed or replaced.
const settings = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA fullfsync = ON;
  PRAGMA secure_delete = ON;`

export type Connection = ReturnType<typeof connect>

/**
 * Opens the database. Creates the file with its folder, and the tables, if they are missing.
 *
 * @throws UnusableFile, or an error of the file system or SQLite
 */
export const connect = (path: string) => {
  if (path === memory) return { ...open(path), isCurrent: () => true }
  prepareFile(path)
  const [connection, files] = identify(path, () => open(path))
  return {
    ...connection,
    /** Whether the files at the path are still the files of this connection. */
    isCurrent: () => isCurrent(path, files),
    close: () => {
      try {
        removeOrphans(files)
      } finally {
        connection.close()
      }
    },
  }
}

const open = (path: string) => {
  const database = openDatabase(path)
  try {
    database.exec(settings)
    migrate(database)
    return { database, close: () => database.close(), ...prepare(database) }
  } catch (error) {
    database.close()
    throw error
  }
}

/** Loaded on first use, because the import takes time and prints a warning on Node.js 22. */
const openDatabase = (path: string): DatabaseSync => {
  const sqlite = process.getBuiltinModule?.("node:sqlite")
  if (sqlite === undefined) {
    throw new UnusableFile("this runtime has no node:sqlite; use Node.js 22.19 or later, or another store")
  }
  return new sqlite.DatabaseSync(path, { timeout: busyTimeout })
}

const prepare = (database: DatabaseSync) => ({
  read: database.prepare("SELECT value, version FROM ellipsis_oauth_record WHERE key = ?"),
  replace: database.prepare(
    `INSERT INTO ellipsis_oauth_record (key, value, version, written_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET
       value = excluded.value, version = excluded.version, written_at = excluded.written_at`,
  ),
  insert: database.prepare(
    `INSERT INTO ellipsis_oauth_record (key, value, version, written_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (key) DO NOTHING`,
  ),
  update: database.prepare(
    "UPDATE ellipsis_oauth_record SET value = ?, version = ?, written_at = ? WHERE key = ? AND version = ?",
  ),
  remove: database.prepare(
    "DELETE FROM ellipsis_oauth_record WHERE key = ?1 AND (?2 IS NULL OR version = ?2)",
  ),
  startCounting: database.prepare("UPDATE ellipsis_oauth_record SET written_at = ?1 WHERE written_at < ?2"),
  removeStale: database.prepare(
    `DELETE FROM ellipsis_oauth_record WHERE key IN (
       SELECT key FROM ellipsis_oauth_record WHERE written_at <= ? LIMIT ?
     )`,
  ),
  readLease: database.prepare(
    "SELECT key, owner, clock, expires_at, duration FROM ellipsis_oauth_lease WHERE key = ?",
  ),
  takeLease: database.prepare(
    `INSERT INTO ellipsis_oauth_lease AS held (key, owner, clock, expires_at, duration) VALUES (?1, ?2, ?3, ?4, ?5)
     ON CONFLICT (key) DO UPDATE SET
       owner = excluded.owner, clock = excluded.clock, expires_at = excluded.expires_at, duration = excluded.duration
     WHERE held.owner = ?2 OR (held.owner = ?6 AND held.clock = ?7 AND held.expires_at = ?8)`,
  ),
  releaseLease: database.prepare("DELETE FROM ellipsis_oauth_lease WHERE key = ? AND owner = ?"),
  removeLease: database.prepare(
    "DELETE FROM ellipsis_oauth_lease WHERE key = ? AND owner = ? AND clock = ? AND expires_at = ?",
  ),
  expiredLeases: database.prepare(
    `SELECT key, owner, clock, expires_at, duration FROM ellipsis_oauth_lease
     WHERE clock = ? AND expires_at <= ? LIMIT ?`,
  ),
  foreignLeases: database.prepare(
    `SELECT * FROM (
       SELECT key, owner, clock, expires_at, duration FROM ellipsis_oauth_lease WHERE clock < ?1 LIMIT ?2
     ) UNION ALL SELECT * FROM (
       SELECT key, owner, clock, expires_at, duration FROM ellipsis_oauth_lease WHERE clock > ?1 LIMIT ?2
     )`,
  ),
})

/** Writes without a sync. After a power cut no process holds a lease, so leases need not survive one. */
export const withoutSync = <A>(database: DatabaseSync, run: () => A): A => {
  database.exec("PRAGMA synchronous = NORMAL")
  try {
    return run()
  } finally {
    database.exec("PRAGMA synchronous = FULL")
  }
}
