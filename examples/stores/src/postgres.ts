import { createTokenClient } from "@ellipsis-oauth/node"
import { postgresTokenStore } from "@ellipsis-oauth/node/postgres"
import pg from "pg"

const pool = new pg.Pool({ connectionTimeoutMillis: 5_000 })
// pg emits what breaks an idle connection, and Node.js ends the process if nobody listens.
pool.on("error", (error) => console.error("Postgres:", error.message))

const store = postgresTokenStore({ client: pool })
await store.createSchema()

export const client = createTokenClient({ clientId: "your-client-id", store })
