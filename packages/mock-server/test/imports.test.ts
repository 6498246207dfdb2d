import { readdirSync, readFileSync } from "node:fs"
import { posix } from "node:path"
import { describe, expect, it } from "vitest"

const folder = new URL("../src/", import.meta.url)

const imports = (file: string): readonly string[] =>
  [
    ...readFileSync(new URL(file, folder), "utf8").matchAll(/^(?:import|export)\b[^"]*?\bfrom "([^"]+)"/gm),
  ].map(([, specifier = ""]) => specifier)

const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
  name.endsWith(".ts"),
)

/** The file that a relative import names, from the folder of the sources. */
const resolve = (file: string, specifier: string): string =>
  posix.join(posix.dirname(file), specifier).replace(/js$/, "ts")

const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))

describe("the sources", () => {
  it("import their own files, the types of node, and each peer in its entry alone", () => {
    expect(files.length).toBeGreaterThan(30)
    const foreign = (file: string) =>
      imports(file).filter((specifier) => !files.includes(resolve(file, specifier)))
    const peers = Object.keys(manifest.peerDependencies)
    for (const peer of peers) expect(foreign(`${peer}.ts`)).toEqual([peer])
    const others = files.filter((file) => !peers.includes(file.replace(".ts", "")))
    expect(new Set(others.flatMap(foreign))).toEqual(new Set(["node:http", "node:net"]))
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

  it("need nothing at run time", () => {
    for (const kind of ["dependencies", "optionalDependencies"]) expect(manifest).not.toHaveProperty(kind)
    for (const peer of Object.keys(manifest.peerDependencies))
      expect(manifest.peerDependenciesMeta[peer]).toEqual({ optional: true })
  })
})
