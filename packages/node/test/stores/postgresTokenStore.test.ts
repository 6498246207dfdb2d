import { readFileSync } from "node:fs"
import { PGlite } from "@electric-sql/pglite"
import { TokenStore } from "@ellipsis-oauth/core"
import { testTokenStore } from "@ellipsis-oauth/core/testing"
import * as Effect from "effect/Effect"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest"
import { postgresTokenStoreLayer } from "../../src/effect/index.js"
import { ConfigurationError } from "../../src/index.js"
import {
  type PostgresClient,
  postgresSchema,
  postgresTokenStore,
} from "../../src/stores/postgresTokenStore.js"
import { rejection } from "../fixtures.js"
import { hasPostgres, type PostgresServer, startPostgres } from "./servers.js"

const record = (version: string) => ({ value: `k4n4ry-value-${version}`, version })

describe("PGlite", () => {
  const database = new PGlite()
  afterAll(() => database.close())
  beforeAll(() => postgresTokenStore({ client: database }).createSchema(), 30_000)
  testTokenStore({ test, open: () => postgresTokenStore({ client: database }) })
})

describe.skipIf(!hasPostgres())("a Postgres server", () => {
  let server: PostgresServer
  const pools: pg.Pool[] = []

  const openPool = (options: pg.PoolConfig = {}) => {
    const pool = new pg.Pool({ ...server.connection, ...options })
    // The driver emits what breaks an idle connection; without a listener that ends the process.
    pool.on("error", () => {})
    pools.push(pool)
    return pool
  }

  let pool: pg.Pool
  let second: pg.Pool

  beforeAll(async () => {
    server = await startPostgres()
    pool = openPool()
    second = openPool()
    await postgresTokenStore({ client: pool }).createSchema()
  }, 60_000)

  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.end()))
    await server?.stop()
  })

  describe("through pools of pg", () => {
    testTokenStore({
      test,
      open: () => postgresTokenStore({ client: pool }),
      openSecond: () => postgresTokenStore({ client: second }),
    })
  })

  test("one connection of pg is enough for one caller at a time", async () => {
    const client = new pg.Client(server.connection)
    await client.connect()
    onTestFinished(() => client.end())
    const store = postgresTokenStore({ client })
    expect(await store.write("alone", record("1"), null)).toBe(true)
    expect(await store.read("alone")).toEqual(record("1"))
  })

  describe("where transactions are serializable by default", () => {
    const options = "-c default_transaction_isolation=serializable"
    testTokenStore({
      test,
      open: () => postgresTokenStore({ client: openPool({ options, max: 4 }) }),
      openSecond: () => postgresTokenStore({ client: openPool({ options, max: 4 }) }),
    })
  })

  describe("the schema", () => {
    test("is made by createSchema for a table of another schema, by many at once and again", async () => {
      await pool.query("CREATE SCHEMA maps")
      const store = postgresTokenStore({ client: pool, table: "maps.tokens" })
      await Promise.all(Array.from({ length: 8 }, () => store.createSchema()))
      await store.createSchema()
      await store.write("key", record("1"))
      await store.lease("key", "a", 1000)
      expect((await pool.query("SELECT key FROM maps.tokens")).rows).toEqual([{ key: "key" }])
      expect((await pool.query("SELECT owner FROM maps.tokens_lease")).rows).toEqual([{ owner: "a" }])
    })

    test("is made by the exported SQL", async () => {
      await pool.query("CREATE DATABASE migrated")
      const migrated = openPool({ database: "migrated" })
      await migrated.query(postgresSchema)
      const store = postgresTokenStore({ client: migrated })
      expect(await store.write("key", record("1"), null)).toBe(true)
      expect((await store.lease("key", "a", 1000)).acquired).toBe(true)
    })

    test("that is missing gives an error that says how to make it", async () => {
      const store = postgresTokenStore({ client: pool, table: "nowhere" })
      for (const call of [
        async () => store.read("key"),
        async () => store.lease("key", "a", 1000),
        async () => store.write("key", record("1")),
      ]) {
        expect(await rejection(call())).toMatchObject({
          _tag: "TokenStoreError",
          reason: "unavailable",
          key: "key",
          detail: expect.stringMatching(/nowhere.*createSchema\(\).*postgresSchema/),
        })
      }
    })
  })

  test("a lease that somebody else has costs its database no write", async () => {
    const store = postgresTokenStore({ client: pool })
    await store.lease("watched", "a", 60_000)
    const row = async () =>
      (await pool.query("SELECT xmin, xmax FROM ellipsis_oauth_lease WHERE key = 'watched'")).rows
    const before = await row()
    for (let i = 0; i < 5; i++) expect((await store.lease("watched", "b", 60_000)).acquired).toBe(false)
    expect(await row()).toEqual(before)
  })

  describe("a call that had to wait for another one's transaction finds what that one did", () => {
    const afterCommitOf = async <A>(text: string, values: unknown[], call: () => PromiseLike<A> | A) => {
      const other = await second.connect()
      try {
        await other.query("BEGIN")
        await other.query(text, values)
        const waiting = Promise.resolve(call())
        const isWaiting =
          "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        while ((await pool.query(isWaiting)).rowCount === 0);
        await other.query("COMMIT")
        return await waiting
      } finally {
        other.release()
      }
    }
    const insertLease = `INSERT INTO ellipsis_oauth_lease VALUES ($1, 'a', clock_timestamp() + interval '1 minute')
      ON CONFLICT (key) DO UPDATE SET owner = 'a', expires_at = excluded.expires_at`

    test("a lease that was free", async () => {
      const store = postgresTokenStore({ client: pool })
      const lease = await afterCommitOf(insertLease, ["race 1"], () => store.lease("race 1", "b", 60_000))
      expect(lease.acquired).toBe(false)
    })

    test("a lease that had run out", async () => {
      const store = postgresTokenStore({ client: pool })
      await store.lease("race 2", "z", -1)
      const lease = await afterCommitOf(insertLease, ["race 2"], () => store.lease("race 2", "b", 60_000))
      expect(lease.acquired).toBe(false)
    })

    test("a record", async () => {
      const store = postgresTokenStore({ client: pool })
      await store.write("race 3", record("1"))
      const update = "UPDATE ellipsis_oauth SET version = '2' WHERE key = $1"
      expect(await afterCommitOf(update, ["race 3"], () => store.write("race 3", record("3"), "1"))).toBe(
        false,
      )
    })
  })

  test("a server that goes and comes back: calls fail meanwhile, nothing is lost, and they work again", async () => {
    const client = openPool()
    const store = postgresTokenStore({ client })
    await store.write("restarted", record("1"))
    await store.lease("restarted", "a", 60_000)
    await server.down()
    expect(await rejection(Promise.resolve(store.read("restarted")))).toBeInstanceOf(Error)
    await server.up()
    // The pool may still hand out a connection that broke, once.
    const found = await Promise.resolve(store.read("restarted")).catch(() => store.read("restarted"))
    expect(found).toEqual(record("1"))
    expect((await store.lease("restarted", "b", 60_000)).acquired).toBe(false)
    expect(await store.write("restarted", record("2"), "1")).toBe(true)
  }, 30_000)
})

