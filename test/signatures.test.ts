/** Apps that know nothing of Effect meet none of its types: no signature of these entries has one. */
import { dirname, resolve } from "node:path"
import ts from "typescript"
import { expect, it } from "vitest"

const entries = {
  "core/promise": "packages/core/src/promise/index.ts",
  node: "packages/node/src/index.ts",
  "node/postgres": "packages/node/src/stores/postgresTokenStore.ts",
  "node/redis": "packages/node/src/stores/redisTokenStore.ts",
  react: "packages/react/src/index.ts",
  "react/testing": "packages/react/src/testing/index.ts",
  "react/devtools": "packages/react/src/devtools/index.ts",
  // These two are for Effect programs: the rule sees Effect where it is.
  core: "packages/core/src/index.ts",
  "node/effect": "packages/node/src/effect/index.ts",
}

type Entry = keyof typeof entries

const { config } = ts.readConfigFile("packages/react/tsconfig.json", ts.sys.readFile)
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, dirname("packages/react/tsconfig.json"))
const program = ts.createProgram(
  [...Object.values(entries), ...ts.sys.readDirectory("packages", [".d.ts"], ["**/node_modules", "**/dist"])],
  { ...options, types: ["node"], noEmit: true },
)
const checker = program.getTypeChecker()

const isEffect = (file: string) => /\/node_modules\/effect\//.test(file)
const isOwn = (file: string) => /\/packages\/[^/]+\/src\//.test(file)

/** Members of a class that its users cannot name. */
const isPrivate = (symbol: ts.Symbol) =>
  symbol.name.includes("#") ||
  (symbol.declarations ?? []).some(
    (node) => ts.getCombinedModifierFlags(node as ts.Declaration) & ts.ModifierFlags.Private,
  )

/** Where types of Effect are, as a path of names from an export. */
const effectTypesIn = (entry: Entry): readonly string[] => {
  const source = program.getSourceFile(resolve(entries[entry]))
  const module = source && checker.getSymbolAtLocation(source)
  if (source === undefined || module === undefined) throw new Error(`${entry} was not found`)
  const found: string[] = []
  const seen = new Set<ts.Type>()

  const visitType = (type: ts.Type, path: string): void => {
    if (seen.has(type)) return
    seen.add(type)
    const symbols = [type.aliasSymbol, type.symbol].filter((symbol) => symbol !== undefined)
    const files = symbols.flatMap(({ declarations = [] }) =>
      declarations.map((node) => node.getSourceFile().fileName),
    )
    if (files.some(isEffect)) {
      found.push(path)
      return
    }
    for (const argument of type.aliasTypeArguments ?? []) visitType(argument, path)
    if (type.isUnionOrIntersection()) for (const part of type.types) visitType(part, path)
    if (checker.isArrayType(type) || "target" in type) {
      for (const argument of checker.getTypeArguments(type as ts.TypeReference)) visitType(argument, path)
    }
    // What others have declared has no types of Effect in it.
    if (files.length > 0 && !files.some(isOwn)) return
    for (const signature of [...type.getCallSignatures(), ...type.getConstructSignatures()]) {
      visitType(signature.getReturnType(), path)
      for (const parameter of signature.getParameters()) visitSymbol(parameter, `${path}(${parameter.name})`)
    }
    const constraint = checker.getBaseConstraintOfType(type)
    if (constraint !== undefined && constraint !== type) visitType(constraint, path)
    for (const member of checker.getPropertiesOfType(type)) {
      if (!isPrivate(member)) visitSymbol(member, `${path}.${member.name}`)
    }
  }
  const visitSymbol = (symbol: ts.Symbol, path: string): void =>
    visitType(checker.getTypeOfSymbolAtLocation(symbol, source), path)

  for (const exported of checker.getExportsOfModule(module)) {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
    if (symbol.flags & ts.SymbolFlags.Type) visitType(checker.getDeclaredTypeOfSymbol(symbol), exported.name)
    if (symbol.flags & ts.SymbolFlags.Value) visitSymbol(symbol, exported.name)
  }
  return found
}

const withEffect: readonly Entry[] = ["core", "node/effect"]
const withoutEffect = (Object.keys(entries) as Entry[]).filter((entry) => !withEffect.includes(entry))

it.each(withoutEffect)("%s has no type of Effect", (entry) => {
  expect(effectTypesIn(entry)).toEqual([])
})

it.each(withEffect)("%s has, and the rule sees them", (entry) => {
  expect(effectTypesIn(entry)).toEqual(expect.arrayContaining([expect.stringMatching(/\w/)]))
})
