/** For esbuild and tsup: the page's script and style as text, made at build time. */
import type { Plugin } from "esbuild"
import { loadDashboardAssets } from "./src/pages/dashboardAssets.js"

export const bundledAssets: Plugin = {
  name: "bundled-assets",
  setup: (build) => {
    build.onLoad({ filter: /pages[\\/]dashboardAssets\.ts$/ }, async () => ({
      loader: "js",
      contents: `export const loadDashboardAssets = async () => (${JSON.stringify(await loadDashboardAssets())})`,
    }))
  },
}
