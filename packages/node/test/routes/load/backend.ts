/** One process of an app's backend: the auth routes on `node:http`, with the sessions in Postgres. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import pg from "pg"
import { createAuthRoutes, createTokenClient, ellipsisDrive, toNodeListener } from "../../../src/index.js"
import { postgresTokenStore } from "../../../src/stores/postgresTokenStore.js"
import type { PostgresServer } from "../../stores/servers.js"

export interface BackendSetup {
  /** 0 for any. */
  readonly port: number
  readonly baseUrl: string
  readonly redirectUri: string
  readonly connection: PostgresServer["connection"]
  /** Milliseconds. */
  readonly deadline: number
}

/** What the process tells: that it listens, or what would have ended it. */
export type BackendMessage = { readonly port: number } | { readonly fault: string }

const tell = (message: BackendMessage): void => {
  process.send?.(message)
}

process.on("uncaughtException", (error) => tell({ fault: String(error.stack) }))
process.on("unhandledRejection", (reason) => tell({ fault: String(reason) }))
// Nobody is left who would end it.
process.on("disconnect", () => process.exit())

const { port, baseUrl, redirectUri, connection, deadline }: BackendSetup = JSON.parse(process.argv[2] ?? "")
const pool = new pg.Pool({ ...connection, connectionTimeoutMillis: 5_000 })
pool.on("error", () => {})

const client = createTokenClient({
  server: ellipsisDrive({ baseUrl }),
  clientId: "maps",
  clientSecret: "maps-secret",
  redirectUri,
  store: postgresTokenStore({ client: pool }),
  timeout: deadline / 2,
  deadline,
})

const server = createServer(toNodeListener(createAuthRoutes(client)))
server.listen(port, "127.0.0.1", () => tell({ port: (server.address() as AddressInfo).port }))
