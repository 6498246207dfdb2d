/** Every public name has a docstring, and every tag, reason and option is in the guides. */
import { globSync, readFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import ts from "typescript"
import { describe, expect, it } from "vitest"
import { describeHabits, describeOptions } from "../packages/cli/src/describeHabits.js"
import { flags as commandFlags } from "../packages/cli/src/flags.js"
import type { ServerHabits } from "../packages/cli/src/ServerHabits.js"
import { ellipsisDriveBaseUrl } from "../packages/core/src/index.js"
import { flags as mockServerFlags } from "../packages/mock-server/src/command/flags.js"
import { faultCatalog } from "../packages/mock-server/src/index.js"

/** The source of each entry point of a published package, by the name that a program imports. */
const entries = new Map(
  globSync("packages/*/package.json").flatMap((path) => {
    const { name, exports } = JSON.parse(readFileSync(path, "utf8"))
    return Object.entries<{ "@ellipsis-oauth/source"?: string }>(exports ?? {}).flatMap(
      ([entry, { "@ellipsis-oauth/source": source }]): readonly (readonly [string, string])[] =>
        source === undefined ? [] : [[join(name, entry), resolve(dirname(path), source)]],
    )
  }),
)

const { config } = ts.readConfigFile("packages/react/tsconfig.json", ts.sys.readFile)
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, "packages/react")
const program = ts.createProgram(
  [...entries.values(), ...ts.sys.readDirectory("packages", [".d.ts"], ["**/node_modules", "**/dist"])],
  { ...options, types: ["node"], noEmit: true },
)
const checker = program.getTypeChecker()

const exportsOf = (file: string): readonly ts.Symbol[] => {
  const source = program.getSourceFile(file)
  const module = source && checker.getSymbolAtLocation(source)
  if (module === undefined) throw new Error(`${file} was not found`)
  return checker
    .getExportsOfModule(module)
    .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol))
}

