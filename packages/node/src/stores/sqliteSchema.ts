/** The tables of a SQLite store, and the update of tables of an earlier version. */
import type { DatabaseSync } from "node:sqlite"
import { UnusableFile } from "./sqliteFile.js"

const record = "ellipsis_oauth_record"
const lease = "ellipsis_oauth_lease"

const recordTable = `
  CREATE TABLE ${record} (
    key TEXT PRIMARY KEY, value TEXT NOT NULL, version TEXT NOT NULL, written_at INTEGER NOT NULL DEFAULT 0
  ) STRICT;`

const leaseTable = `
  CREATE TABLE ${lease} (
    key TEXT PRIMARY KEY, owner TEXT NOT NULL, clock TEXT NOT NULL, expires_at INTEGER NOT NULL,
    duration INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX ${lease}_clock ON ${lease} (clock, expires_at);`

const recordColumns = ["key", "value", "version"]
const oldLeaseColumns = ["key", "owner", "expires_at", "duration"]

/**
 * Creates missing tables and updates those of an earlier version. Records are kept. Leases are dropped, since they are short.
 *
 * @throws UnusableFile if another application has tables with these names
 */
export const migrate = (database: DatabaseSync): void => {
  if (isReady(database)) return
  database.exec("BEGIN IMMEDIATE")
  try {
    // Another process may have done it while this one waited for the lock.
    if (!isReady(database)) makeTables(database)
    database.exec("COMMIT")
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK")
    throw error
  }
}

const isReady = (database: DatabaseSync): boolean =>
  columnsOf(database, record).has("written_at") && columnsOf(database, lease).has("clock")

const makeTables = (database: DatabaseSync): void => {
  const records = columnsOf(database, record)
  if (records.size === 0) database.exec(recordTable)
  else if (!records.has("written_at")) {
    requireColumns(record, records, recordColumns)
    database.exec(`ALTER TABLE ${record} ADD COLUMN written_at INTEGER NOT NULL DEFAULT 0`)
  }
  const leases = columnsOf(database, lease)
  if (leases.has("clock")) return
  if (leases.size > 0) requireColumns(lease, leases, oldLeaseColumns)
  database.exec(`DROP TABLE IF EXISTS ${lease}; ${leaseTable}`)
}

const columnsOf = (database: DatabaseSync, table: string): ReadonlySet<string> =>
  new Set(
    database
      .prepare("SELECT name FROM pragma_table_info(?)")
      .all(table)
      .map(({ name }) => String(name)),
  )

const requireColumns = (table: string, found: ReadonlySet<string>, expected: readonly string[]): void => {
  if (found.size === expected.length && expected.every((column) => found.has(column))) return
  throw new UnusableFile(
    `the table ${table} does not belong to this store: it has the columns ${[...found].join(", ")}; give the store a file of its own`,
  )
}
