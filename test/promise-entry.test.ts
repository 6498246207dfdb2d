/** The entry without Effect has none of it in its modules either: what a type needs is erased. */
import { readFileSync } from "node:fs"
import { dirname, join } from "node:path/posix"
import ts from "typescript"
import { expect, it } from "vitest"

const sources = "packages/core/src"

/** The modules that are loaded at run time: imports of types alone are left out. */
const loads = (file: string): readonly string[] => {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022)
  return source.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return []
    const { moduleSpecifier } = statement
    if (moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier)) return []
    const clause = ts.isImportDeclaration(statement) ? statement.importClause : statement
    const named = ts.isImportDeclaration(statement)
      ? statement.importClause?.namedBindings
      : statement.exportClause
    const onlyTypes =
      named !== undefined &&
      (ts.isNamedImports(named) || ts.isNamedExports(named)) &&
      named.elements.every((element) => element.isTypeOnly)
    const isType = clause !== undefined && "isTypeOnly" in clause && clause.isTypeOnly
    return isType || onlyTypes ? [] : [moduleSpecifier.text]
  })
}

const modulesOf = (entry: string): ReadonlySet<string> => {
  const found = new Set<string>()
  const visit = (file: string): void => {
    if (found.has(file)) return
    found.add(file)
    for (const specifier of loads(file)) {
      if (specifier.startsWith(".")) visit(join(dirname(file), specifier.replace(/\.js$/, ".ts")))
      else found.add(specifier)
    }
  }
  visit(join(sources, entry))
  return found
}

const effects = (entry: string) => [...modulesOf(entry)].filter((module) => module.startsWith("effect"))

it("@ellipsis-oauth/core/promise loads nothing but its own modules", () => {
  expect([...modulesOf("promise.ts")].filter((module) => !module.startsWith(sources))).toEqual([])
  expect([...modulesOf("promise.ts")].filter((module) => module.includes("/effect/"))).toEqual([])
})

it("the rule sees Effect where it is", () => {
  expect(effects("index.ts")).toContain("effect/Effect")
})
