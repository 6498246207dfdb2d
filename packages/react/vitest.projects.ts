/** The tests of this package that run in real Chromium, with either version of React. */
import { fileURLToPath } from "node:url"
import { playwright } from "@vitest/browser-playwright"
import { defaultClientConditions } from "vite"
import { findChromium } from "../mock-server/test/chromium.js"
import { commands } from "./test/commands.js"

const conditions = ["@ellipsis-oauth/source"]

const folder = (name: string) => fileURLToPath(new URL(`node_modules/${name}`, import.meta.url))

const reacts = {
  react: { version: "19", alias: {}, exclude: [] },
  "react-18": {
    version: "18",
    alias: { react: folder("react-18"), "react-dom": folder("react-dom-18") },
    exclude: [
      // Has no React in it.
      "test/backend/createBackendTokenClient.browser.test.ts",
      // React Router 8 needs React 19.
      "../../examples/react-snippets/test/router.browser.test.tsx",
    ],
  },
} as const

const browserProject = (name: keyof typeof reacts, executablePath: string, common: object) => ({
  resolve: { conditions: [...conditions, ...defaultClientConditions], alias: reacts[name].alias },
  // Each would otherwise be found in the middle of a run, which starts the page anew.
  optimizeDeps: {
    include: [
      "@tanstack/react-router",
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
    ...common,
    name,
    root: "packages/react",
    include: ["test/**/*.browser.test.{ts,tsx}", "../../examples/react-snippets/test/**/*.browser.test.tsx"],
    exclude: [...reacts[name].exclude],
    env: { VITEST_REACT: reacts[name].version },
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: { executablePath } }),
      instances: [{ browser: "chromium" as const }],
      commands: commands(reacts[name].version),
    },
  },
})

interface ProjectOptions {
  /** What the tests of every project have. */
  readonly common: object
  /** React 18 as well. */
  readonly isFull: boolean
}

/** Without a browser, its tests are left out with a line that says so; in CI that is a failure. */
export const browserProjects = async ({ common, isFull }: ProjectOptions) => {
  const executablePath = await findChromium()
  if (executablePath === undefined) return []
  const project = (name: keyof typeof reacts) => browserProject(name, executablePath, common)
  return isFull ? [project("react"), project("react-18")] : [project("react")]
}
