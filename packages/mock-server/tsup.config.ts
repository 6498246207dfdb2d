import { defineConfig, type Options } from "tsup"
import { bundledAssets } from "./bundledAssets.js"

const name = "ellipsis-oauth-mock"

/** One file: it starts in half the time that its modules take. */
export const command: Options = {
  entry: { [name]: "src/command.ts" },
  format: "esm",
  target: "node22",
  platform: "node",
  noExternal: [/.*/],
  splitting: false,
  esbuildPlugins: [bundledAssets],
}

export default defineConfig([
  {
    entry: ["src/index.ts", "src/jest.ts", "src/msw.ts", "src/vitest.ts"],
    format: "esm",
    target: "es2022",
    // Bundled for the same reason, other than the packages for applications; what entries share is there once.
    splitting: true,
    dts: true,
    esbuildPlugins: [bundledAssets],
    // The clean folder keeps what the other one builds at the same time.
    clean: [`!${name}.js`],
  },
  command,
])
