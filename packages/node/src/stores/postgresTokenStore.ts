/** The store in a Postgres database: for many machines. It is given a client, and imports no driver. */
import { ConfigurationError, type TokenStoreAdapter, TokenStoreError } from "@ellipsis-oauth/core/promise"
import { badOption } from "../badOption.js"

/** A `Pool` or `Client` of pg, PGlite, or the driver of a serverless database. */
export interface PostgresClient {
  query(text: string, values: unknown[]): Promise<{ readonly rows: readonly unknown[] }>
}

export interface PostgresTokenStoreOptions {
  /** Stays yours: the store never ends it. A pool, so that no call finds itself in a transaction of yours. */
  readonly client: PostgresClient
  /** The table of the records, with a schema or without; `ellipsis_oauth` if left out. The leases' has `_lease` appended. */
  readonly table?: string
}

export interface PostgresTokenStore extends TokenStoreAdapter {
  /** Makes the two tables where they are missing. Needs the right to, and may run at every start. */
  createSchema(): Promise<void>
}

const defaultTable = "ellipsis_oauth"

const statements = (table: string) => [
  `CREATE TABLE IF NOT EXISTS ${table} (
  key text COLLATE "C" PRIMARY KEY,
  value text NOT NULL,
  version text NOT NULL
);`,
  `CREATE TABLE IF NOT EXISTS ${table}_lease (
  key text COLLATE "C" PRIMARY KEY,
  owner text NOT NULL,
  expires_at timestamptz NOT NULL
);`,
]

/** What `createSchema` runs for the default table: for those who run migrations themselves. */
export const postgresSchema = `${statements(defaultTable).join("\n\n")}\n`

/**
 * Leases run by the server's clock.
 *
 * @throws ConfigurationError for a bad option
 */
export const postgresTokenStore = (options: PostgresTokenStoreOptions): PostgresTokenStore => {
  const client = requireClient(options?.client)
  const table = requireTable(options.table ?? defaultTable)

  /** One statement a call, which is atomic without a transaction, and works through any pooler. */
  const query = async (
    key: string,
    text: string,
    values: unknown[],
  ): Promise<Record<string, unknown> | undefined> => {
    for (let attempt = 1; ; attempt++) {
      try {
        const { rows } = await client.query(text, values)
        return rows[0] as Record<string, unknown> | undefined
      } catch (error) {
        const code = codeOf(error)
        // Nothing was done: the database's default isolation level found it in conflict with another call.
        if ((code === "40001" || code === "40P01") && attempt < longestConflict) continue
        if (code !== "42P01") throw error
        const detail = `the table ${table} or ${table}_lease is missing: call createSchema() once, or run the SQL of postgresSchema`
        throw new TokenStoreError({ reason: "unavailable", key, detail })
      }
    }
  }

  return {
    createSchema: async () => {
      for (const statement of statements(table)) {
        try {
          await client.query(statement, [])
        } catch (error) {
          // Two processes made it at once, which IF NOT EXISTS does not cover.
          if (!["23505", "42P07", "42710"].includes(String(codeOf(error)))) throw error
        }
      }
    },

    read: async (key) => {
      const row = await query(key, `SELECT value, version FROM ${table} WHERE key = $1`, [key])
      return row && { value: String(row["value"]), version: String(row["version"]) }
    },

    write: async (key, { value, version }, ifVersion) => {
      const insert = `INSERT INTO ${table} (key, value, version) VALUES ($1, $2, $3) ON CONFLICT (key)`
      const [text, ...values] =
        typeof ifVersion === "string"
          ? [`UPDATE ${table} SET value = $2, version = $3 WHERE key = $1 AND version = $4`, ifVersion]
          : [`${insert} DO ${ifVersion === null ? "NOTHING" : "UPDATE SET value = $2, version = $3"}`]
      return (await query(key, `${text} RETURNING key`, [key, value, version, ...values])) !== undefined
    },

    remove: async (key, ifVersion) => {
      const text = `DELETE FROM ${table} WHERE key = $1 AND ($2::text IS NULL OR version = $2) RETURNING key`
      return (await query(key, text, [key, ifVersion ?? null])) !== undefined
    },

    lease: async (key, owner, duration) => {
      const row = await query(key, leaseStatement(`${table}_lease`), [key, owner, duration])
      const acquired = row?.["acquired"] === true
      return {
        acquired,
        expiresIn: acquired ? duration : Math.max(0, Math.ceil(Number(row?.["expires_in"] ?? 0))),
      }
    },

    release: async (key, owner) => {
      await query(key, `DELETE FROM ${table}_lease WHERE key = $1 AND owner = $2`, [key, owner])
    },
  }
}

/** How often a call is tried while it is in conflict with others. */
const longestConflict = 10

/** Who waits for a lease looks often: the look at `held` keeps them from writing to the table each time. */
const leaseStatement = (table: string) => `
  WITH held AS (
    SELECT expires_at FROM ${table} WHERE key = $1 AND owner <> $2 AND expires_at > clock_timestamp()
  ), taken AS (
    INSERT INTO ${table} AS lease (key, owner, expires_at)
    SELECT $1, $2, clock_timestamp() + $3::float8 * interval '1 millisecond' WHERE NOT EXISTS (SELECT FROM held)
    ON CONFLICT (key) DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at
    WHERE lease.owner = excluded.owner OR lease.expires_at <= clock_timestamp()
    RETURNING key
  )
  SELECT EXISTS (SELECT FROM taken) AS acquired,
    (SELECT extract(epoch FROM expires_at - clock_timestamp()) * 1000 FROM held)::float8 AS expires_in`

const codeOf = (error: unknown): unknown =>
  typeof error === "object" && error !== null && "code" in error ? error.code : undefined

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

/** Part of the SQL, so only what needs no quotes; the longest name that Postgres takes, less `_lease`. */
const requireTable = (table: unknown): string => {
  const expected =
    "the name of a table, or schema.table: lower-case letters, digits and _, at most 57 characters each"
  if (typeof table !== "string") throw badOption("table", table, expected)
  if (!/^([a-z_][a-z0-9_]{0,62}\.)?[a-z_][a-z0-9_]{0,56}$/.test(table)) {
    throw new ConfigurationError({ option: "table", got: JSON.stringify(table.slice(0, 80)), expected })
  }
  return table
}
