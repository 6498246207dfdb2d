/** Converts errors of a Postgres client to errors of the store. */
import { TokenStoreError } from "@ellipsis-oauth/core/promise"

export const unusable = (key: string, detail: string): TokenStoreError =>
  new TokenStoreError({ reason: "unusable", key, detail })

/** The SQLSTATE of an error. */
export const codeOf = (error: unknown): unknown =>
  typeof error === "object" && error !== null && "code" in error ? error.code : undefined

/** `undefined` for a temporary error. The driver's message is not used, because it may quote its arguments. */
export const toUnusable = (
  key: string,
  table: string,
  client: unknown,
  error: unknown,
): TokenStoreError | undefined => {
  const detail = closedDetail(client, error) ?? cureOf(table, String(codeOf(error)))
  return detail === undefined ? undefined : unusable(key, detail)
}

const cureOf = (table: string, code: string): string | undefined => {
  const tables = `${table} or ${table}_lease`
  switch (code) {
    case "42P01":
    case "42703":
    case "3F000":
      return `${code}: the table ${tables} is missing or of an earlier version; call store.createSchema() once, or run the SQL of postgresSchema`
    case "42501":
      return `${code}: the client's role must be granted SELECT, INSERT, UPDATE and DELETE on ${table} and ${table}_lease, and USAGE on their schema`
    case "28000":
    case "28P01":
      return `${code}: the server refused the client's user or password; check both`
    case "3D000":
      return `${code}: the client's database does not exist; create it, or name another one`
    default:
      // The text of the statements never changes, so a syntax error means that the table is another one.
      return /^42\w{3}$/.test(code) || code === "22P02"
        ? `${code}: the table ${tables} does not belong to this store; set another name with the option table`
        : undefined
  }
}

/** pg and PGlite have no error code for a closed client, so their messages and properties are read. */
const closedDetail = (client: unknown, error: unknown): string | undefined => {
  const { ending, ended, closed } = client as Readonly<Record<string, unknown>>
  const message = error instanceof Error ? error.message : ""
  if (ending === true || ended === true || closed === true || /^Client was closed/.test(message)) {
    return "the Postgres client is closed; close it after the store"
  }
  return /connection error and is not queryable/.test(message)
    ? "the Postgres client lost its connection and does not reconnect; give the store a Pool"
    : undefined
}
