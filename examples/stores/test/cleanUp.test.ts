// The clean-up programs of the guides, against real servers: they remove what is old, and nothing else.
import { execFile } from "node:child_process"
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { promisify } from "node:util"
import { sqliteTokenStore, type TokenStoreAdapter } from "@ellipsis-oauth/node"
import { postgresTokenStore } from "@ellipsis-oauth/node/postgres"
import { redisTokenStore } from "@ellipsis-oauth/node/redis"
import pg from "pg"
import { createClient } from "redis"
import { expect, onTestFinished, test } from "vitest"
import {
  hasPostgres,
  hasRedis,
  startPostgres,
  startRedis,
} from "../../../packages/node/test/stores/servers.js"

const runProgram = async (name: string, env: Readonly<Record<string, string>>): Promise<string> => {
  const program = join(import.meta.dirname, `../src/${name}.ts`)
  const args = ["--import", "tsx", "--conditions=@ellipsis-oauth/source", program]
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { ...process.env, ...env } })
  return stdout
}

const record = { value: "a token", version: "1" }

const check = async (
  store: TokenStoreAdapter,
  makeOld: () => Promise<unknown>,
  cleanUp: () => Promise<string>,
) => {
  await store.write("old", record)
  await makeOld()
  await store.write("new", record)
  expect(await cleanUp()).toBe("Removed 1 records that were not written for 90 days.\n")
  expect(await store.read("old")).toBeUndefined()
  expect(await store.read("new")).toEqual(record)
}

test("SQLite", async () => {
  const path = join(mkdtempSync(join(tmpdir(), "clean-up-")), "tokens.sqlite")
  const store = sqliteTokenStore({ path })
  onTestFinished(() => store.close?.())
  const makeOld = async () => {
    const database = new DatabaseSync(path)
    database.exec("UPDATE ellipsis_oauth_record SET written_at = written_at - 91 * 86400000")
    database.close()
  }
  await check(store, makeOld, () => runProgram("cleanUpSqlite", { TOKENS: path }))
}, 60_000)

test.skipIf(!hasPostgres())(
  "Postgres",
  async () => {
    const server = await startPostgres()
    onTestFinished(() => server.stop())
    const { host, port, user, database } = server.connection
    const pool = new pg.Pool(server.connection)
    onTestFinished(() => pool.end())
    const store = postgresTokenStore({ client: pool })
    await store.createSchema()
    const makeOld = () => pool.query("UPDATE ellipsis_oauth SET written_at = written_at - interval '91 days'")
    const url = `postgres://${user}@${host}:${port}/${database}`
    await check(store, makeOld, () => runProgram("cleanUpPostgres", { DATABASE_URL: url }))
  },
  60_000,
)

test.skipIf(!hasRedis("own"))(
  "Redis",
  async () => {
    const server = await startRedis()
    onTestFinished(() => server.stop())
    const redis = await createClient({ url: server.url }).connect()
    onTestFinished(() => redis.close())
    const makeOld = () => redis.hSet("my-maps:record:old", "writtenAt", String(Date.now() - 91 * 86_400_000))
    const store = redisTokenStore({ client: redis, prefix: "my-maps:" })
    await check(store, makeOld, () => runProgram("cleanUpRedis", { REDIS_URL: server.url }))
  },
  60_000,
)
