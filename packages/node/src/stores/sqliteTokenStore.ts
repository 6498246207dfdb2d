/** The token store in a SQLite file, for all processes of one machine. */

import { resolve } from "node:path"
import { setTimeout as pause, setImmediate as turn } from "node:timers/promises"
import { badOption, requireOptions } from "@ellipsis-oauth/core/promise"
import { machineClock } from "./machineClock.js"
import { type CleanableTokenStore, requireStaleAge } from "./removeStale.js"
import { type Connection, connect, memory } from "./sqliteConnection.js"
import { isBusy, toTokenStoreError } from "./sqliteErrors.js"
import { UnusableFile } from "./sqliteFile.js"
import { makeSqliteLeases } from "./sqliteLeases.js"

export type { CleanableTokenStore } from "./removeStale.js"

/** The options of `sqliteTokenStore`. */
export interface SqliteTokenStoreOptions {
  /**
   * The database file, on a disk of this machine (not a network share). The file and its folder are created on first use,
   * and only this user can read them. `:memory:` keeps everything in this process.
   */
  readonly path: string
}

/** How long a call waits for a locked database in all, in milliseconds. */
const longestWait = 8_000

/** How many times opening is repeated, if the file is replaced at the same time. */
const longestOpening = 5

/** How many records `removeStale` removes at once. It blocks the process in the meantime. */
const staleAtOnce = 500

/** The start of 2025. If a record seems to be older, the clock was not set when it was written. */
const earliest = 1_735_689_600_000

/** Makes a token store in a SQLite file. @throws ConfigurationError for a bad option */
export const sqliteTokenStore = (options: SqliteTokenStoreOptions): CleanableTokenStore => {
  const path = requirePath(requireOptions(options ?? {}, ["path"], "an object with a path").path)
  const leases = makeSqliteLeases(machineClock())
  let connection: Connection | undefined
  let closed = false

  const disconnect = () => {
    const previous = connection
    connection = undefined
    previous?.close()
  }

  /** A connection to the current file. What is written to a deleted file is lost. */
  const current = (): Connection => {
    for (let attempt = 1; attempt <= longestOpening; attempt++) {
      if (connection?.isCurrent()) return connection
      disconnect()
      connection = connect(path)
    }
    throw new Error("the file was replaced again and again while it was opened")
  }

  const attempt = <A>(run: (connection: Connection) => A): A => {
    if (closed) throw new UnusableFile("the store is closed; make a new one")
    try {
      const used = current()
      const result = run(used)
      if (!used.isCurrent()) throw new Error("the file was deleted or replaced during the call")
      return result
    } catch (error) {
      if (!isBusy(error) && path !== memory) disconnect()
      throw error
    }
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
        const now = Date.now()
        if (ifVersion === undefined) return replace.run(key, value, version, now).changes === 1
        if (ifVersion === null) return insert.run(key, value, version, now).changes === 1
        return update.run(value, version, now, key, ifVersion).changes === 1
      }),

    remove: (key, ifVersion) => call(key, ({ remove }) => remove.run(key, ifVersion ?? null).changes === 1),

    lease: (key, owner, duration) => call(key, (connection) => leases.take(connection, key, owner, duration)),

    release: (key, owner) => call(key, (connection) => leases.release(connection, key, owner)),

    removeStale: async (options) => {
      const age = requireStaleAge(options)
      const now = Date.now()
      await call("*", ({ startCounting }) => startCounting.run(now, earliest))
      for (let removed = 0; ; ) {
        const more = await call("*", ({ removeStale }) =>
          Number(removeStale.run(now - age, staleAtOnce).changes),
        )
        removed += more
        if (more < staleAtOnce) return removed
        // SQLite blocks the process, so other work runs between two steps.
        await turn()
      }
    },

    close: () => {
      closed = true
      disconnect()
    },
  }
}

/** Absolute, so that a later change of the working folder has no effect and SQLite does not read it as a `file:` URL. */
const requirePath = (path: unknown): string => {
  if (typeof path !== "string" || path === "" || path.includes("\0")) {
    throw badOption("path", path, 'the path of a file, or ":memory:"')
  }
  return path === memory ? path : resolve(path)
}
