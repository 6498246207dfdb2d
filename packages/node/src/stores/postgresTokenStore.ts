/**
 * The token store in a Postgres database, for many machines. You pass a client; the store imports no driver.
 *
 * @module
 */
import { badOption, ConfigurationError, requireOptions } from "@ellipsis-oauth/core/promise"
import { makeWithDeadline } from "./databaseDeadline.js"
import { codeOf, toUnusable, unusable } from "./postgresErrors.js"
import { type CleanableTokenStore, requireStaleAge } from "./removeStale.js"

/** A `Pool` or `Client` of pg, PGlite, or the driver of a serverless database. */
export interface PostgresClient {
  query(text: string, values: unknown[]): Promise<{ readonly rows: readonly unknown[] }>
}

/** The options of `postgresTokenStore`. */
export interface PostgresTokenStoreOptions {
  /** You close it: the store never does. Use a pool, so that no call of the store runs inside your transactions. */
  readonly client: PostgresClient
  /** The table of the records, with or without a schema; `ellipsis_oauth` if left out. The table of the leases has `_lease` at the end. */
  readonly table?: string
}

/** A token store in Postgres, with a call that creates its tables. */
export interface PostgresTokenStore extends CleanableTokenStore {
  /**
   * Creates the two tables, or updates those of an earlier version. You can call it at every start: if the tables are up to
   * date, it changes nothing and needs no further permission.
   */
  createSchema(): Promise<void>
}

const defaultTable = "ellipsis_oauth"

const statements = (table: string) => [
  `CREATE TABLE IF NOT EXISTS ${table} (
  key text COLLATE "C" PRIMARY KEY,
  value text NOT NULL,
  version text NOT NULL,
  written_at timestamptz NOT NULL DEFAULT now()
);`,
  `ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS written_at timestamptz NOT NULL DEFAULT now();`,
  `CREATE TABLE IF NOT EXISTS ${table}_lease (
  key text COLLATE "C" PRIMARY KEY,
  owner text NOT NULL,
  expires_at timestamptz NOT NULL
);`,
]

/** Queries that fail if the tables are missing or of an earlier version. */
const schemaQueries = (table: string) => [
  `SELECT key, value, version, written_at FROM ${table} LIMIT 0`,
  `SELECT key, owner, expires_at FROM ${table}_lease LIMIT 0`,
]

/** The SQL of `createSchema` for the default table, for apps that run migrations themselves. */
export const postgresSchema = `${statements(defaultTable).join("\n\n")}\n`

/**
 * Makes a token store in Postgres. Leases use the server's clock.
 *
 * @throws ConfigurationError for a bad option
 */
export const postgresTokenStore = (options: PostgresTokenStoreOptions): PostgresTokenStore => {
  const given = requireOptions(options ?? {}, ["client", "table"], "an object with a client")
  const client = requireClient(given.client)
  const table = requireTable(given.table ?? defaultTable)
  let taken = 0
  const withDeadline = makeWithDeadline()

  /** Each call is one statement, so it is atomic without a transaction and works with any pooler. */
  const query = async (key: string, text: string, values: unknown[]): Promise<Row | undefined> => {
    for (let attempt = 1; ; attempt++) {
      try {
        const result = await client.query(text, values)
        if (!Array.isArray(result?.rows)) throw unusable(key, "client.query must resolve to { rows }")
        return result.rows[0] as Row | undefined
      } catch (error) {
        // The statement changed nothing, because it was in conflict with another call at this isolation level.
        if (isConflict(error) && attempt < longestConflict) continue
        throw toUnusable(key, table, client, error) ?? error
      }
    }
  }

  const isUpToDate = async (): Promise<boolean> => {
    try {
      for (const statement of schemaQueries(table)) await client.query(statement, [])
      return true
    } catch (error) {
      if (["42P01", "42703", "3F000"].includes(String(codeOf(error)))) return false
      throw toUnusable("*", table, client, error) ?? error
    }
  }

  /** Removes leases that have ended. Those of killed processes, and those of used logins, are never released. */
  const removeEnded = async (): Promise<void> => {
    try {
      await client.query(endedStatement(`${table}_lease`), [leasesAtOnce])
    } catch {
      // The new lease is valid all the same. A later call removes the old ones.
    }
  }

  return {
    createSchema: async () => {
      if (await isUpToDate()) return
      for (const statement of statements(table)) {
        try {
          await client.query(statement, [])
        } catch (error) {
          // Two processes created it at the same time. IF NOT EXISTS does not prevent this error.
          if (["23505", "42P07", "42710", "42701"].includes(String(codeOf(error)))) continue
          throw toUnusable("*", table, client, error) ?? error
        }
      }
    },

    read: async (key) => {
      const text = `SELECT value::text AS value, version::text AS version FROM ${table} WHERE key = $1`
      const row = await query(key, text, [key])
      return row && { value: textOf(key, row, "value"), version: textOf(key, row, "version") }
    },

    write: async (key, { value, version }, ifVersion) => {
      const set = "SET value = $2, version = $3, written_at = clock_timestamp()"
      const insert = `INSERT INTO ${table} (key, value, version, written_at)
        VALUES ($1, $2, $3, clock_timestamp()) ON CONFLICT (key)`
      const [text, ...values] =
        typeof ifVersion === "string"
          ? [`UPDATE ${table} ${set} WHERE key = $1 AND version = $4`, ifVersion]
          : [`${insert} DO ${ifVersion === null ? "NOTHING" : `UPDATE ${set}`}`]
      return (await query(key, `${text} RETURNING key`, [key, value, version, ...values])) !== undefined
    },

    remove: async (key, ifVersion) => {
      const text = `DELETE FROM ${table} WHERE key = $1 AND ($2::text IS NULL OR version = $2) RETURNING key`
      return (await query(key, text, [key, ifVersion ?? null])) !== undefined
    },

    lease: async (key, owner, duration) => {
      const timeOf = (row: Row | undefined) => Number(textOf(key, row, "now"))
      const lease = await withDeadline(
        async () => timeOf(await query(key, timeStatement, [])),
        async (deadline) => {
          const row = await query(key, leaseStatement(`${table}_lease`), [key, owner, duration, deadline])
          const outcome = textOf(key, row, "outcome")
          const acquired = outcome === "taken"
          const expiresIn = acquired ? duration : Math.max(0, Math.ceil(Number(row?.["remaining"] ?? 0)))
          return { result: outcome === "late" ? undefined : { acquired, expiresIn }, serverTime: timeOf(row) }
        },
      )
      if (lease.acquired && taken++ % sweepInterval === 0) await removeEnded()
      return lease
    },

    release: async (key, owner) => {
      await query(key, `DELETE FROM ${table}_lease WHERE key = $1 AND owner = $2`, [key, owner])
    },

    removeStale: async (options) => {
      const row = await query("*", staleStatement(table), [requireStaleAge(options)])
      return Number(textOf("*", row, "removed"))
    },
  }
}

