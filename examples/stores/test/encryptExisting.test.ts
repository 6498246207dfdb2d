import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { createTokenClient, encryptedTokenStore, sqliteTokenStore } from "@ellipsis-oauth/node"
import { expect, onTestFinished, test } from "vitest"
import { encryptExisting } from "../src/encryptExisting.js"

const encryptionKeys = [{ id: "2026", key: new Uint8Array(32).fill(7) }]

test("a user whose record is encrypted by the keys in the store stays signed in", async () => {
  const folder = mkdtempSync(join(tmpdir(), "encrypt-existing-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, "tokens.sqlite")
  const before = createTokenClient({ clientId: "app", store: sqliteTokenStore({ path }) })
  await before.session("ada").importToken({ accessToken: "stored-before", refreshToken: "r" })
  await before.close()

  const database = new DatabaseSync(path)
  const keys = database
    .prepare("SELECT key FROM ellipsis_oauth_record")
    .all()
    .map(({ key }) => String(key))
  database.close()
  const store = sqliteTokenStore({ path })
  await encryptExisting(store, encryptionKeys, keys)

  const after = createTokenClient({ clientId: "app", store: encryptedTokenStore(store, encryptionKeys) })
  onTestFinished(() => after.close())
  expect(await after.session("ada").restore()).toMatchObject({ status: "ready" })
  expect((await store.read(keys[0] ?? ""))?.value).toMatch(/^e1\.2026\./)
})
