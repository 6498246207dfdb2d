import { defineConfig, type Options } from "tsup"

// A file per module and no bundling: an application's bundler then drops every export that it does not use.
export const unbundledOptions = {
  entry: ["src/**/*.ts", "src/**/*.tsx", "!src/**/*.d.ts"],
  format: "esm",
  target: "es2022",
  bundle: false,
  dts: true,
  clean: true,
} satisfies Options

export const unbundled = defineConfig(unbundledOptions)
