/** A connection to the SQLite file of a store, with the statements that it runs. */
import { chmodSync, closeSync, mkdirSync, openSync, statSync } from "node:fs"
import { dirname } from "node:path"
import type { DatabaseSync } from "node:sqlite"

/** The path of a database that is no file. */
export const memory = ":memory:"

/** How long a locked database blocks the process, in milliseconds. */
const busyTimeout = 10

// FULL: with NORMAL, WAL commits are not synced, and a power cut could take back a rotated refresh token that the
// caller was told is stored. fullfsync makes it true on macOS too. secure_delete wipes what was removed or replaced.
const settings = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA fullfsync = ON;
  PRAGMA secure_delete = ON;`

const schema = `
  CREATE TABLE IF NOT EXISTS ellipsis_oauth_record (
    key TEXT PRIMARY KEY, value TEXT NOT NULL, version TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS ellipsis_oauth_lease (
    key TEXT PRIMARY KEY, owner TEXT NOT NULL, expires_at INTEGER NOT NULL, duration INTEGER NOT NULL
  ) STRICT;`

export type Connection = ReturnType<typeof connect>

/** Opens the database. Makes the file with its folder, and the tables, where they are missing. */
export const connect = (path: string) => {
  if (path !== memory) createFile(path)
  const database = openDatabase(path)
  try {
    database.exec(settings)
    database.exec(schema)
    return { database, ...prepare(database) }
  } catch (error) {
    database.close()
    throw error
  }
}

/** Loaded on first use: it costs time, and on Node.js 22 a warning, that nobody without this store should have. */
const openDatabase = (path: string): DatabaseSync => {
  const sqlite = process.getBuiltinModule("node:sqlite")
  if (sqlite === undefined) throw new Error("this runtime has no node:sqlite")
  return new sqlite.DatabaseSync(path, { timeout: busyTimeout })
}

/** For this user alone. SQLite gives the mode of the database file to the -wal and -shm files that it makes. */
const createFile = (path: string): void => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  try {
    closeSync(openSync(path, "wx", 0o600))
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error
    if (process.platform !== "win32") for (const suffix of ["", "-wal", "-shm"]) closeToOthers(path + suffix)
  }
}

/** By its path: to open and close a file that is in use as a database would drop the database's locks. */
const closeToOthers = (path: string): void => {
  try {
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600)
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error
  }
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code

// A lease that has far more left than it was taken for is of a clock that was set back since: it is free.
const isHeld = "(expires_at > ?3 AND expires_at <= ?3 + 2 * duration)"

const prepare = (database: DatabaseSync) => ({
  read: database.prepare("SELECT value, version FROM ellipsis_oauth_record WHERE key = ?"),
  replace: database.prepare(
    `INSERT INTO ellipsis_oauth_record (key, value, version) VALUES (?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value, version = excluded.version`,
  ),
  insert: database.prepare(
    "INSERT INTO ellipsis_oauth_record (key, value, version) VALUES (?, ?, ?) ON CONFLICT (key) DO NOTHING",
  ),
  update: database.prepare(
    "UPDATE ellipsis_oauth_record SET value = ?, version = ? WHERE key = ? AND version = ?",
  ),
  remove: database.prepare(
    "DELETE FROM ellipsis_oauth_record WHERE key = ?1 AND (?2 IS NULL OR version = ?2)",
  ),
  readLease: database.prepare(
    `SELECT expires_at - ?3 AS expires_in FROM ellipsis_oauth_lease
     WHERE key = ?1 AND owner <> ?2 AND ${isHeld}`,
  ),
  takeLease: database.prepare(
    `INSERT INTO ellipsis_oauth_lease AS held (key, owner, expires_at, duration) VALUES (?1, ?2, ?3 + ?4, ?4)
     ON CONFLICT (key) DO UPDATE SET owner = ?2, expires_at = excluded.expires_at, duration = ?4
     WHERE owner = ?2 OR NOT ${isHeld}`,
  ),
  releaseLease: database.prepare("DELETE FROM ellipsis_oauth_lease WHERE key = ? AND owner = ?"),
})

/** A power cut ends every holder of a lease, so that a lease need not outlive one. */
export const withoutSync = <A>(database: DatabaseSync, run: () => A): A => {
  database.exec("PRAGMA synchronous = NORMAL")
  try {
    return run()
  } finally {
    database.exec("PRAGMA synchronous = FULL")
  }
}
