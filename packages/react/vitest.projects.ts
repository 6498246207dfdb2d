/** The tests of this package: in Node, and in real Chromium with either version of React. */
import { fileURLToPath } from "node:url"
import { playwright } from "@vitest/browser-playwright"
import { defaultClientConditions } from "vite"
import { findChromium } from "../mock-server/test/chromium.js"
import { commands } from "./test/commands.js"

const conditions = ["@ellipsis-oauth/source"]

const folder = (name: string) => fileURLToPath(new URL(`node_modules/${name}`, import.meta.url))

const react18 = { react: folder("react-18"), "react-dom": folder("react-dom-18") }

const browserProject = (name: string, executablePath: string, alias: Readonly<Record<string, string>>) => ({
  resolve: { conditions: [...conditions, ...defaultClientConditions], alias },
  // Each would otherwise be found in the middle of a run, which starts the page anew.
  optimizeDeps: {
    include: [
      "axe-core",
      "react",
      "react-dom",
      "react-dom/client",
      "react/jsx-dev-runtime",
      "react/jsx-runtime",
      "vitest-browser-react",
    ],
  },
  cacheDir: `node_modules/.vite-${name}`,
  test: {
    name,
    root: "packages/react",
    include: ["test/**/*.browser.test.{ts,tsx}", "../../examples/react-snippets/test/**/*.browser.test.tsx"],
    benchmark: { include: [] },
    env: { VITEST_REACT: name === "react-18" ? "18" : "19" },
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: { executablePath } }),
      instances: [{ browser: "chromium" as const }],
      commands: commands(name === "react-18" ? "18" : "19"),
    },
  },
})

const nodeProject = {
  resolve: { conditions },
  ssr: { resolve: { conditions: [...conditions, "module", "node", "development|production"] } },
  test: {
    name: "react-node",
    root: "packages/react",
    include: ["test/**/*.test.{ts,tsx}"],
    exclude: ["**/*.browser.test.{ts,tsx}"],
    benchmark: { include: [] },
    environment: "node" as const,
  },
}

/** Without a browser, its tests are left out with a line that says so; in CI that is a failure. */
export const reactProjects = async () => {
  const executablePath = await findChromium()
  if (executablePath === undefined) return [nodeProject]
  return [
    nodeProject,
    browserProject("react", executablePath, {}),
    browserProject("react-18", executablePath, react18),
  ]
}
