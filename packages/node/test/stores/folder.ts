import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { onTestFinished } from "vitest"

/** A temporary folder, removed after the test. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "ellipsis-oauth-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
