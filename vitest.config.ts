import { defineConfig, type UserWorkspaceConfig, type ViteUserConfig } from "vitest/config"
import { browserProjects } from "./packages/react/vitest.projects.js"

// Tests read the packages' sources, so that they need no build.
const conditions = ["@ellipsis-oauth/source"]

type ProjectConfig = NonNullable<UserWorkspaceConfig["test"]>

export default defineConfig(async ({ mode }): Promise<ViteUserConfig> => {
  const isFull = mode === "full"

  const common = {
    // On a machine that is busy with something else, and with ten times the random inputs.
    testTimeout: isFull ? 120_000 : 30_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    // Long tests read it: how many histories, kills and inputs.
    env: isFull ? { TEST_FULL: "1" } : {},
  }

  const inNode = {
    resolve: { conditions },
    ssr: { resolve: { conditions: [...conditions, "module", "node", "development|production"] } },
  }

  /** Tests that only the full run has. */
  const long = (...files: readonly string[]) => (isFull ? [] : [...files])

  const packageProject = (name: string, test: ProjectConfig = {}) => ({
    ...inNode,
    test: {
      ...common,
      name,
      root: `packages/${name}`,
      include: ["test/**/*.test.ts"],
      ...test,
    },
  })

  return {
    test: {
      // Much of a test's time is spent waiting for browsers, servers and processes.
      maxWorkers: 3,
      reporters: ["default", "./scripts/summaryReporter.ts"],
      projects: [
        packageProject("core", { isolate: false }),
        packageProject("mock-server", { isolate: false, exclude: ["test/msw*.test.ts"] }),
        // One of them replaces the MSW that the others of its worker would have.
        packageProject("mock-server", { name: "mock-server-msw", include: ["test/msw*.test.ts"] }),
        // The servers of other projects.
        packageProject("cli", { exclude: long("test/doctorServers.test.ts") }),
        packageProject("node", {
          exclude: long(
            "test/routes/manyUsers.test.ts",
            "test/processes/brokenHolder/{postgres,redis}.test.ts",
          ),
        }),
        {
          ...inNode,
          test: {
            ...common,
            name: "react-node",
            root: "packages/react",
            include: ["test/**/*.test.{ts,tsx}"],
            exclude: [
              "**/*.browser.test.{ts,tsx}",
              // Routers, a second browser, many tabs, frames, and the many ways into a login and back.
              ...long(
                "test/{routers,firefox,tabs}/**",
                "test/browser/{damagedStorage,frames,hotReload,requireLogin,signOuts,waysBack}.test.ts",
              ),
            ],
          },
        },
        ...(await browserProjects({ common, isFull })),
        {
          ...inNode,
          test: {
            ...common,
            name: "examples",
            root: "examples",
            include: ["*/test/**/*.test.ts"],
            // The apps that start a server and a browser.
            exclude: long("{backend-map,drive-layers,nextjs,nextjs-browser,react-map}/**"),
          },
        },
        {
          ...inNode,
          test: {
            ...common,
            name: "benchmarks",
            root: "benchmarks",
            // Each command once, quickly.
            include: isFull ? ["test/**/*.test.ts"] : [],
          },
        },
        // Builds the site.
        { test: { ...common, name: "docs", root: "docs", include: isFull ? ["test/*.test.ts"] : [] } },
        {
          test: { ...common, name: "repository", include: ["test/**/*.test.ts"], isolate: false },
        },
      ],
      coverage: { provider: "v8", include: ["packages/*/src/**"] },
    },
  }
})
