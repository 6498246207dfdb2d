/** How the tests run against mutants, in a copy of the repository: those of one area, from the root. */
import { resolve } from "node:path"
import { defineConfig } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"

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
    include: JSON.parse(process.env["MUTATION_TESTS"] ?? "[]"),
    isolate: false,
    sequence: { sequencer: QuickestFirst },
    env: { TEST_MUTANTS: "1" },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
  },
})
