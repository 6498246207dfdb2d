/** The last lines of a test run: each test that was skipped, the reasons, and how many passed, failed and were skipped. */
import { writeFileSync } from "node:fs"
import { relative } from "node:path"
import type { UserConsoleLog } from "vitest"
import type { Reporter, TestCase, TestModule, Vitest } from "vitest/node"

/** Where to write the lines instead, for a caller that prints them after everything else. */
const file = process.env["TEST_SUMMARY"]

const nameOf = ({ module, project, fullName }: TestCase) =>
  `${project.name}  ${relative("", module.moduleId)}  ${fullName}`

/** It failed outside its tests: at an import, or in a hook. */
const isBroken = (module: TestModule) => !module.ok() && [...module.children.allTests("failed")].length === 0

export default class SummaryReporter implements Reporter {
  #chosen = false
  /** A test file that skips tests prints such a line. */
  readonly #reasons = new Set<string>()

  onInit({ config }: Vitest) {
    this.#chosen = config.testNamePattern !== undefined
  }

  onUserConsoleLog({ content }: UserConsoleLog) {
    for (const line of content.split("\n")) if (line.startsWith("Skipped: ")) this.#reasons.add(line)
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]) {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const having = (state: string) => tests.filter((test) => test.result().state === state)
    // Tests that were left out by their name need no report.
    const skipped = this.#chosen ? [] : [...having("skipped"), ...having("pending")]
    const failed = having("failed").length + modules.filter(isBroken).length + errors.length
    const counts = [`${having("passed").length} passed`, `${failed} failed`]
    if (skipped.length > 0) counts.push(`${skipped.length} skipped`)
    const names = skipped.map((test) => `skipped  ${nameOf(test)}`)
    const lines = [...names, ...this.#reasons, counts.join(", ")]

    if (file === undefined) console.log(lines.join("\n"))
    else writeFileSync(file, `${lines.join("\n")}\n`)
    // A skipped test fails in CI, because nobody reads the output of a run that passed.
    if (process.env["CI"] !== undefined && skipped.length > 0) process.exitCode = 1
  }
}
