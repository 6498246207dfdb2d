/**
 * How the tests of core run where its sources are looked into, from the root: against mutants, in a copy of the
 * repository, those of one area; and for the coverage, all that run core's code.
 */
import { resolve } from "node:path"
import { defineConfig } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"
import { areas } from "./areas.ts"

const ofMutants = process.env["MUTATION_TESTS"]

// Workspace links lead out of the copy, to sources without mutants.
const core = resolve("packages/core/src")

/** Most mutants die in any test, and the run ends with the first that fails: the quickest files run first. */
class QuickestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const durationOf = (file: TestSpecification) =>
      this.ctx.cache.getTestSpecificationResult(file)?.duration ?? 0
    return [...files].sort((one, other) => durationOf(one) - durationOf(other))
  }
}

export default defineConfig({
  root: resolve("."),
  resolve: {
    alias: [
      { find: /^@ellipsis-oauth\/core$/, replacement: `${core}/index.ts` },
      { find: /^@ellipsis-oauth\/core\/(promise|testing)$/, replacement: `${core}/$1/index.ts` },
    ],
    conditions: ["@ellipsis-oauth/source"],
  },
  ssr: {
    resolve: { conditions: ["@ellipsis-oauth/source", "module", "node", "development|production"] },
  },
  test: {
    include: ofMutants === undefined ? [...areas["core/promise"].tests] : JSON.parse(ofMutants),
    isolate: false,
    sequence: { sequencer: QuickestFirst },
    env: ofMutants === undefined ? {} : { TEST_MUTANTS: "1" },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    coverage: {
      provider: "v8",
      include: ["packages/core/src/**"],
      // A list of names, or types alone.
      exclude: ["packages/core/src/**/index.ts", "packages/core/src/web.d.ts"],
      reporter: ["text", "html"],
      reportsDirectory: "reports/coverage",
      // Fails the command.
      thresholds: { branches: 95 },
    },
  },
})
