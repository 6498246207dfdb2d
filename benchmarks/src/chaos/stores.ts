/** The databases of a run, each with an empty token store. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Location, openStore } from "../../../packages/node/test/processes/location.ts"
import { openRedis, startPostgres } from "../../../packages/node/test/stores/servers.ts"

export const storeKinds = ["SQLite", "Postgres", "Redis"] as const

export interface RunningStore {
  readonly location: Location
  stop(): Promise<void>
}

export const startStore = async (kind: Location["kind"]): Promise<RunningStore> => {
  switch (kind) {
    case "SQLite": {
      const folder = mkdtempSync(join(tmpdir(), "ellipsis-oauth-"))
      return {
        location: { kind, path: join(folder, "tokens.sqlite") },
        stop: async () => rmSync(folder, { recursive: true, force: true }),
      }
    }
    case "Postgres": {
      const server = await startPostgres()
      const location = { kind, connection: server.connection } as const
      const { store, close } = await openStore(location)
      if ("createSchema" in store && typeof store.createSchema === "function") await store.createSchema()
      await close()
      return { location, stop: () => server.stop() }
    }
    case "Redis": {
      const { url, stop } = await openRedis()
      return { location: { kind, url, prefix: `chaos:${process.pid}:` }, stop }
    }
  }
}
