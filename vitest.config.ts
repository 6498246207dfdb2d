import { defineConfig } from "vitest/config"
import { reactProjects } from "./packages/react/vitest.projects.js"

// Tests read the packages' sources, so that they need no build.
const conditions = ["@ellipsis-oauth/source"]

const nodeProject = (name: string) => ({
  resolve: { conditions },
  ssr: { resolve: { conditions: [...conditions, "module", "node", "development|production"] } },
  test: {
    name,
    root: `packages/${name}`,
    include: ["test/**/*.test.ts"],
    benchmark: { include: ["test/**/*.bench.ts"] },
    environment: "node",
  },
})

export default defineConfig({
  test: {
    projects: [
      ...["core", "node", "mock-server"].map(nodeProject),
      ...(await reactProjects()),
      {
        ...nodeProject("examples"),
        test: {
          name: "examples",
          root: "examples",
          include: ["*/test/**/*.test.ts"],
          benchmark: { include: [] },
        },
      },
      {
        ...nodeProject("benchmarks"),
        test: {
          name: "benchmarks",
          root: "benchmarks",
          include: [],
          benchmark: { include: ["src/**/*.bench.ts"] },
        },
      },
      {
        test: {
          name: "repository",
          include: ["test/**/*.test.ts"],
          benchmark: { include: [] },
          environment: "node",
        },
      },
    ],
    coverage: { provider: "v8", include: ["packages/*/src/**"] },
  },
})
