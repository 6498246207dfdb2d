/**
 * Changes the code a bit at a time and expects a test to fail each time. The arguments are the names of areas, or their
 * beginnings; without any, all of them run. Results are kept: only what changed since, code or tests, runs again.
 */
import { Stryker } from "@stryker-mutator/core"
import { type Area, areas } from "./areas.ts"

const wanted = process.argv.slice(2)
const chosen = Object.entries(areas).filter(
  ([name]) => wanted.length === 0 || wanted.some((start) => name.startsWith(start)),
)
if (chosen.length === 0) {
  console.error(`No area has that name. There are: ${Object.keys(areas).join(", ")}`)
  process.exit(1)
}

const run = async (name: string, { sources, tests, score }: Area) => {
  const report = `reports/mutation/${name.replace("/", "-")}`
  // Read by vitest.config.ts, in the processes that run the tests.
  process.env["MUTATION_TESTS"] = JSON.stringify(tests)
  await new Stryker({
    mutate: [...sources],
    testRunner: "vitest",
    plugins: ["@stryker-mutator/vitest-runner"],
    vitest: { configFile: "scripts/mutation/vitest.config.ts", related: false },
    coverageAnalysis: "perTest",
    // One that acts while a file loads would need every test.
    ignoreStatic: true,
    concurrency: Number(process.env["MUTATION_WORKERS"] ?? 2),
    // A machine that is busy with something else.
    timeoutMS: 20_000,
    incremental: true,
    incrementalFile: `${report}.incremental.json`,
    reporters: ["progress-append-only", "clear-text", "html", "json"],
    clearTextReporter: { reportTests: false, reportMutants: false, allowColor: false },
    allowConsoleColors: false,
    htmlReporter: { fileName: `${report}.html` },
    jsonReporter: { fileName: `${report}.json` },
    ignorePatterns: ["**/dist", "benchmarks", "docs", "reports", "runtimes"],
    thresholds: { high: score, low: score, break: score },
  }).runMutationTest()
}

for (const [name, area] of chosen) {
  console.log(`\n${name}: at least ${area.score} %`)
  await run(name, area)
}
