/** The rules between packages and between modules, which no compiler holds. */
import { globSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path/posix"
import ts from "typescript"
import { describe, expect, it } from "vitest"

const packages = ["core", "node", "cli", "react", "mock-server"] as const
type Package = (typeof packages)[number]

/** What the sources of a package may import besides their own files. */
const mayImport: Record<Package, RegExp> = {
  core: /^effect\/(?!(http|persistence|crypto|Schema|index)(\/|$))/,
  node: /^(?!@ellipsis-oauth\/|\.|\/)|^@ellipsis-oauth\/core(\/|$)/,
  cli: /^(?!@ellipsis-oauth\/|\.|\/)|^@ellipsis-oauth\/(core|node)(\/|$)/,
  react: /^(?!@ellipsis-oauth\/|\.|\/)|^@ellipsis-oauth\/core(\/|$)/,
  "mock-server": /^(?!@ellipsis-oauth\/|\.|\/)/,
}

const read = (path: string) => readFileSync(path, "utf8")

const importsOf = (text: string) =>
  ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName)

const sourcesOf = (name: Package) => globSync(`packages/${name}/src/**/*.{ts,tsx}`)

/** `undefined` for what is not a file of the same package. */
const resolveOwn = (name: Package, file: string, specifier: string) => {
  if (!specifier.startsWith(".")) return undefined
  const path = join(dirname(file), specifier)
  return path.startsWith(`packages/${name}/src/`) ? path.replace(/\.jsx?$/, "") : undefined
}

const refusedImports = (name: Package, file: string, text: string) =>
  importsOf(text).filter(
    (specifier) => resolveOwn(name, file, specifier) === undefined && !mayImport[name].test(specifier),
  )

type Graph = ReadonlyMap<string, readonly string[]>

/** The modules of one cycle, the first one again at the end. */
const findCycle = (graph: Graph): readonly string[] | undefined => {
  const done = new Set<string>()
  const visit = (module: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(module)) return [...path.slice(path.indexOf(module)), module]
    if (done.has(module)) return undefined
    for (const next of graph.get(module) ?? []) {
      const cycle = visit(next, [...path, module])
      if (cycle !== undefined) return cycle
    }
    done.add(module)
    return undefined
  }
  for (const module of graph.keys()) {
    const cycle = visit(module, [])
    if (cycle !== undefined) return cycle
  }
  return undefined
}

const graphOf = (name: Package): Graph =>
  new Map(
    sourcesOf(name).map((file) => [
      file.replace(/(\.d)?\.tsx?$/, ""),
      importsOf(read(file)).flatMap((specifier) => resolveOwn(name, file, specifier) ?? []),
    ]),
  )

/** The folder right under `src`; a file that lies in none stands for itself. */
const folderOf = (module: string) => /^packages\/[^/]+\/src\/(?:[^/]+(?=\/)|.*)/.exec(module)?.[0] ?? module

/** What the folders import from each other. */
const foldersOf = (graph: Graph): Graph => {
  const folders = new Map<string, readonly string[]>()
  for (const [module, imports] of graph) {
    const folder = folderOf(module)
    const others = imports.map(folderOf).filter((other) => other !== folder)
    folders.set(folder, [...(folders.get(folder) ?? []), ...others])
  }
  return folders
}

/** The folders of core, each with those that it may import from. */
const coreFolders: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  common: ["errors"],
  protocol: ["errors", "common"],
  services: ["errors", "common", "protocol"],
  session: ["errors", "common", "protocol", "services"],
  client: ["errors", "common", "protocol", "services", "session"],
  promise: ["errors", "common", "protocol", "services", "session", "client"],
  testing: ["errors", "common", "services"],
}

describe.each(packages)("%s", (name) => {
  it("imports only what it may", () => {
    const files = sourcesOf(name)
    expect(files).not.toEqual([])
    expect(
      files.flatMap((file) => refusedImports(name, file, read(file)).map((found) => `${file}: ${found}`)),
    ).toEqual([])
  })

  it("has no import cycle, neither of files nor of folders", () => {
    const graph = graphOf(name)
    expect(findCycle(graph)).toBeUndefined()
    expect(foldersOf(graph).size).toBeGreaterThan(3)
    expect(findCycle(foldersOf(graph))).toBeUndefined()
  })

  it("publishes the entry points that it has here, from dist and not from src", () => {
    const { exports, publishConfig } = JSON.parse(read(`packages/${name}/package.json`))
    const published = Object.entries<Record<string, string> | string>(exports).map(([entry, target]) => {
      if (typeof target === "string") return [entry, target]
      const [[condition, source] = [], ...others] = Object.entries(target)
      expect(condition).toBe("@ellipsis-oauth/source")
      expect(globSync(`packages/${name}/${source}`)).toHaveLength(1)
      return [entry, Object.fromEntries(others)]
    })
    expect(publishConfig.exports).toEqual(Object.fromEntries(published))
  })
})

