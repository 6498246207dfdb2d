/** The last lines of a test run: every test that was skipped, and how many there were. */
import { writeFileSync } from "node:fs"
import { relative } from "node:path"
import type { Reporter, TestCase, TestModule } from "vitest/node"

/** A file for the same lines, so that a caller can print them after everything else. */
const file = process.env["TEST_SUMMARY"]

const nameOf = ({ module, project, fullName }: TestCase) =>
  `${project.name}  ${relative(".", module.moduleId)}  ${fullName}`

/** A file that failed before it had a test counts as one that failed. */
const isBroken = (module: TestModule) => !module.ok() && [...module.children.allTests("failed")].length === 0

const summarise = (modules: readonly TestModule[], errors: number) => {
  const tests = modules.flatMap((module) => [...module.children.allTests()])
  const skipped = tests.filter((test) => ["skipped", "pending"].includes(test.result().state))
  const passed = tests.filter((test) => test.result().state === "passed").length
  const failed =
    tests.filter((test) => test.result().state === "failed").length + modules.filter(isBroken).length + errors
  const counts = [`${passed} passed`, `${failed} failed`]
  if (skipped.length > 0) counts.push(`${skipped.length} skipped`)
  return { skipped, lines: [...skipped.map((test) => `Skipped: ${nameOf(test)}`), counts.join(", ")] }
}

/** In CI a test that was skipped fails the run: nobody would notice that it no longer runs. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]) {
    const { skipped, lines } = summarise(modules, errors.length)
    console.log(lines.join("\n"))
    if (file !== undefined) writeFileSync(file, `${lines.join("\n")}\n`)
    if (process.env["CI"] !== undefined && skipped.length > 0) process.exitCode = 1
  }
}
