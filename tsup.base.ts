import { defineConfig } from "tsup"

// A file per module and no bundling: an application's bundler then drops every export that it does not use.
export const unbundled = defineConfig({
  entry: ["src/**/*.ts", "src/**/*.tsx", "!src/**/*.d.ts"],
  format: "esm",
  target: "es2022",
  bundle: false,
  dts: true,
  clean: true,
})
