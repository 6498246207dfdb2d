/** The store in a SQLite file: for all processes of one machine. */
import { chmodSync, closeSync, mkdirSync, openSync, statSync } from "node:fs"
import { dirname, resolve } from "node:path"
import type { DatabaseSync } from "node:sqlite"
import { setTimeout as pause } from "node:timers/promises"
import { type TokenStore, type TokenStoreAdapter, TokenStoreError } from "@ellipsis-oauth/core"
import type * as Layer from "effect/Layer"
import { badOption } from "./badOption.js"
import { tokenStoreLayer } from "./tokenStoreLayer.js"

export interface SqliteTokenStoreOptions {
  /**
   * The database file, on a disk of this machine (not a network share). It is made on first use, readable by this
   * user alone, with its folder. `:memory:` keeps everything in this process.
   */
  readonly path: string
}

/** How long a locked database blocks the process, and how long a call waits for it in all; in milliseconds. */
const busyTimeout = 10
const longestWait = 8_000

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

const makeSqliteTokenStore = (options: SqliteTokenStoreOptions): TokenStoreAdapter => {
  const path = requirePath(options?.path)
  let connection: Connection | undefined
  let closed = false

  /** Runs one transaction, on a new connection where there is none or the last one failed. */
  const attempt = <A>(run: (connection: Connection) => A): A => {
    if (closed) throw new Error("the store is closed")
    connection ??= connect(path)
    try {
      return run(connection)
    } catch (error) {
      if (!isBusy(error) && path !== memory) disconnect()
      throw error
    }
  }

  const disconnect = () => {
    const { database } = connection ?? {}
    connection = undefined
    database?.close()
  }

  const call = async <A>(key: string, run: (connection: Connection) => A): Promise<A> => {
    const deadline = performance.now() + longestWait
    for (;;) {
      try {
        return attempt(run)
      } catch (error) {
        if (!isBusy(error) || performance.now() > deadline) throw toTokenStoreError(key, path, error)
        await pause(5 + 20 * Math.random())
      }
    }
  }

  return {
    read: (key) =>
      call(key, ({ read }) => {
        const row = read.get(key)
        return row && { value: String(row["value"]), version: String(row["version"]) }
      }),

    write: (key, { value, version }, ifVersion) =>
      call(key, ({ replace, insert, update }) => {
        if (ifVersion === undefined) return replace.run(key, value, version).changes === 1
        if (ifVersion === null) return insert.run(key, value, version).changes === 1
        return update.run(value, version, key, ifVersion).changes === 1
      }),

    remove: (key, ifVersion) => call(key, ({ remove }) => remove.run(key, ifVersion ?? null).changes === 1),

    lease: (key, owner, duration) =>
      call(key, ({ database, readLease, takeLease }) => {
        const expiresIn = () => Number(readLease.get(key, owner, Date.now())?.["expires_in"] ?? 0)
        // Whoever waits for a lease looks often, and a look that writes nothing takes no lock.
        const held = expiresIn()
        if (held > 0) return { acquired: false, expiresIn: held }
        const { changes } = withoutSync(database, () =>
          takeLease.run(key, owner, Date.now(), Math.ceil(duration)),
        )
        return changes === 1
          ? { acquired: true, expiresIn: duration }
          : { acquired: false, expiresIn: expiresIn() }
      }),

    release: (key, owner) =>
      call(key, ({ database, releaseLease }) => {
        withoutSync(database, () => releaseLease.run(key, owner))
      }),

    close: () => {
      closed = true
      disconnect()
    },
  }
}

/** Makes a store; `sqliteTokenStore.layer(options)` is the same as a layer. Throws ConfigurationError for a bad option. */
export const sqliteTokenStore = Object.assign(makeSqliteTokenStore, {
  layer: (options: SqliteTokenStoreOptions): Layer.Layer<TokenStore> =>
    tokenStoreLayer(() => makeSqliteTokenStore(options)),
})

const memory = ":memory:"

/** An absolute path stays the same file when the process changes its folder, and is never taken for a `file:` URL. */
const requirePath = (path: unknown): string => {
  if (typeof path !== "string" || path === "" || path.includes("\0")) {
    throw badOption("path", path, 'the path of a file, or ":memory:"')
  }
  return path === memory ? path : resolve(path)
}

type Connection = ReturnType<typeof connect>

const connect = (path: string) => {
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

/** SQLite gives the -wal and -shm files the mode of the database file. */
const createFile = (path: string): void => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  try {
    closeSync(openSync(path, "wx", 0o600))
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error
    // By its path: closing a descriptor of a file that is open as a database would drop the database's locks.
    if (process.platform !== "win32" && (statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600)
  }
}

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
const withoutSync = <A>(database: DatabaseSync, run: () => A): A => {
  database.exec("PRAGMA synchronous = NORMAL")
  try {
    return run()
  } finally {
    database.exec("PRAGMA synchronous = FULL")
  }
}

/** SQLITE_BUSY and SQLITE_LOCKED, with all their extended codes. */
const isBusy = (error: unknown): boolean =>
  error instanceof Error && "errcode" in error && [5, 6].includes(Number(error.errcode) & 0xff)

/** Neither SQLite's messages nor the file system's quote a value, since values are bound. */
const toTokenStoreError = (key: string, path: string, error: unknown): TokenStoreError => {
  const problem = error instanceof Error ? error.message : "unknown failure"
  const detail = problem.includes(path) ? problem : `${problem}: ${path}`
  return new TokenStoreError({ reason: "unavailable", key, detail })
}
