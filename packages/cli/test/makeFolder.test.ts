import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, it, onTestFinished } from "vitest"
import { makeFolder } from "../src/makeFolder.js"

const temporary = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "ellipsis-oauth-folder-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

it("creates a folder and its parents, and can be called again", () => {
  const folder = join(temporary(), "above/below")
  makeFolder(folder, 0o700)
  makeFolder(folder, 0o755)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
})

it("fails if a parent is a file", () => {
  const file = join(temporary(), "file")
  writeFileSync(file, "")
  expect(() => makeFolder(file)).toThrow("EEXIST")
  expect(() => makeFolder(join(file, "below"))).toThrow(/EEXIST|ENOTDIR/)
})

// `mkdirSync` with `recursive` never ends there.
it.runIf(process.platform === "linux")("fails, and ends, where the system has no folder to make", () => {
  expect(() => makeFolder("/proc/absent/below")).toThrow("ENOENT")
})
