/** The recipe for other languages, run by Python where there is one. */
import { execFile, spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { createMockServer } from "@ellipsis-oauth/mock-server"
import { expect, test } from "vitest"

const hasPython = spawnSync("python3", ["--version"]).status === 0

test("a client in Python is tested over the remote control", { timeout: 30_000 }, async ({ skip }) => {
  if (!hasPython) {
    console.info("Skipped: there is no python3.")
    skip("there is no python3")
  }
  await using server = await createMockServer({ remoteControl: true }).listen()
  const { stderr } = await promisify(execFile)(
    "python3",
    [fileURLToPath(new URL("../python/test_refresh.py", import.meta.url))],
    { env: { ...process.env, ELLIPSIS_OAUTH_BASE_URL: server.url } },
  )
  expect(stderr).toMatch(/^OK$/m)
})