it("core's folders import only from those before them", () => {
  const found = [...foldersOf(graphOf("core"))].map(([folder, imports]) => [
    folder.replace("packages/core/src/", ""),
    imports.map((other) => other.replace("packages/core/src/", "")),
  ]) as [string, readonly string[]][]
  const folders = found.filter(([folder]) => folder !== "index" && folder !== "web")
  expect(folders.map(([folder]) => folder).sort()).toEqual(Object.keys(coreFolders).sort())
  expect(
    folders.flatMap(([folder, imports]) =>
      imports.filter((other) => !coreFolders[folder]?.includes(other)).map((other) => `${folder} → ${other}`),
    ),
  ).toEqual([])
})

/** The entries of the packages that apps install: a name that is gone, or a new one, is a decision. */
it.each([
  ["core", [".", "./promise", "./testing"]],
  ["node", [".", "./effect", "./postgres", "./redis"]],
  ["react", [".", "./devtools", "./next", "./testing"]],
] as const)("%s has these entries", (name, entries) => {
  const { exports } = JSON.parse(read(`packages/${name}/package.json`))
  expect(Object.keys(exports).filter((entry) => entry !== "./package.json")).toEqual(entries)
})

describe("the rules themselves", () => {
  const refused: ReadonlyArray<readonly [Package, string]> = [
    ["core", 'import { Effect } from "effect"'],
    ["core", 'import * as Http from "effect/http"'],
    ["core", 'import type { Key } from "effect/crypto/KeyFormat"'],
    ["core", 'export * from "effect/Schema"'],
    ["core", 'const fs = () => import("node:fs")'],
    ["core", 'type Fs = typeof import("fs")'],
    ["core", 'import ky from "ky"'],
    ["core", 'import "../../node/src/kyTransport.js"'],
    ["node", 'import { useToken } from "@ellipsis-oauth/react"'],
    ["node", 'import { useToken } from "../../react/src/index.js"'],
    ["node", 'import { createMockServer } from "@ellipsis-oauth/mock-server"'],
    ["node", 'import { main } from "@ellipsis-oauth/cli"'],
    ["cli", 'import { useToken } from "@ellipsis-oauth/react"'],
    ["cli", 'import { createMockServer } from "@ellipsis-oauth/mock-server"'],
    ["cli", 'import "../../node/src/stores/recordCipher.js"'],
    ["react", 'import { createTokenClient } from "@ellipsis-oauth/node"'],
    ["mock-server", 'import type { Token } from "@ellipsis-oauth/core"'],
    ["mock-server", 'import "../../core/src/Token.js"'],
  ]
  it.each(refused)("refuse in %s: %s", (name, text) => {
    expect(refusedImports(name, `packages/${name}/src/index.ts`, text)).toHaveLength(1)
  })

  const allowed: ReadonlyArray<readonly [Package, string]> = [
    ["core", 'import * as Effect from "effect/Effect"'],
    ["core", 'import * as Base64Url from "effect/encoding/Base64Url"'],
    ["core", 'import { Token } from "./Token.js"'],
    ["node", 'import { Token } from "@ellipsis-oauth/core"'],
    ["node", 'import { readFile } from "node:fs/promises"'],
    ["cli", 'import { createTokenClient } from "@ellipsis-oauth/node"'],
    ["cli", 'import { storeKey } from "@ellipsis-oauth/core/promise"'],
    ["react", 'import { useSyncExternalStore } from "react"'],
  ]
  it.each(allowed)("allow in %s: %s", (name, text) => {
    expect(refusedImports(name, `packages/${name}/src/index.ts`, text)).toEqual([])
  })

  it("find two folders that import from each other, and not a file beside the folders", () => {
    const src = "packages/core/src"
    const graph = new Map([
      [`${src}/index`, [`${src}/a/one`, `${src}/b/one`]],
      [`${src}/shared`, []],
      [`${src}/a/one`, [`${src}/b/deep/one`, `${src}/shared`]],
      [`${src}/b/deep/one`, []],
      [`${src}/b/one`, [`${src}/a/two`]],
      [`${src}/a/two`, []],
    ])
    expect(findCycle(graph)).toBeUndefined()
    expect(findCycle(foldersOf(graph))).toEqual([`${src}/a`, `${src}/b`, `${src}/a`])
    graph.set(`${src}/b/one`, [])
    expect(findCycle(foldersOf(graph))).toBeUndefined()
  })

  it("find a cycle wherever it starts", () => {
    const graph = new Map([
      ["entry", ["a"]],
      ["a", ["b", "c"]],
      ["b", []],
      ["c", ["b", "a"]],
    ])
    expect(findCycle(graph)).toEqual(["a", "c", "a"])
  })
})
