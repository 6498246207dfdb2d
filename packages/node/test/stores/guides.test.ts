// The SQL of the guides runs on the database that it is for.
import { existsSync, globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { PGlite } from "@electric-sql/pglite"
import { expect, onTestFinished, test } from "vitest"
import { sqliteTokenStore } from "../../src/index.js"
import { postgresSchema, postgresTokenStore } from "../../src/stores/postgresTokenStore.js"
import { temporaryFolder } from "./folder.js"

const guidesFolder = join(import.meta.dirname, "../../../../docs/guides")
const guides = globSync(join(guidesFolder, "*.md"))
  .map((path) => readFileSync(path, "utf8"))
  .join("\n")

/** Those for SQLite begin with a comment that says so; the others are for Postgres. */
const blocks = [...guides.matchAll(/^```sql\n([\s\S]*?)^```/gm)].map(([, sql = ""]) => sql)
const isForSqlite = (sql: string) => sql.startsWith("-- SQLite\n")

const record = { value: "e1.2025.", version: "1" }

test("every statement is in a block of its own language", () => {
  expect(guides.replace(/^```[\s\S]*?^```/gm, "")).not.toMatch(/\b(SELECT|DELETE FROM|INSERT INTO|UPDATE) /)
})

test("shows the schema of Postgres", () => {
  expect(blocks).toContain(postgresSchema)
})

test("runs on Postgres", async () => {
  const database = new PGlite()
  onTestFinished(() => database.close())
  const store = postgresTokenStore({ client: database })
  await database.exec(postgresSchema)
  await store.write("old", record)
  await database.exec("UPDATE ellipsis_oauth SET written_at = now() - interval '91 days'")
  await store.write("key", record)
  const found: unknown[] = []
  for (const sql of blocks.filter((block) => !isForSqlite(block))) {
    const results = await database.exec(sql)
    found.push(...results.flatMap(({ rows }) => rows))
  }
  expect(found).toEqual([{ count: 1 }])
  expect(await store.read("old"), "the clean-up").toBeUndefined()
}, 30_000)

test("runs on SQLite", async () => {
  const folder = temporaryFolder()
  const path = join(folder, "tokens.sqlite")
  const store = sqliteTokenStore({ path })
  onTestFinished(() => store.close?.())
  const database = new DatabaseSync(path)
  onTestFinished(() => database.close())
  await store.write("old", record)
  database.exec("UPDATE ellipsis_oauth_record SET written_at = written_at - 91 * 86400000")
  await store.write("key", record)
  // A backup is written beside the program.
  const before = process.cwd()
  process.chdir(folder)
  onTestFinished(() => process.chdir(before))
  const found = blocks.filter(isForSqlite).flatMap((sql) => database.prepare(sql).all())
  expect(found).toEqual([{ "count(*)": 1 }])
  expect(await store.read("old"), "the clean-up").toBeUndefined()
  expect(existsSync(join(folder, "tokens-backup.sqlite")), "the backup").toBe(true)
})
