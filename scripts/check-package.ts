/** Packs the packages as they are published, and treats the tarballs as their users would. */
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { part, report } from "./parts.ts"

const entryPoints = globSync("packages/*/package.json").flatMap((path) => {
  const { name, publishConfig } = JSON.parse(readFileSync(path, "utf8"))
  return Object.keys(publishConfig.exports)
    .filter((entry) => entry !== "./package.json")
    .map((entry) => name + entry.slice(1))
})

const lint = (tarball: string) => [
  part(`publint ${basename(tarball)}`, "publint", [tarball, "--strict"]),
  part(`attw ${basename(tarball)}`, "attw", [tarball, "--profile", "esm-only"]),
]

const consume = async (folder: string, tarballs: readonly string[]) => {
  const imports = entryPoints.map((entry, index) => `import * as entry${index} from "${entry}"\n`)
  const names = entryPoints.map((_, index) => `entry${index}`)
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }))
  writeFileSync(join(folder, "index.ts"), `${imports.join("")}export const entries: object[] = [${names}]\n`)

  const install = ["install", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"]
  if (!(await part("npm install of the tarballs", "npm", [...install, ...tarballs], folder))) return false

  // Dependencies' declarations are checked with the packages' own: what those import must fit as well.
  const tsc = [
    "index.ts",
    "--noEmit",
    "--strict",
    "--skipLibCheck",
    "false",
    "--lib",
    "es2022,dom",
    "--module",
  ]
  const results = await Promise.all([
    part(`import of ${entryPoints.join(", ")}`, "node", ["index.ts"], folder),
    part("declarations under nodenext", "tsc", [...tsc, "nodenext"], folder),
    part("declarations under bundler", "tsc", [...tsc, "preserve"], folder),
  ])
  return results.every(Boolean)
}

const folder = mkdtempSync(join(tmpdir(), "ellipsis-oauth-"))
try {
  const pack = ["--recursive", "--filter=./packages/*", "pack", "--pack-destination", folder]
  if (await part("pnpm pack", "pnpm", pack)) {
    const tarballs = globSync(join(folder, "*.tgz")).sort()
    report(await Promise.all([...tarballs.flatMap(lint), consume(folder, tarballs)]))
  } else report([false])
} finally {
  rmSync(folder, { recursive: true })
}
