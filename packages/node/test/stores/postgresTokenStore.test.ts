// cspell:ignore tabel
import { PGlite } from "@electric-sql/pglite"
import { TokenStore } from "@ellipsis-oauth/core"
import { testTokenStore } from "@ellipsis-oauth/core/testing"
import * as Effect from "effect/Effect"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest"
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

describe("createSchema", () => {
  const failing = (code: string): PostgresClient => ({
    query: async (text) => {
      const missing = "42P01"
      throw Object.assign(new Error("no"), { code: text.startsWith("SELECT") ? missing : code })
    },
  })

  test.each(["23505", "42P07", "42710", "42701"])(
    "goes on where another process was first: %s",
    async (code) => {
      expect(await postgresTokenStore({ client: failing(code) }).createSchema()).toBeUndefined()
    },
  )

  test.each(["57P01", "53300", "08006"])("fails with other errors: %s", async (code) => {
    expect(await rejection(postgresTokenStore({ client: failing(code) }).createSchema())).toMatchObject({
      code,
    })
  })

  test("fails if it cannot read the schema", async () => {
    const client: PostgresClient = {
      query: async () => {
        throw Object.assign(new Error("no"), { code: "08006" })
      },
    }
    expect(await rejection(postgresTokenStore({ client }).createSchema())).toMatchObject({ code: "08006" })
  })
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
    test("is created by createSchema, also in another schema, concurrently and repeatedly", async () => {
      await pool.query("CREATE SCHEMA maps")
      const store = postgresTokenStore({ client: pool, table: "maps.tokens" })
      await Promise.all(Array.from({ length: 8 }, () => store.createSchema()))
      await store.createSchema()
      await store.write("key", record("1"))
      await store.lease("key", "a", 1000)
      expect((await pool.query("SELECT key FROM maps.tokens")).rows).toEqual([{ key: "key" }])
      expect((await pool.query("SELECT owner FROM maps.tokens_lease")).rows).toEqual([{ owner: "a" }])
    })

    test("is created by the exported SQL", async () => {
      await pool.query("CREATE DATABASE migrated")
      const migrated = openPool({ database: "migrated" })
      await migrated.query(postgresSchema)
      const store = postgresTokenStore({ client: migrated })
      expect(await store.write("key", record("1"), null)).toBe(true)
      expect((await store.lease("key", "a", 1000)).acquired).toBe(true)
    })

    test("that is missing gives an error that says how to create it", async () => {
      const store = postgresTokenStore({ client: pool, table: "nowhere" })
      for (const call of [
        async () => store.read("key"),
        async () => store.lease("key", "a", 1000),
        async () => store.write("key", record("1")),
      ]) {
        expect(await rejection(call())).toMatchObject({
          _tag: "TokenStoreError",
          reason: "unusable",
          action: "fix",
          key: "key",
          detail: expect.stringMatching(/nowhere.*createSchema\(\).*postgresSchema/),
        })
      }
    })
  })

  describe("tables of an earlier version", () => {
    const oldTables = `
      CREATE TABLE earlier (key text COLLATE "C" PRIMARY KEY, value text NOT NULL, version text NOT NULL);
      CREATE TABLE earlier_lease (
        key text COLLATE "C" PRIMARY KEY, owner text NOT NULL, expires_at timestamptz NOT NULL
      );
      INSERT INTO earlier VALUES ('key', 'value', '1')`

    test("are brought up to date by createSchema, which keeps their records", async () => {
      await pool.query(oldTables)
      const store = postgresTokenStore({ client: pool, table: "earlier" })
      expect(await rejection(Promise.resolve(store.write("key", record("2"))))).toMatchObject({
        reason: "unusable",
        detail: expect.stringMatching(/earlier version; call store\.createSchema\(\)/),
      })
      await Promise.all(Array.from({ length: 4 }, () => store.createSchema()))
      expect(await store.read("key")).toEqual({ value: "value", version: "1" })
      expect(await store.removeStale({ notWrittenFor: "1 hour" })).toBe(0)
      expect(await store.write("key", record("2"), "1")).toBe(true)
    })
  })

  describe("a role", () => {
    const openAs = async (name: string, rights: string) => {
      await pool.query(`CREATE ROLE ${name} LOGIN; ${rights}`)
      return postgresTokenStore({ client: openPool({ user: name }) })
    }
    const isUnusable = (detail: RegExp) => ({
      _tag: "TokenStoreError",
      reason: "unusable",
      detail: expect.stringMatching(detail),
    })

    test("without the right to create tables can call createSchema if they exist, and use them", async () => {
      const tables = "ellipsis_oauth, ellipsis_oauth_lease"
      const store = await openAs("app", `GRANT SELECT, INSERT, UPDATE, DELETE ON ${tables} TO app`)
      await store.createSchema()
      expect(await store.write("of app", record("1"), null)).toBe(true)
      expect((await store.lease("of app", "a", 1000)).acquired).toBe(true)
    })

    test("without the right to use the tables", async () => {
      const store = await openAs("guest", "")
      const expected = isUnusable(/^42501: .*must be granted SELECT/)
      expect(await rejection(Promise.resolve(store.read("key")))).toMatchObject(expected)
      expect(await rejection(store.createSchema())).toMatchObject(expected)
      expect(await rejection(store.removeStale({ notWrittenFor: 1000 }))).toMatchObject(expected)
    })

    test.each([
      ["that does not exist", { user: "nobody" }, /^28000: .*user or password/],
      ["at a database that does not exist", { database: "nowhere" }, /^3D000: .*does not exist/],
    ])("%s", async (_, options, detail) => {
      const store = postgresTokenStore({ client: openPool(options) })
      expect(await rejection(Promise.resolve(store.read("key")))).toMatchObject(isUnusable(detail))
    })

    test("whose table is of another application", async () => {
      await pool.query(`
        CREATE TABLE numbers (key int, value int, version int, written_at timestamptz);
        CREATE TABLE texts (key text, value text, version text, written_at timestamptz)`)
      const numbers = postgresTokenStore({ client: pool, table: "numbers" })
      expect(await rejection(Promise.resolve(numbers.read("key")))).toMatchObject(
        isUnusable(/^22P02: .*option table/),
      )
      const texts = postgresTokenStore({ client: pool, table: "texts" })
      expect(await rejection(Promise.resolve(texts.write("key", record("1"))))).toMatchObject(
        isUnusable(/^42P10: .*option table/),
      )
    })
  })

  describe("a client", () => {
    const isClosed = {
      reason: "unusable",
      detail: expect.stringContaining("is closed; close it after the store"),
    }

    test("that was ended", async () => {
      const ended = new pg.Pool(server.connection)
      await ended.end()
      expect(
        await rejection(Promise.resolve(postgresTokenStore({ client: ended }).read("key"))),
      ).toMatchObject(isClosed)
      const client = new pg.Client(server.connection)
      await client.connect()
      await client.end()
      expect(await rejection(Promise.resolve(postgresTokenStore({ client }).read("key")))).toMatchObject(
        isClosed,
      )
    })

    test("that is one connection, which was lost", async () => {
      const client = new pg.Client(server.connection)
      client.on("error", () => {})
      await client.connect()
      const broken = new Promise<void>((resolve) => client.on("end", resolve))
      const { rows } = await client.query("SELECT pg_backend_pid() AS pid")
      await pool.query("SELECT pg_terminate_backend($1)", [rows[0].pid])
      await broken
      expect(await rejection(Promise.resolve(postgresTokenStore({ client }).read("key")))).toMatchObject({
        reason: "unusable",
        detail: expect.stringContaining("give the store a Pool"),
      })
    })
  })

  describe("type parsers of the application", () => {
    const openParsed = (changes: (type: number) => boolean) => {
      const parsed = (type: number) => () => ({ parsed: type })
      const getTypeParser: typeof pg.types.getTypeParser = (type: number, format?: "text" | "binary") =>
        changes(type) ? parsed(type) : pg.types.getTypeParser(type, format as "text")
      return postgresTokenStore({ client: openPool({ types: { getTypeParser } }) })
    }
    const text = 25

    test("for other types than text change nothing", async () => {
      const store = openParsed((type) => type !== text)
      expect(await store.write("parsed", record("1"), null)).toBe(true)
      expect(await store.read("parsed")).toEqual(record("1"))
      expect((await store.lease("parsed", "a", 60_000)).acquired).toBe(true)
      const { acquired, expiresIn } = await store.lease("parsed", "b", 60_000)
      expect(acquired).toBe(false)
      expect(expiresIn).toBeGreaterThan(0)
      expect(expiresIn).toBeLessThanOrEqual(60_000)
      await store.release("parsed", "a")
      expect((await store.lease("parsed", "b", 60_000)).acquired).toBe(true)
      expect(await store.removeStale({ notWrittenFor: "1 day" })).toBe(0)
      expect(await store.remove("parsed", "1")).toBe(true)
    })

    test("for text give an error", async () => {
      await postgresTokenStore({ client: pool }).write("parsed text", record("1"))
      const store = openParsed((type) => type === text)
      for (const call of [
        async () => store.read("parsed text"),
        async () => store.lease("parsed text", "a", 1000),
        async () => store.removeStale({ notWrittenFor: "1 day" }),
      ]) {
        expect(await rejection(call())).toMatchObject({
          reason: "unusable",
          detail: expect.stringMatching(/the client gave object for the text column .* without type parsers/),
        })
      }
    })
  })

  test("expired leases are removed when others are taken", async () => {
    const count = async () => {
      const { rows } = await pool.query("SELECT count(*)::int AS leases FROM ellipsis_oauth_lease")
      return rows[0].leases as number
    }
    await pool.query("TRUNCATE ellipsis_oauth_lease")
    await pool.query(`INSERT INTO ellipsis_oauth_lease
      SELECT 'forged ' || i, 'a', clock_timestamp() - interval '1 second' FROM generate_series(1, 300) AS i`)
    const store = postgresTokenStore({ client: pool })
    for (let i = 0; i < 30; i++) await store.lease(`taken ${i}`, "a", 60_000)
    expect(await count()).toBe(30)
  })

  describe("a lease that reaches the database after its caller gave up", () => {
    /** `late`: milliseconds between the call and the database's work on it, told by the process's own clock. */
    const openLate = async () => {
      let own = 0
      let late = 0
      let jump = false
      const client: PostgresClient = {
        query: async (text, values) => {
          const result = await pool.query(text, values)
          if (jump) own += late
          return result
        },
      }
      const store = postgresTokenStore({ client })
      const clock = vi.spyOn(performance, "now").mockImplementation(() => own)
      onTestFinished(() => clock.mockRestore())
      await store.lease("learns the server's time", "a", 1000)
      return {
        store,
        setBack: (milliseconds: number, { catchesUp }: { readonly catchesUp: boolean }) => {
          own -= milliseconds
          late = milliseconds
          jump = catchesUp
        },
      }
    }

    test("is not taken", async () => {
      const { store, setBack } = await openLate()
      setBack(20_000, { catchesUp: true })
      expect(String(await rejection(Promise.resolve(store.lease("late", "a", 60_000))))).toContain(
        "received the call too late, and did nothing",
      )
      expect((await postgresTokenStore({ client: pool }).lease("late", "b", 60_000)).acquired).toBe(true)
    })

    test("is retried after the database's clock was set", async () => {
      const { store, setBack } = await openLate()
      setBack(20_000, { catchesUp: false })
      expect((await store.lease("clock was set", "a", 60_000)).acquired).toBe(true)
    })

    test("fails at once if another holder has it", async () => {
      const { store, setBack } = await openLate()
      await postgresTokenStore({ client: pool }).lease("held", "b", 60_000)
      setBack(20_000, { catchesUp: true })
      expect((await store.lease("held", "a", 60_000)).acquired).toBe(false)
    })
  })

  test("a lease of another process causes no write", async () => {
    const store = postgresTokenStore({ client: pool })
    await store.lease("watched", "a", 60_000)
    const row = async () =>
      (await pool.query("SELECT xmin, xmax FROM ellipsis_oauth_lease WHERE key = 'watched'")).rows
    const before = await row()
    for (let i = 0; i < 5; i++) expect((await store.lease("watched", "b", 60_000)).acquired).toBe(false)
    expect(await row()).toEqual(before)
  })

  describe("a call that waited for another transaction sees its result", () => {
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

    test("a lease that had expired", async () => {
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

  test("a server that restarts: calls fail meanwhile, nothing is lost, and they work again", async () => {
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

test("an error of the driver is passed on unchanged, and cleaned by core", async () => {
  const error = Object.assign(new Error("terminated"), { code: "57P01" })
  const client: PostgresClient = {
    query: async () => {
      throw error
    },
  }
  expect(await rejection(Promise.resolve(postgresTokenStore({ client }).read("key")))).toBe(error)
})

test("a conflict that does not end fails", async () => {
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

test.each([
  ["no rows", {}],
  ["nothing", undefined],
])("a client that resolves to %s cannot be used", async (_, result) => {
  const client = { query: async () => result } as unknown as PostgresClient
  expect(await rejection(Promise.resolve(postgresTokenStore({ client }).read("key")))).toMatchObject({
    reason: "unusable",
    detail: "client.query must resolve to { rows }",
  })
})

test.each(["57P01", "53300", "57014", "25006", "08006", "40001"])(
  "an error that passes by itself stays the driver's: %s",
  async (code) => {
    const error = Object.assign(new Error("k4n4ry"), { code })
    const client: PostgresClient = { query: () => Promise.reject(error) }
    expect(await rejection(Promise.resolve(postgresTokenStore({ client }).read("key")))).toBe(error)
  },
)

describe("bad options", () => {
  const client: PostgresClient = { query: async () => ({ rows: [] }) }

  test.each([[undefined], [null], ["postgres://user:k4n4ry@host"], [{}], [{ query: "SELECT" }]])(
    "client: %j",
    (bad) => {
      const make = () => postgresTokenStore({ client: bad as never })
      expect(make).toThrow(ConfigurationError)
      expect(make).toThrow(/Option "client" must be /)
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
    expect(make).toThrow(/Option "table" must be /)
  })

  test("no options at all", () => {
    expect(() => postgresTokenStore(undefined as never)).toThrow(/Option "client" must be .*, got missing/)
  })

  test("a misspelt name", () => {
    expect(() => postgresTokenStore({ client, tabel: "tokens" } as never)).toThrow(
      'Option "tabel" must be spelled "table"',
    )
  })

  test("nothing is sent before the first call", () => {
    let sent = 0
    postgresTokenStore({ client: { query: async () => ({ rows: [++sent] }) } })
    expect(sent).toBe(0)
  })
})

describe("an error that a person has to cure", () => {
  const failing = (error: unknown, members: object = {}, table?: string) => {
    const client = { query: () => Promise.reject(error), ...members } as PostgresClient
    return rejection(Promise.resolve(postgresTokenStore({ client, ...(table && { table }) }).read("the-key")))
  }
  const withCode = (code: string) => Object.assign(new Error("k4n4ry"), { code })

  const missing =
    "the table app.t or app.t_lease is missing or of an earlier version; call store.createSchema() once, or run the SQL of postgresSchema"
  const another =
    "the table app.t or app.t_lease does not belong to this store; set another name with the option table"
  test.each([
    ["42P01", missing],
    ["42703", missing],
    ["3F000", missing],
    [
      "42501",
      "the client's role must be granted SELECT, INSERT, UPDATE and DELETE on app.t and app.t_lease, and USAGE on their schema",
    ],
    ["28000", "the server refused the client's user or password; check both"],
    ["28P01", "the server refused the client's user or password; check both"],
    ["3D000", "the client's database does not exist; create it, or name another one"],
    ["42601", another],
    ["42804", another],
    ["22P02", another],
  ])("%s says what to do", async (code, cure) => {
    const error = await failing(withCode(code), {}, "app.t")
    expect(error).toMatchObject({ reason: "unusable", key: "the-key", detail: `${code}: ${cure}` })
    expect(String(error)).not.toContain("k4n4ry")
  })

  test.each(["142601", "4260", "426011", "42", "23505", "22P03"])(
    "%s is no code of another table",
    async (code) => {
      const error = withCode(code)
      expect(await failing(error)).toBe(error)
    },
  )

  const closed = "the Postgres client is closed; close it after the store"
  const lost = "the Postgres client lost its connection and does not reconnect; give the store a Pool"
  test.each([
    [{ ending: true }, "x", closed],
    [{ ended: true }, "x", closed],
    [{ closed: true }, "x", closed],
    [{}, "Client was closed and is not queryable", closed],
    [{}, "Client has encountered a connection error and is not queryable", lost],
    [{ ending: false, ended: "no", closed: 1 }, "x", undefined],
    [{}, "The Client was closed", undefined],
    [{}, "a connection error", undefined],
  ])("of the client %j with the message %o", async (members, message, detail) => {
    const error = new Error(message)
    const failed = await failing(error, members)
    if (detail === undefined) expect(failed).toBe(error)
    else expect(failed).toMatchObject({ reason: "unusable", detail })
  })

  test.each([undefined, null, "k4n4ry", {}])("%j as an error is passed on", async (error) => {
    const client: PostgresClient = { query: () => Promise.reject(error) }
    const read = Promise.resolve(postgresTokenStore({ client }).read("key"))
    expect(await read.catch((thrown: unknown) => ({ thrown }))).toEqual({ thrown: error })
  })

  test.each([
    [{ value: null, version: "1" }, "null", "value"],
    [{ value: "v" }, "undefined", "version"],
    [{ value: "v", version: 1 }, "number", "version"],
  ])("a row %j shows a client that changes its values", async (row, got, column) => {
    const client: PostgresClient = { query: async () => ({ rows: [row] }) }
    expect(await rejection(Promise.resolve(postgresTokenStore({ client }).read("key")))).toMatchObject({
      reason: "unusable",
      detail: `the client gave ${got} for the text column "${column}"; give the store a client without type parsers or renamed columns`,
    })
  })

  test("the errors of options say what is expected", () => {
    const client: PostgresClient = { query: async () => ({ rows: [] }) }
    const make = (options: object) => () => postgresTokenStore({ client, ...options } as never)
    expect(make({ client: {} })).toThrow(
      'Option "client" must be an object with query(text, values), such as a Pool of pg, got ',
    )
    const name =
      'Option "table" must be the name of a table, or schema.table: lower-case letters, digits and _, at most 57 characters each, got '
    expect(make({ table: 7 })).toThrow(`${name}a number`)
    expect(make({ table: "A".repeat(90) })).toThrow(`${name}"${"A".repeat(80)}"`)
    expect(make({ table: "x".repeat(57) })).not.toThrow()
    expect(make({ table: `${"s".repeat(63)}.${"_".repeat(57)}` })).not.toThrow()
    expect(make({ table: `${"s".repeat(64)}.t` })).toThrow(name)
  })
})
