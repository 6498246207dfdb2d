/** A page of one library, on an origin of its own. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { build } from "esbuild"

const bundles = new Map<string, Promise<string>>()

const bundle = async (name: string): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, "pages", `${name}.jsx`)],
    bundle: true,
    write: false,
    format: "esm",
    jsx: "automatic",
    // StrictMode mounts twice in development alone.
    define: { "process.env.NODE_ENV": '"development"' },
    logLevel: "error",
  })
  return outputFiles[0]?.text ?? ""
}

/** As a framework bundles what it renders on a server. */
export const bundleServerRender = async (outfile: string): Promise<void> => {
  await build({
    entryPoints: [join(import.meta.dirname, "serverRender.js")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    jsx: "automatic",
    mainFields: ["module", "main"],
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    logLevel: "error",
  })
}

const bundleOnce = (name: string): Promise<string> => {
  const known = bundles.get(name) ?? bundle(name)
  bundles.set(name, known)
  return known
}

export interface PageSettings {
  /** The origin of the provider. */
  readonly server: string
  /** An origin that the app's calls go to. */
  readonly api: string
  /** A URL of another origin. */
  readonly elsewhere: string
  readonly redirectUri: string
  readonly strict: boolean
  /** Tabs of the origin share the login. */
  readonly shared: boolean
}

export interface Site {
  readonly origin: string
  settings: PageSettings | undefined
  close(): void
}

export const serveSite = async (name: string): Promise<Site> => {
  const script = await bundleOnce(name)
  const site: { settings: PageSettings | undefined } = { settings: undefined }
  const server = createServer((request, response) => {
    if (request.url === "/page.js")
      return void response.writeHead(200, { "content-type": "text/javascript" }).end(script)
    if (request.url?.includes(".")) return void response.writeHead(404).end()
    response
      .writeHead(200, { "content-type": "text/html" })
      .end(
        `<!doctype html><div id="root"></div><script>window.settings = ${JSON.stringify(site.settings)}</script>` +
          '<script type="module" src="/page.js"></script>',
      )
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return Object.assign(site, {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  })
}