/** How many times a call is tried if it is in conflict with others. */
const longestConflict = 10

/** The first lease that a store takes, and every tenth one, removes up to a hundred leases that have ended. */
const sweepInterval = 10
const leasesAtOnce = 100

type Row = Record<string, unknown>

const isConflict = (error: unknown): boolean => ["40001", "40P01"].includes(String(codeOf(error)))

/**
 * Every value is selected as text, because an application can configure how its driver parses other types.
 *
 * @throws TokenStoreError if the driver changes text too
 */
const textOf = (key: string, row: Row | undefined, column: string): string => {
  const value = row?.[column]
  if (typeof value === "string") return value
  const got = value === null ? "null" : typeof value
  throw unusable(
    key,
    `the client gave ${got} for the text column "${column}"; give the store a client without type parsers or renamed columns`,
  )
}

const milliseconds = (interval: string) => `(extract(epoch FROM ${interval}) * 1000)`

const timeStatement = `SELECT ${milliseconds("clock_timestamp()")}::text AS now`

/**
 * A caller that waits for a lease repeats this statement often. It reads `held` first, so that it writes only if the lease
 * is free. After the deadline ($4) it takes no lease, because the caller has given up and would not release it.
 */
const leaseStatement = (table: string) => `
  WITH held AS (
    SELECT expires_at FROM ${table} WHERE key = $1 AND owner <> $2 AND expires_at > clock_timestamp()
  ), taken AS (
    INSERT INTO ${table} AS lease (key, owner, expires_at)
    SELECT $1, $2, clock_timestamp() + $3::float8 * interval '1 millisecond'
    WHERE NOT EXISTS (SELECT FROM held) AND ${milliseconds("clock_timestamp()")} <= $4::float8
    ON CONFLICT (key) DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at
    WHERE (lease.owner = excluded.owner OR lease.expires_at <= clock_timestamp())
      AND ${milliseconds("clock_timestamp()")} <= $4::float8
    RETURNING key
  )
  SELECT
    CASE
      WHEN EXISTS (SELECT FROM taken) THEN 'taken'
      WHEN EXISTS (SELECT FROM held) THEN 'held'
      WHEN ${milliseconds("clock_timestamp()")} > $4::float8 THEN 'late'
      ELSE 'held'
    END AS outcome,
    (SELECT ${milliseconds("expires_at - clock_timestamp()")} FROM held)::text AS remaining,
    ${milliseconds("clock_timestamp()")}::text AS now`

const endedStatement = (table: string) => `
  DELETE FROM ${table} WHERE key IN (
    SELECT key FROM ${table} WHERE expires_at <= clock_timestamp() LIMIT $1::int FOR UPDATE SKIP LOCKED
  )`

const staleStatement = (table: string) => `
  WITH removed AS (
    DELETE FROM ${table} WHERE written_at <= clock_timestamp() - $1::float8 * interval '1 millisecond' RETURNING key
  )
  SELECT count(*)::text AS removed FROM removed`

const requireClient = (client: unknown): PostgresClient => {
  if (
    typeof client !== "object" ||
    client === null ||
    !("query" in client) ||
    typeof client.query !== "function"
  ) {
    throw badOption("client", client, "an object with query(text, values), such as a Pool of pg")
  }
  return client as PostgresClient
}

/** The name is a part of the SQL text, so it may have only characters that need no quotes. Postgres limits the length. */
const requireTable = (table: unknown): string => {
  const expected =
    "the name of a table, or schema.table: lower-case letters, digits and _, at most 57 characters each"
  if (typeof table !== "string") throw badOption("table", table, expected)
  if (!/^([a-z_][a-z0-9_]{0,62}\.)?[a-z_][a-z0-9_]{0,56}$/.test(table)) {
    throw new ConfigurationError({ option: "table", got: JSON.stringify(table.slice(0, 80)), expected })
  }
  return table
}
