import { defineConfig, type Options } from "tsup"

/** What is loaded later, and only where it is needed. `open` brings a program of its own besides. */
const external = ["./main.js", "open", "undici"]

/**
 * The command with all that it needs, which starts in half the time that modules take. The file that starts it holds
 * nothing that an old Node.js could fail at.
 */
export const command: Options = {
  entry: { "ellipsis-oauth": "src/ellipsis-oauth.ts", main: "src/main.ts" },
  format: "esm",
  target: "node22",
  platform: "node",
  external,
  noExternal: [/^(?!\.\/main\.js$|(?:open|undici)$)/],
  splitting: false,
  // A dependency of the prompts is CommonJS and requires modules of Node.js.
  banner: {
    js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url)',
  },
  clean: true,
}

export default defineConfig(command)
