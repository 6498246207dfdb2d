/** Packs the packages as they are published, and treats the tarballs as their users would. */
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, dirname, join } from "node:path"
import { part, report } from "./parts.ts"

const read = (path: string) => JSON.parse(readFileSync(path, "utf8"))

const manifests = globSync("packages/*/package.json")

const entryPoints = manifests.flatMap((path) => {
  const { name, publishConfig } = read(path)
  return Object.keys(publishConfig.exports)
    .filter((entry) => entry !== "./package.json")
    .map((entry) => name + entry.slice(1))
})

const commands = manifests.flatMap((path) => Object.keys(read(path).publishConfig.bin ?? {}))

/** npm leaves them out, and an entry point may need one: in the version that the package's own tests run with. */
const optionalPeers = manifests.flatMap((path) => {
  const { peerDependenciesMeta = {} } = read(path)
  return Object.keys(peerDependenciesMeta).map(
    (peer) => `${peer}@${read(join(dirname(path), "node_modules", peer, "package.json")).version}`,
  )
})

/** The declarations name the types of a peer that has them in a package of their own, as the user's app does. */
const typesOfPeers = manifests.flatMap((path) =>
  Object.keys(read(path).peerDependencies ?? {}).flatMap((peer) => {
    const types = join(dirname(path), "node_modules/@types", peer, "package.json")
    return existsSync(types) ? [`@types/${peer}@${read(types).version}`] : []
  }),
)

const lint = (tarball: string) => [
  part(`publint ${basename(tarball)}`, "publint", [tarball, "--strict"]),
  part(`attw ${basename(tarball)}`, "attw", [tarball, "--profile", "esm-only"]),
]

/** An entry for Vitest works nowhere but in a test. */
const isForTests = (entry: string) => entry.endsWith("/vitest")

/** Jest has its `expect` as a global, which neither Node nor Vitest has. */
const isForJest = (entry: string) => entry.endsWith("/jest")

const importing = (entries: readonly string[]) => {
  const imports = entries.map((entry, index) => `import * as entry${index} from "${entry}"\n`)
  const names = entries.map((_, index) => `entry${index}`)
  return `${imports.join("")}export const entries: object[] = [${names}]\n`
}

const consume = async (folder: string, tarballs: readonly string[]) => {
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }))
  const plain = entryPoints.filter((entry) => !isForTests(entry) && !isForJest(entry))
  const forTests = entryPoints.filter(isForTests)
  writeFileSync(join(folder, "index.ts"), importing(plain))
  writeFileSync(
    join(folder, "index.test.ts"),
    `${importing(forTests)}import { test } from "vitest"\ntest("imports", () => {})\n`,
  )

  const install = ["install", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"]
  const packages = [...tarballs, ...optionalPeers, ...typesOfPeers]
  if (!(await part("npm install of the tarballs", "npm", [...install, ...packages], folder))) return false

  // Dependencies' declarations are checked with the packages' own: what those import must fit as well.
  const tsc = [
    "index.ts",
    "index.test.ts",
    "--noEmit",
    "--strict",
    "--skipLibCheck",
    "false",
    "--lib",
    "es2022,dom",
    "--module",
  ]
  const results = await Promise.all([
    part(`import of ${plain.join(", ")}`, "node", ["index.ts"], folder),
    part(`import of ${forTests.join(", ")}`, "node", ["node_modules/vitest/vitest.mjs", "run"], folder),
    part("declarations under nodenext", "tsc", [...tsc, "nodenext"], folder),
    part("declarations under bundler", "tsc", [...tsc, "preserve"], folder),
    ...commands.map((name) =>
      part(`${name} --version`, join("node_modules/.bin", name), ["--version"], folder),
    ),
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