const isOwn = (symbol: ts.Symbol) =>
  (symbol.declarations ?? []).some((node) => /\/packages\/[^/]+\/src\//.test(node.getSourceFile().fileName))

const isDocumented = (symbol: ts.Symbol) => symbol.getDocumentationComment(checker).length > 0

/** What a user of an interface reads beside its name: its members, unless they are another's. */
const membersOf = (symbol: ts.Symbol): readonly ts.Symbol[] =>
  symbol.flags & ts.SymbolFlags.Interface
    ? [...(symbol.members?.values() ?? [])].filter(
        ({ flags }) => flags & (ts.SymbolFlags.Property | ts.SymbolFlags.Method),
      )
    : []

describe.each([...entries])("%s", (_name, file) => {
  const symbols = exportsOf(file).filter(isOwn)

  it("has a docstring for each name", () => {
    expect(symbols.filter((symbol) => !isDocumented(symbol)).map(({ name }) => name)).toEqual([])
  })

  it("has a docstring for each member of its options", () => {
    const undocumented = symbols.flatMap((symbol) =>
      /(Options|Settings)$/.test(symbol.name)
        ? membersOf(symbol)
            .filter((member) => !isDocumented(member))
            .map(({ name }) => `${symbol.name}.${name}`)
        : [],
    )
    expect(undocumented).toEqual([])
  })
})

const guides = globSync(["docs/guides/*.md", "packages/*/README.md", "README.md"])
  .map((path) => readFileSync(path, "utf8"))
  .join("\n")

/** In backticks, or in code. */
const isInGuides = (name: string) => new RegExp(`(?<![\\w$])${name}(?![\\w$])`).test(guides)

it("each option is in a guide", () => {
  // Adapters alone call the functions of core/promise.
  const forApps = [...entries].filter(([entry]) => entry !== "@ellipsis-oauth/core/promise")
  const optionNames = forApps.flatMap(([entry, file]) =>
    exportsOf(file)
      .filter((symbol) => isOwn(symbol) && /(Options|Settings)$/.test(symbol.name))
      .flatMap((symbol) =>
        membersOf(symbol).map(({ name }) => ({ entry, path: `${symbol.name}.${name}`, name })),
      ),
  )
  expect(optionNames.length).toBeGreaterThan(50)
  expect(
    optionNames.filter(({ name }) => !isInGuides(name)).map(({ entry, path }) => `${entry} ${path}`),
  ).toEqual([])
})

it("each function, class and value that an app can import is in a guide", () => {
  const names = [...entries]
    .filter(([entry]) => entry !== "@ellipsis-oauth/core/promise")
    .flatMap(([entry, file]) =>
      exportsOf(file)
        .filter((symbol) => isOwn(symbol) && symbol.flags & ts.SymbolFlags.Value)
        .map(({ name }) => ({ entry, name })),
    )
  expect(names.length).toBeGreaterThan(50)
  expect(names.filter(({ name }) => !isInGuides(name)).map(({ entry, name }) => `${entry} ${name}`)).toEqual(
    [],
  )
})

/** The string that a type is, or the strings of a union. */
const stringsOf = (type: ts.Type): readonly string[] =>
  (type.isUnion() ? type.types : [type]).flatMap((part) => (part.isStringLiteral() ? [part.value] : []))

const memberStrings = (type: ts.Type, name: string): readonly string[] => {
  const member = checker.getPropertyOfType(type, name)
  return member === undefined ? [] : stringsOf(checker.getTypeOfSymbol(member))
}

describe("the guide of errors", () => {
  const guide = readFileSync("docs/guides/errors.md", "utf8")
  const errors = [...entries.values()]
    .flatMap(exportsOf)
    .filter(({ flags }) => flags & ts.SymbolFlags.Class)
    .map((symbol) => checker.getDeclaredTypeOfSymbol(symbol))
    .flatMap((type) =>
      memberStrings(type, "_tag").map((tag) => ({ tag, reasons: memberStrings(type, "reason") })),
    )
  const byTag = new Map(errors.map(({ tag, reasons }) => [tag, reasons]))

  it("is held against errors that were found", () => {
    expect([...byTag.keys()]).toEqual(
      expect.arrayContaining(["TransportError", "TokenStoreError", "PopupError"]),
    )
    expect(byTag.get("TransportError")).toContain("offline")
  })

  it.each([...byTag])("has %s, with each reason", (tag, reasons) => {
    const entry = guide.split(/^## /m).find((section) => section.startsWith(`\`${tag}\``)) ?? ""
    expect(entry, `a heading ## \`${tag}\``).not.toBe("")
    expect(reasons.filter((reason) => !entry.includes(`\`${reason}\``))).toEqual([])
  })
})

it.each([
  ["command-line", commandFlags],
  ["mock-server", mockServerFlags],
] as const)("the guide %s has each flag of its command", (guide, flags) => {
  const text = readFileSync(`docs/guides/${guide}.md`, "utf8")
  const names = Object.keys(flags)
  expect(names.length).toBeGreaterThan(15)
  expect(names.filter((name) => !new RegExp(`\`--${name}\\b(?!-)`).test(text))).toEqual([])
})

it("the guide of the command quotes what doctor prints", () => {
  const server = "https://drive.example/v3"
  const habits: ServerHabits = {
    format: "ellipsis-oauth/server-habits@1",
    server,
    observedAt: "2026-11-25T12:00:00Z",
    bodyEncoding: ["json"],
    clientAuthentication: ["basic"],
    withoutSecret: "refused",
    codeParameter: "authorization_code",
    pkce: "optional",
    pkceMethods: ["S256", "plain"],
    refreshToken: "present",
    rotation: "always",
    spentRefreshToken: "refused",
    unknownRefreshToken: "refused",
    expiresIn: "string",
    accessTokenLifetime: 3600,
    tokenType: "present",
    scope: "always",
    scopes: ["projects"],
    tokenStatus: 200,
    errorBody: "message",
    grantErrorStatus: 400,
    clientErrorStatus: 401,
    notes: [],
  }
  const guide = readFileSync("docs/guides/command-line.md", "utf8")
  expect(guide).toContain(`Behaviour of ${server}:\n\n${describeHabits(habits)}\n`)
  expect(guide).toContain(`Options for an app:\n\n  ${describeOptions(habits, ellipsisDriveBaseUrl)}\n`)
  expect(readFileSync("packages/cli/src/doctor.ts", "utf8")).toContain("print(`Behaviour of ${")
})

it("the guide of the mock server has each fault by name and each rule", () => {
  const text = readFileSync("docs/guides/mock-server.md", "utf8")
  const source = readFileSync("packages/mock-server/src/log/Finding.ts", "utf8")
  const [, union = ""] = /export type Rule =([\s\S]*?)\n\n/.exec(source) ?? []
  const names = [...Object.keys(faultCatalog), ...[...union.matchAll(/"(.+)"/g)].map(([, name = ""]) => name)]
  expect(names).toContain("refreshed-too-early")
  expect(names.filter((name) => !text.includes(`\`${name}\``))).toEqual([])
})

it("each environment variable that a command reads is in its guide", () => {
  const text = readFileSync("docs/guides/command-line.md", "utf8")
  const read = globSync("packages/cli/src/*.ts").flatMap(
    (path) =>
      readFileSync(path, "utf8").match(
        /\b(?:ELLIPSIS_OAUTH_[A-Z_]*[A-Z]|[A-Z]+_PROXY|XDG_[A-Z_]+|NODE_EXTRA_CA_CERTS)\b/g,
      ) ?? [],
  )
  expect(read.length).toBeGreaterThan(20)
  expect([...new Set(read)].filter((name) => !text.includes(name))).toEqual([])
})

describe("what the guides say was measured", () => {
  const results = (name: string) => readFileSync(`benchmarks/results/${name}.md`, "utf8")
  const rowsOf = (text: string) =>
    [...text.matchAll(/^\| (.+) \|$/gm)].map(([, row = ""]) => row.split(" | ").map((cell) => cell.trim()))

  it("the mock server's speed", () => {
    const [, section = ""] = readFileSync("docs/guides/mock-server.md", "utf8").split(/^## How fast$/m) ?? []
    const [, , ...rows] = rowsOf(section)
    expect(rows.length).toBeGreaterThan(3)
    for (const [name = "", ...cells] of rows) {
      const [, , ...measured] =
        rowsOf(results("mock-server")).find(([title]) => title?.startsWith(name)) ?? []
      expect(measured, name).toHaveLength(cells.length)
      for (const [index, cell] of cells.entries()) {
        expect(measured[index]?.split(" ")[0], name).toBe(cell.replace(/ ms$/, ""))
      }
    }
  })

  it("the bundles' sizes", () => {
    const guide = readFileSync("docs/guides/react.md", "utf8")
    const [, ...sizes] = rowsOf(guide).find(([title]) => title?.startsWith("adds to the app")) ?? []
    for (const [client, size] of [
      ["createBrowserTokenClient", sizes[0]],
      ["createBackendTokenClient", sizes[1]],
    ] as const) {
      const row = rowsOf(results("bundle-size")).find(([title]) => title?.includes(client))
      expect(size, client).toBe(`${row?.[1]} kB`)
    }
  })
})
