/** The stores that a suite is run with, each on a real database that the suite can take down. */
import { randomUUID } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { afterAll, beforeAll, describe, onTestFinished } from "vitest"
import { postgresTokenStore } from "../../src/stores/postgresTokenStore.js"
import { hasPostgres, hasRedis, openRedis, startPostgres, startRedis } from "../stores/servers.js"
import { type Location, type OpenedStore, openStore } from "./location.js"

interface Running {
  readonly location: Location
  /** What a call does while it is down: a file that another process has locked is waited for. */
  readonly whileDown: "fails" | "waits"
  /** Nobody can write to it from now on, until it is `up` again or the test is over. What was written stays. */
  readonly down: () => Promise<void>
  readonly up: () => Promise<void>
  readonly stop: () => Promise<void>
}

const startSqlite = async (): Promise<Running> => {
  const folder = mkdtempSync(join(tmpdir(), "ellipsis-oauth-"))
  const path = join(folder, "tokens.sqlite")
  let other: DatabaseSync | undefined
  return {
    location: { kind: "SQLite", path },
    whileDown: "waits",
    // A file has no server that could die: another process has it locked, as a backup or a stuck process would.
    down: async () => {
      other = new DatabaseSync(path)
      other.exec("BEGIN EXCLUSIVE")
    },
    up: async () => other?.close(),
    stop: async () => rmSync(folder, { recursive: true, force: true }),
  }
}

const startPostgresWithSchema = async (): Promise<Running> => {
  const server = await startPostgres()
  const location = { kind: "Postgres", connection: server.connection } as const
  const { Client } = (await import("pg")).default
  const client = new Client(server.connection)
  await client.connect()
  await postgresTokenStore({ client }).createSchema()
  await client.end()
  return { ...server, location, whileDown: "fails" }
}

const startOwnRedis = async (): Promise<Running> => {
  const server = await startRedis()
  return { ...server, location: { kind: "Redis", url: server.url, prefix: "test:" }, whileDown: "fails" }
}

const openAnyRedis = async (): Promise<Running> => {
  const { url, stop } = await openRedis()
  const refuse = async () => {
    throw new Error("this Redis is not the test's own to take down")
  }
  return {
    location: { kind: "Redis", url, prefix: `test:${randomUUID()}:` },
    whileDown: "fails",
    down: refuse,
    up: refuse,
    stop,
  }
}

export interface Database extends Omit<Running, "stop"> {
  readonly kind: Kind
  /** A store of its own on it, as another process would have; closed after the test. */
  readonly open: () => Promise<OpenedStore["store"]>
}

const kinds = {
  SQLite: { has: () => true, start: startSqlite, startOwn: startSqlite },
  Postgres: { has: hasPostgres, start: startPostgresWithSchema, startOwn: startPostgresWithSchema },
  Redis: { has: hasRedis, start: openAnyRedis, startOwn: startOwnRedis },
} as const

type Kind = keyof typeof kinds

/** @param needs `own`: databases that the suite can take down */
export const describeDatabase = (
  kind: Kind,
  needs: "any" | "own",
  suite: (database: Database) => void,
): void => {
  const { has, start, startOwn } = kinds[kind]
  describe.skipIf(!has() || (needs === "own" && kind === "Redis" && !hasRedis("own")))(kind, () => {
    let running: Running | undefined
    let isDown = false
    const get = (): Running => {
      if (running === undefined) throw new Error(`${kind} was not started`)
      return running
    }
    beforeAll(async () => {
      running = await (needs === "own" ? startOwn() : start())
    }, 60_000)
    afterAll(() => running?.stop())
    const up = async () => {
      if (isDown) await get().up()
      isDown = false
    }
    suite({
      kind,
      get location() {
        return get().location
      },
      get whileDown() {
        return get().whileDown
      },
      open: async () => {
        const { store, close } = await openStore(get().location)
        onTestFinished(close)
        return store
      },
      down: async () => {
        onTestFinished(up)
        await get().down()
        isDown = true
      },
      up,
    })
  })
}

/** @param needs `own`: databases that the suite can take down */
export const describeDatabases = (needs: "any" | "own", suite: (database: Database) => void): void => {
  for (const kind of ["SQLite", "Postgres", "Redis"] as const) describeDatabase(kind, needs, suite)
}
