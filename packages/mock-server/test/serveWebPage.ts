/** A page for tests in a browser: one script, bundled, on an origin of its own. */
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import { bundledAssets } from "../bundledAssets.js"

interface WebPage extends AsyncDisposable {
  /** Such as `http://localhost:41234`; the page is at every path that no file has. */
  readonly origin: string
}

const bundle = async (script: string): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(script, import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    jsx: "automatic",
    plugins: [bundledAssets],
    define: { "process.env.NODE_ENV": '"production"' },
  })
  return outputFiles[0]?.text ?? ""
}

/** `script` is a file of this folder; `files` are more scripts, by path. */
export const serveWebPage = async (
  script: string,
  files: Readonly<Record<string, string>> = {},
): Promise<WebPage> => {
  const scripts = new Map(Object.entries({ ...files, "/page.js": await bundle(script) }))
  const page = '<!doctype html><div id="root"></div><script type="module" src="/page.js"></script>'
  const server = createServer((request, response) => {
    const found = scripts.get(request.url ?? "")
    response.setHeader("content-type", found === undefined ? "text/html" : "text/javascript")
    response.end(found ?? page)
  }).listen(0, "127.0.0.1")
  await once(server, "listening")
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
