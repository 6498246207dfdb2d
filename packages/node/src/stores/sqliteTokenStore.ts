/** The store in a SQLite file: for all processes of one machine. */
import { resolve } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { type TokenStoreAdapter, TokenStoreError } from "@ellipsis-oauth/core/promise"
import { badOption } from "../badOption.js"
import { type Connection, connect, memory, withoutSync } from "./sqliteConnection.js"

export interface SqliteTokenStoreOptions {
  /**
   * The database file, on a disk of this machine (not a network share). It is made on first use, readable by this
   * user alone, with its folder. `:memory:` keeps everything in this process.
   */
  readonly path: string
}

/** How long a call waits for a locked database in all, in milliseconds. */
const longestWait = 8_000

/** Throws ConfigurationError for a bad option. */
export const sqliteTokenStore = (options: SqliteTokenStoreOptions): TokenStoreAdapter => {
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

/** An absolute path stays the same file when the process changes its folder, and is never taken for a `file:` URL. */
const requirePath = (path: unknown): string => {
  if (typeof path !== "string" || path === "" || path.includes("\0")) {
    throw badOption("path", path, 'the path of a file, or ":memory:"')
  }
  return path === memory ? path : resolve(path)
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
