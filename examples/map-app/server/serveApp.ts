/** Vite's development server, behind a server that may have other routes too. */
import type { Server } from "node:http"
import react from "@vitejs/plugin-react"
import { build, createServer, defaultClientConditions, type InlineConfig, type ViteDevServer } from "vite"

export interface AppSource {
  /** The folder with `index.html`. */
  readonly root: string
  /** What the app finds in `import.meta.env`. */
  readonly env: Readonly<Record<`VITE_${string}`, string>>
}

export interface AppOptions extends AppSource {
  /** Where Vite tells the page that a file has changed. */
  readonly server: Server
}

const common = ({ root, env }: AppSource): InlineConfig => ({
  root,
  configFile: false,
  clearScreen: false,
  logLevel: "warn",
  plugins: [react()],
  define: Object.fromEntries(
    Object.entries(env).map(([name, value]) => [`import.meta.env.${name}`, JSON.stringify(value)]),
  ),
  // In this repository the packages are used as they are in their folders, unbuilt. An app needs none of this.
  resolve: { conditions: ["@ellipsis-oauth/source", ...defaultClientConditions] },
})

/** The app as it is published, in a folder of files. */
export const buildApp = (source: AppSource, outDir: string): Promise<unknown> =>
  build({ ...common(source), logLevel: "error", build: { outDir, emptyOutDir: true } })

export const serveApp = ({ server, ...source }: AppOptions): Promise<ViteDevServer> =>
  createServer({
    ...common(source),
    optimizeDeps: {
      // Each would otherwise be found while the page loads, which then starts anew.
      include: [
        "react",
        "react-dom/client",
        "react/jsx-dev-runtime",
        "example-map-app > maplibre-gl",
        "example-map-app > topojson-client",
        "example-map-app > example-drive-layers > ellipsis-js-util",
        "example-map-app > example-drive-layers > leaflet",
      ],
    },
    server: { middlewareMode: true, ws: { server } },
    appType: "spa",
  })
