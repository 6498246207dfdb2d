import { defineConfig, type Options } from "tsup"
import { unbundled } from "../../tsup.base.js"

const name = "ellipsis-oauth-mock"

/** One file: it starts in half the time that its modules take. */
export const command: Options = {
  entry: { [name]: "src/command.ts" },
  format: "esm",
  target: "node22",
  platform: "node",
  noExternal: [/.*/],
  splitting: false,
}

export default defineConfig([
  // The clean folder keeps what the other one builds at the same time.
  { ...unbundled, entry: ["src/**/*.ts", "!src/command*.ts"], clean: [`!${name}.js`] },
  command,
])
