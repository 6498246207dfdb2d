import { defineConfig, type Options } from "tsup"
import { unbundledOptions } from "../../tsup.base.js"

/** What the command loads later, and only where it has to; `open` brings a program of its own besides. */
const external = ["./perform.js", "open"]

/**
 * The command, with all that it needs: it starts in half the time that modules take. The way to a fresh token is a
 * bundle of its own, since one that shared code with the rest would load most of it.
 */
export const command: Options = {
  entry: { "ellipsis-oauth": "src/command/ellipsis-oauth.ts", perform: "src/command/perform.ts" },
  outDir: "dist/command",
  format: "esm",
  target: "node22",
  platform: "node",
  external,
  noExternal: [/^(?!\.\/perform\.js$|open$)/],
  splitting: false,
  clean: true,
}

export default defineConfig([
  {
    ...unbundledOptions,
    entry: [...unbundledOptions.entry, "!src/command/**"],
    // The clean folder keeps what the other one builds at the same time.
    clean: ["!command/**"],
  },
  command,
])
