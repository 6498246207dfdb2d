/** Once a day, by cron: removes the records of users who have not come back. They have to log in when they do. */
import { postgresTokenStore } from "@ellipsis-oauth/node/postgres"
import pg from "pg"

const { DATABASE_URL, DAYS = "90" } = process.env

const pool = new pg.Pool({ connectionString: DATABASE_URL, connectionTimeoutMillis: 5_000 })
const removed = await postgresTokenStore({ client: pool }).removeStale({
  notWrittenFor: `${Number(DAYS)} days`,
})
console.log(`Removed ${removed} records that were not written for ${DAYS} days.`)
await pool.end()
