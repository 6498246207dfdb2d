import { readdirSync, readFileSync } from "node:fs"
import { posix } from "node:path"
import { describe, expect, it } from "vitest"

const folder = new URL("../src/", import.meta.url)

const imports = (file: string): readonly string[] =>
  [
    ...readFileSync(new URL(file, folder), "utf8").matchAll(
      /^(?:import |(?:import|export)\b[^"]*?\bfrom )"([^"]+)"/gm,
    ),
  ].map(([, specifier = ""]) => specifier)

const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
  name.endsWith(".ts"),
)

/** The file that a relative import names, from the folder of the sources. */
const resolve = (file: string, specifier: string): string =>
  posix.join(posix.dirname(file), specifier).replace(/js$/, "ts")

/** Each may import from those before it. The entries, in no folder, are last. */
const layers = [
  "common",
  "protocol",
  "log",
  "grants",
  "faults",
  "endpoints",
  "server",
  "pages",
  "remote",
  "command",
  "",
]

/** These build on the server and know nothing of each other. */
const siblings = ["pages", "remote", "command"]

/** Dev dependencies that the build puts into the package. */
const bundled = ["@noble/hashes/sha2.js", "@noble/hashes/utils.js", "zod"]

const layerOf = (file: string): string => (file.includes("/") ? (file.split("/")[0] ?? "") : "")

const refusedLayers = (file: string, specifiers: readonly string[]): readonly string[] => {
  const own = layerOf(file)
  return specifiers
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) => layerOf(resolve(file, specifier)))
    .filter((layer) => {
      if (layer === own) return false
      const backwards = layers.indexOf(layer) > layers.indexOf(own)
      return backwards || (siblings.includes(own) && siblings.includes(layer))
    })
    .map((layer) => `${file} → ${layer}`)
}

const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))

describe("the sources", () => {
  it("import their own files, the types of node, and each peer in its entry alone", () => {
    expect(files.length).toBeGreaterThan(30)
    const foreign = (file: string) =>
      imports(file).filter((specifier) => !files.includes(resolve(file, specifier)))
    const peers = Object.keys(manifest.peerDependencies)
    for (const peer of peers) expect(foreign(`${peer}.ts`)).toEqual([peer])
    const others = files.filter((file) => !peers.includes(file.replace(".ts", "")))
    expect(new Set(others.flatMap(foreign))).toEqual(new Set(["node:http", "node:net", ...bundled]))
    for (const file of files) {
      const text = readFileSync(new URL(file, folder), "utf8")
      expect(text).not.toMatch(/^import (?!type)[^\n]*"node:/m)
      expect(text).not.toMatch(/ellipsis-oauth\/(core|node|react)/)
    }
  })

  it("import forward, in no circle", () => {
    const done = new Set<string>()
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) throw new Error([...path, file].join(" → "))
      if (done.has(file)) return
      for (const specifier of imports(file)) {
        if (specifier.startsWith(".")) visit(resolve(file, specifier), [...path, file])
      }
      done.add(file)
    }
    for (const file of files) visit(file, [])
    expect(done.size).toBe(files.length)
  })

  it("are in layers of folders, and a folder imports only from those before it", () => {
    expect(new Set(files.map(layerOf))).toEqual(new Set(layers))
    expect(files.flatMap((file) => refusedLayers(file, imports(file)))).toEqual([])
  })

  it("would not pass as layers if one of them imported backwards", () => {
    expect(refusedLayers("grants/refresh.ts", ["../server/Engine.js"])).toEqual([
      "grants/refresh.ts → server",
    ])
    expect(refusedLayers("pages/createDashboard.ts", ["../remote/createDocument.js"])).toHaveLength(1)
    expect(refusedLayers("command/help.ts", ["../createMockServer.js"])).toHaveLength(1)
    expect(refusedLayers("index.ts", ["./createMockServer.js", "./server/Engine.js"])).toEqual([])
  })

  it("have names by one rule: PascalCase for a type or a module, camelCase for a function", () => {
    for (const file of files) expect(posix.basename(file)).toMatch(/^[A-Za-z]+\d?\.ts$/)
  })

  it("need nothing at run time", () => {
    for (const kind of ["dependencies", "optionalDependencies"]) expect(manifest).not.toHaveProperty(kind)
    for (const peer of Object.keys(manifest.peerDependencies))
      expect(manifest.peerDependenciesMeta[peer]).toEqual({ optional: true })
  })
})
