/**
 * Runs the shell blocks of the READMEs and guides, page by page, against a mock server, with the commands as they are
 * built. What would leave this machine has a stand-in in `docsPrelude.sh`.
 */
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { createMockServer } from "../packages/mock-server/src/index.ts"
import { part, report } from "./parts.ts"

const root = resolve(import.meta.dirname, "..")
const prelude = readFileSync(join(import.meta.dirname, "docsPrelude.sh"), "utf8")
const pages = globSync([
  "README.md",
  "CONTRIBUTING.md",
  "docs/guides/*.md",
  "{packages,examples}/*/README.md",
]).sort()

/** The commands of a crontab, without their times and without its variables. */
const commandsOf = (crontab: string) =>
  crontab.replace(/^[A-Z]+=.*\n/gm, "").replace(/^(?:[\d*/,-]+ ){5}/gm, "")

/** The blocks of one page, one after the other, as a reader would type them. */
const shellOf = (page: string): string =>
  [...readFileSync(page, "utf8").matchAll(/^```(sh|bash|shell|crontab)\n([\s\S]*?)^```/gm)]
    .map(([, language, block = ""]) => (language === "crontab" ? commandsOf(block) : block))
    .join("\n")

/** A program that a shell finds by its name. */
const install = (folder: string, name: string, script: string) => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
}

const clients = [
  { clientId: "demo-app", clientSecret: "demo-secret", redirectUris: ["http://localhost:3000/callback"] },
  {
    clientId: "your-client-id",
    redirectUris: ["http://127.0.0.1:8417/callback"],
    loopbackPaths: ["/callback"],
  },
  { clientId: "demo-spa", redirectUris: ["http://127.0.0.1:8417/callback"], loopbackPaths: ["/callback"] },
]
const folder = mkdtempSync(join(tmpdir(), "ellipsis-oauth-docs-"))
const server = await createMockServer({ clients, rotation: "always", remoteControl: true }).listen()
try {
  const bin = join(folder, "bin")
  install(bin, "ellipsis-oauth", `exec ${process.execPath} ${root}/packages/cli/dist/ellipsis-oauth.js "$@"`)
  install(
    bin,
    "ellipsis-oauth-mock",
    `exec ${process.execPath} ${root}/packages/mock-server/dist/ellipsis-oauth-mock.js "$@"`,
  )

  const results: boolean[] = []
  // One after the other: a login listens on the port that its redirect URI names.
  for (const [index, page] of pages.entries()) {
    const blocks = shellOf(page)
    if (blocks === "") continue
    const home = join(folder, `home-${index}`)
    mkdirSync(home)
    writeFileSync(join(home, "page.sh"), `${prelude}\n${blocks}`)
    const environment = [
      `HOME=${home}`,
      `PATH=${bin}:${process.env["PATH"]}`,
      `ELLIPSIS_OAUTH_BASE_URL=${server.url}`,
      `REPOSITORY=${root}`,
    ]
    const shell = ["timeout", "120", "bash", "-euo", "pipefail", "page.sh"]
    results.push(await part(`shell of ${page}`, "env", [...environment, ...shell], home))
  }
  report(results)
} finally {
  await server.close()
  rmSync(folder, { recursive: true })
}
