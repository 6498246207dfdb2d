/**
 * Breaks each promise of SECURITY.md, the READMEs and the security model, one after the other, in a copy of the
 * repository, and expects the named test to fail. The arguments are beginnings of rows; without any, all of them are
 * broken.
 */
import { execFileSync, spawn } from "node:child_process"
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { basename, dirname, join, resolve } from "node:path"
import { applyEdits } from "../test/promises/applyEdits.ts"
import { type Break, type PromiseRow, promises, sentences } from "../test/promises/promises.ts"

const wanted = process.argv.slice(2)
const rows = [...promises, ...sentences].filter(
  ({ row }) => wanted.length === 0 || wanted.some((start) => row.startsWith(start)),
)
if (rows.length === 0) throw new Error(`No row begins with ${wanted.join(" or ")}.`)

const folder = realpathSync(mkdtempSync(join(tmpdir(), "ellipsis-oauth-promises-")))

const link = (target: string, path: string) => symlinkSync(realpathSync(target), path)

/** The packages of the copy find each other, and everything else where it is installed. */
const linkModules = (workspace: string) => {
  const modules = join(workspace, "node_modules")
  if (!existsSync(modules)) return
  mkdirSync(join(folder, modules))
  for (const name of readdirSync(modules)) {
    if (name.startsWith(".") && name !== ".bin") continue
    if (name !== "@ellipsis-oauth") {
      link(join(modules, name), join(folder, modules, name))
      continue
    }
    mkdirSync(join(folder, modules, name))
    for (const one of readdirSync(join(modules, name))) {
      symlinkSync(join(folder, "packages", one), join(folder, modules, name, one))
    }
  }
}

const copy = () => {
  const listed = execFileSync("git", ["ls-files", "-z", "-co", "--exclude-standard"], { encoding: "utf8" })
  for (const file of listed.split("\0").filter((name) => name !== "" && existsSync(name))) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    copyFileSync(file, join(folder, file))
  }
  link("node_modules", join(folder, "node_modules"))
  for (const manifest of globSync("{packages,examples}/*/package.json")) linkModules(dirname(manifest))
}

const unique = (texts: readonly string[]) => [...new Set(texts)]

interface TestResult {
  readonly name: string
  readonly status: string
}

/** The tests of a run that were not left out. `undefined` where a file could not even be read. */
const run = async (project: string, files: readonly string[], names: readonly string[]) => {
  const output = join(folder, "result.json")
  rmSync(output, { force: true })
  const pattern = names.map((name) => name.replaceAll(/[^\w ]/g, (character) => `\\${character}`)).join("|")
  const args = [
    "run",
    "--project",
    project,
    ...files,
    "-t",
    pattern,
    "--reporter=json",
    `--outputFile=${output}`,
  ]
  await new Promise((end) => {
    const vitest = resolve("node_modules/vitest/vitest.mjs")
    const child = spawn(process.execPath, [vitest, ...args], { cwd: folder, stdio: "ignore" })
    child.on("close", end)
  })
  const { testResults } = JSON.parse(readFileSync(output, "utf8")) as {
    readonly testResults: readonly {
      readonly name: string
      readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
    }[]
  }
  return testResults.map((file) => ({
    file: file.name,
    tests: file.assertionResults
      .map(({ fullName, status }): TestResult => ({ name: fullName, status }))
      .filter(({ status }) => status === "passed" || status === "failed"),
  }))
}

/** Unbroken, so that a failure below comes from the break. */
const control = async (breaks: readonly Break[]): Promise<readonly string[]> => {
  const problems: string[] = []
  for (const project of new Set(breaks.map((one) => one.project))) {
    const own = breaks.filter((one) => one.project === project)
    const results = await run(
      project,
      unique(own.map(({ file }) => file)),
      unique(own.map(({ test }) => test)),
    )
    for (const { file, test } of own) {
      const found = results.find((result) => result.file.endsWith(file))?.tests ?? []
      const named = found.filter(({ name }) => name.includes(test))
      if (named.length === 0) problems.push(`${file}: no test "${test}" runs here.`)
      if (named.some(({ status }) => status === "failed")) problems.push(`${file}: "${test}" fails unbroken.`)
    }
  }
  return problems
}

/** @returns what is wrong */
const tryBreak = async ({ edits, project, file, test }: Break): Promise<string | undefined> => {
  const before = new Map(edits.map((edit) => [edit.file, readFileSync(join(folder, edit.file), "utf8")]))
  try {
    for (const [edited, text] of applyEdits(folder, edits)) writeFileSync(join(folder, edited), text)
    const results = await run(project, [file], [test])
    const tests = results.flatMap((result) => result.tests).filter(({ name }) => name.includes(test))
    if (tests.length === 0) return `${file}: "${test}" did not run. The break may be no code.`
    return tests.every(({ status }) => status === "passed")
      ? `${file}: "${test}" passes although ${edits.map((edit) => basename(edit.file)).join(", ")} is broken.`
      : undefined
  } finally {
    for (const [edited, text] of before) writeFileSync(join(folder, edited), text)
  }
}

const check = async ({ row, breaks }: PromiseRow): Promise<boolean> => {
  const started = performance.now()
  const problems: string[] = []
  for (const one of breaks) {
    const problem = await tryBreak(one).catch(String)
    if (problem !== undefined) problems.push(problem)
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`${problems.length === 0 ? "holds " : "FAILED"}  ${row} (${breaks.length}, ${seconds} s)`)
  for (const problem of problems) console.log(`        ${problem}`)
  return problems.length === 0
}

try {
  copy()
  const problems = await control(rows.flatMap(({ breaks }) => breaks))
  for (const problem of problems) console.log(`FAILED  ${problem}`)
  let isGood = problems.length === 0
  for (const row of rows) isGood = (await check(row)) && isGood
  process.exitCode = isGood ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
