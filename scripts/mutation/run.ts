/**
 * Changes the code a bit at a time, and expects a test to fail each time. The arguments are the beginnings of names of
 * areas, or files; without any, every area runs. Results are kept: only what has changed, code or tests, runs again. With
 * `--sample 10` ten mutants in a hundred run, for an estimate. Tests that were written for those are judged by others:
 * `--seed 2`.
 */
import { matchesGlob } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { Stryker } from "@stryker-mutator/core"
import { type Area, areas } from "./areas.ts"

interface Run extends Area {
  readonly name: string
}

const chosen = (wanted: readonly string[]): readonly Run[] => {
  const all: readonly Run[] = Object.entries<Area>(areas).map(([name, area]) => ({ name, ...area }))
  if (wanted.length === 0) return all
  return all.flatMap((area) => {
    if (wanted.some((start) => area.name.startsWith(start))) return [area]
    const files = wanted.filter((file) => area.sources.some((glob) => matchesGlob(file, glob)))
    return files.length === 0 ? [] : [{ ...area, sources: files }]
  })
}

const { values, positionals } = parseArgs({
  options: { sample: { type: "string", default: "100" }, seed: { type: "string", default: "1" } },
  allowPositionals: true,
})
const isSample = values.sample !== "100"
// Read by the processes that choose the mutants.
process.env["MUTATION_SAMPLE"] = values.sample
process.env["MUTATION_SEED"] = values.seed

const run = async ({ name, sources, tests, score }: Run) => {
  console.log(`\n${name}: at least ${score} %`)
  const report = `reports/mutation/${name.replace("/", "-")}`
  // Read by vitest.config.ts, in the processes that run the tests.
  process.env["MUTATION_TESTS"] = JSON.stringify(tests)
  await new Stryker({
    mutate: [...sources],
    testRunner: "vitest",
    plugins: [
      "@stryker-mutator/vitest-runner",
      ...(isSample ? [fileURLToPath(import.meta.resolve("./sample.ts"))] : []),
    ],
    checkers: isSample ? ["sample"] : [],
    vitest: { configFile: "scripts/mutation/vitest.config.ts", related: false },
    coverageAnalysis: "perTest",
    // One that acts while a file loads would need every test, in a process of its own.
    ignoreStatic: true,
    concurrency: 2,
    // For a machine that is busy with something else: a mutant that only came late would count as found.
    timeoutMS: 20_000,
    dryRunTimeoutMinutes: 15,
    incremental: !isSample,
    incrementalFile: `${report}.incremental.json`,
    reporters: ["progress-append-only", "clear-text", "html", "json"],
    clearTextReporter: { reportTests: false, reportMutants: false, allowColor: false },
    allowConsoleColors: false,
    htmlReporter: { fileName: `${report}.html` },
    jsonReporter: { fileName: `${report}.json` },
    ignorePatterns: ["**/dist", "benchmarks", "docs", "reports", "runtimes"],
    // Fails the process.
    thresholds: { high: score, low: score, break: score },
  }).runMutationTest()
}

const runs = chosen(positionals)
if (runs.length === 0) {
  console.error(`There is no such area or file. Areas: ${Object.keys(areas).join(", ")}`)
  process.exitCode = 1
}
for (const area of runs) await run(area)
