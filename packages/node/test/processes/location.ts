/** Where a store is, as plain data, so that any process can open it. */
import { sqliteTokenStore, type TokenStoreAdapter } from "../../src/index.js"
import { postgresTokenStore } from "../../src/stores/postgresTokenStore.js"
import { redisTokenStore } from "../../src/stores/redisTokenStore.js"
import type { PostgresServer } from "../stores/servers.js"

export type Location =
  | { readonly kind: "SQLite"; readonly path: string }
  | { readonly kind: "Postgres"; readonly connection: PostgresServer["connection"] }
  | { readonly kind: "Redis"; readonly url: string; readonly prefix: string }

export interface OpenedStore {
  readonly store: TokenStoreAdapter
  /** Ends what the store was given, which it does not end itself. */
  readonly close: () => Promise<void>
}

export const openStore = async (location: Location): Promise<OpenedStore> => {
  switch (location.kind) {
    case "SQLite": {
      const store = sqliteTokenStore({ path: location.path })
      return { store, close: async () => store.close?.() }
    }
    case "Postgres": {
      const { Pool } = (await import("pg")).default
      const pool = new Pool(location.connection)
      // The pool emits what breaks an idle connection; without a listener that ends the process.
      pool.on("error", () => {})
      const store = postgresTokenStore({ client: pool })
      return { store, close: () => pool.end() }
    }
    case "Redis": {
      const { createClient } = await import("redis")
      const { url, prefix } = location
      // A command fails while there is no connection, instead of waiting for one and running late.
      const client = createClient({
        url,
        disableOfflineQueue: true,
        socket: { reconnectStrategy: 20 },
      })
      client.on("error", () => {})
      await client.connect()
      return { store: redisTokenStore({ client, prefix }), close: async () => client.destroy() }
    }
  }
}
