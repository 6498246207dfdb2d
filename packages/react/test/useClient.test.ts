/** Frameworks with server components look for "use client" at the start of what is published. */
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "tsup"
import { afterAll, expect, it } from "vitest"
import config from "../tsup.config.js"

const root = fileURLToPath(new URL("..", import.meta.url))
const outDir = mkdtempSync(join(tmpdir(), "ellipsis-oauth-react-"))
afterAll(() => rmSync(outDir, { recursive: true }))

/** Imports of what only a browser's React has, or of a file that has to be one of its own. */
const usesClient = /import [^;]*\b(createContext|use[A-Z]\w+)\b[^;]* from "react"/

it("is at the start of every published module that uses hooks, and of no client module", async () => {
  await build({
    ...config,
    entry: [join(root, "src/**/*.{ts,tsx}")],
    outDir,
    dts: false,
    silent: true,
    clean: false,
  })
  const modules = globSync("**/*.js", { cwd: outDir })
  expect(modules).toContain("react/useToken.js")
  const marked = (name: string) => /^["']use client["']/.test(readFileSync(join(outDir, name), "utf8"))
  const hooks = modules.filter((name) => usesClient.test(readFileSync(join(outDir, name), "utf8")))
  expect(hooks.length).toBeGreaterThan(4)
  expect(hooks.filter((name) => !marked(name))).toEqual([])
  // A server may make a client, and render its state: it has no hook in it.
  expect(modules.filter((name) => /^(backend|browser|client|maps|page)\//.test(name)).filter(marked)).toEqual(
    [],
  )
})