test("an error of the driver is passed on as it is, for the one place that cleans it", async () => {
  const error = Object.assign(new Error("terminated"), { code: "57P01" })
  const client: PostgresClient = {
    query: async () => {
      throw error
    },
  }
  expect(await rejection(Promise.resolve(postgresTokenStore({ client }).read("key")))).toBe(error)
})

test("a conflict that does not end is given up", async () => {
  let calls = 0
  const conflict = Object.assign(new Error("could not serialize access"), { code: "40001" })
  const client: PostgresClient = {
    query: async () => {
      calls++
      throw conflict
    },
  }
  expect(await rejection(Promise.resolve(postgresTokenStore({ client }).remove("key")))).toBe(conflict)
  expect(calls).toBe(10)
})

test("the layer leaves the client open", async () => {
  const ended: string[] = []
  const client = {
    query: async () => ({ rows: [{ value: "v", version: "1" }] }),
    end: async () => void ended.push("end"),
  }
  const program = Effect.flatMap(TokenStore, (store) => store.read("key"))
  const found = await Effect.runPromise(Effect.provide(program, postgresTokenStoreLayer({ client })))
  expect(found).toEqual({ value: "v", version: "1" })
  expect(ended).toEqual([])
})

test("the README shows the SQL of the schema", () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8")
  expect([...readme.matchAll(/^```sql\n([\s\S]*?)^```/gm)].map(([, sql]) => sql)).toEqual([postgresSchema])
})

describe("bad options", () => {
  const client: PostgresClient = { query: async () => ({ rows: [] }) }

  test.each([[undefined], [null], ["postgres://user:k4n4ry@host"], [{}], [{ query: "SELECT" }]])(
    "client: %j",
    (bad) => {
      const make = () => postgresTokenStore({ client: bad as never })
      expect(make).toThrow(ConfigurationError)
      expect(make).toThrow('Option "client" is')
      expect(make).not.toThrow("k4n4ry")
    },
  )

  test.each([
    [""],
    ["a b"],
    ['"a"'],
    ["a; DROP TABLE b"],
    ["a.b.c"],
    [".a"],
    ["a."],
    ["1a"],
    ["Tokens"],
    ["é"],
    [7],
    ["x".repeat(58)],
  ])("table: %j", (table) => {
    const make = () => postgresTokenStore({ client, table: table as string })
    expect(make).toThrow(ConfigurationError)
    expect(make).toThrow('Option "table" is')
  })

  test("no options at all", () => {
    expect(() => postgresTokenStore(undefined as never)).toThrow('Option "client" is missing')
  })

  test("nothing is sent before the first call", () => {
    let sent = 0
    postgresTokenStore({ client: { query: async () => ({ rows: [++sent] }) } })
    expect(sent).toBe(0)
  })
})
