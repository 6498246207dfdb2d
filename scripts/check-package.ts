/** Packs the packages as they are published, and treats the tarballs as their users would. */
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
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

/**
 * What the user's app brings, in the versions that the packages' own tests run with: the peers, the types of those that
 * have them in a package of their own, and what the peers want beside them, such as react-dom for Next.js.
 */
const peers: Readonly<Record<string, string>> = Object.fromEntries(
  manifests.flatMap((path) => {
    const installed = (name: string) => join(dirname(path), "node_modules", name, "package.json")
    const isInstalled = (name: string) => existsSync(installed(name))
    const peersOf = (manifest: string) => Object.keys(read(manifest).peerDependencies ?? {})
    return peersOf(path)
      .filter(isInstalled)
      .flatMap((peer) => [peer, `@types/${peer}`, ...peersOf(installed(peer))])
      .filter(isInstalled)
      .map((name) => [name, read(installed(name)).version])
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

const plain = entryPoints.filter((entry) => !isForTests(entry) && !isForJest(entry))
const forTests = entryPoints.filter(isForTests)

const importing = (entries: readonly string[]) => {
  const imports = entries.map((entry, index) => `import * as entry${index} from "${entry}"\n`)
  return `${imports.join("")}export const entries: object[] = [${entries.map((_, index) => `entry${index}`)}]\n`
}

const requiring = (entries: readonly string[]) =>
  `${entries.map((entry, index) => `import entry${index} = require("${entry}")\n`).join("")}export const entries: object[] = [${entries.map((_, index) => `entry${index}`)}]\n`

const sources = {
  "index.ts": importing(plain),
  "index.cts": requiring(plain),
  "index.test.ts": `${importing(forTests)}import { test } from "vitest"\ntest("imports", () => {})\n`,
  "import.js": plain.map((entry) => `import "${entry}"\n`).join(""),
  "require.cjs": plain.map((entry) => `require("${entry}")\n`).join(""),
}

/** An app outside the workspace, as it is before its package manager has installed anything. */
const makeApp = (folder: string, manifest: object, files: Readonly<Record<string, string>> = {}) => {
  mkdirSync(folder)
  const packageJson = JSON.stringify({ name: "app", private: true, type: "module", ...manifest })
  const all = { ...sources, ...files, "package.json": packageJson }
  for (const [name, text] of Object.entries(all)) writeFileSync(join(folder, name), text)
}

/** Where a package manager that reads no tarballs from its command line finds each package. */
const byName = (tarballs: readonly string[]) =>
  Object.fromEntries(
    manifests.map((path) => {
      const { name, version } = read(path)
      const file = `${name.replace("@", "").replace("/", "-")}-${version}.tgz`
      return [name, `file:${tarballs.find((tarball) => basename(tarball) === file)}`]
    }),
  )

const runs = (manager: string, node: readonly [command: string, ...args: string[]], folder: string) => {
  const [command, ...args] = node
  return [
    part(`${manager}: import of ${plain.join(", ")}`, command, [...args, "import.js"], folder),
    part(`${manager}: require() of them`, command, [...args, "require.cjs"], folder),
  ]
}

const withNpm = async (folder: string, tarballs: readonly string[]) => {
  makeApp(folder, {})
  const install = ["install", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"]
  const packages = [...tarballs, ...Object.entries(peers).map((peer) => peer.join("@"))]
  if (!(await part("npm: install of the tarballs", "npm", [...install, ...packages], folder))) return false

  // Dependencies' declarations are checked with the packages' own: what those import must fit as well.
  const declarations = (module: string, files: readonly string[]) => {
    const tsc = [...files, "--noEmit", "--strict", "--skipLibCheck", "false", "--lib", "es2022,dom"]
    return part(`declarations under ${module}: ${files}`, "tsc", [...tsc, "--module", module], folder)
  }
  const results = await Promise.all([
    ...runs("npm", ["node"], folder),
    part(`import of ${forTests.join(", ")}`, "node", ["node_modules/vitest/vitest.mjs", "run"], folder),
    declarations("nodenext", ["index.ts", "index.cts", "index.test.ts"]),
    // TypeScript lets no CommonJS module require an ES module there.
    declarations("node16", ["index.ts"]),
    // What Vite, esbuild and webpack users have: moduleResolution "bundler".
    declarations("preserve", ["index.ts", "index.test.ts"]),
    ...commands.map((name) =>
      part(`${name} --version`, join("node_modules/.bin", name), ["--version"], folder),
    ),
  ])
  return results.every(Boolean)
}

const withPnpm = async (folder: string, tarballs: readonly string[]) => {
  const packages = byName(tarballs)
  makeApp(
    folder,
    { dependencies: { ...packages, ...peers } },
    { "pnpm-workspace.yaml": `overrides: ${JSON.stringify(packages)}\n` },
  )
  const install = ["install", "--prefer-offline", "--ignore-scripts"]
  if (!(await part("pnpm: install of the tarballs", "pnpm", install, folder))) return false
  return (await Promise.all(runs("pnpm", ["node"], folder))).every(Boolean)
}

/** Without node_modules, by its Plug'n'Play, so that each package finds only what its package.json names. */
const withYarn = async (folder: string, tarballs: readonly string[]) => {
  const packages = byName(tarballs)
  makeApp(
    folder,
    { dependencies: { ...packages, ...peers }, resolutions: packages },
    {
      ".yarnrc.yml": "enableGlobalCache: true\nenableScripts: false\nenableTelemetry: false\n",
      "yarn.lock": "",
    },
  )
  if (!(await part("yarn: install of the tarballs", "yarn", ["install", "--no-immutable"], folder))) {
    return false
  }
  return (await Promise.all(runs("yarn", ["yarn", "node"], folder))).every(Boolean)
}

const folder = mkdtempSync(join(tmpdir(), "ellipsis-oauth-"))
try {
  const pack = ["--recursive", "--filter=./packages/*", "pack", "--pack-destination", folder]
  if (await part("pnpm pack", "pnpm", pack)) {
    const tarballs = globSync(join(folder, "*.tgz")).sort()
    const apps = [
      withNpm(join(folder, "npm"), tarballs),
      withPnpm(join(folder, "pnpm"), tarballs),
      withYarn(join(folder, "yarn"), tarballs),
    ]
    report(await Promise.all([...tarballs.flatMap(lint), ...apps]))
  } else report([false])
} finally {
  rmSync(folder, { recursive: true })
}
