/** A site, the mock server beside it, and a browser's profile with the tabs of one user. */
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { fileURLToPath } from "node:url"
import { createMockServer, type MockServer } from "@ellipsis-oauth/mock-server"
import { build } from "esbuild"
import type { Browser, BrowserContext, Page } from "playwright-core"
import type { Happening, Setup } from "./Happening.js"

export interface Told {
  /** Which tab it was. */
  readonly tab: number
  /** Milliseconds of this process. */
  readonly at: number
  readonly happening: Happening
}

export interface Tab {
  readonly id: number
  readonly page: Page
}

export interface TabsWorld extends AsyncDisposable {
  readonly server: MockServer
  readonly context: BrowserContext
  /** Everything that any tab reported. */
  readonly told: readonly Told[]
  /** A new tab whose client is mounted. */
  open(): Promise<Tab>
  /** Moves the clocks of the server and of every page. */
  elapse(milliseconds: number): Promise<void>
}

/** Of an access token, in milliseconds. */
const tokenLifetime = 10_000

const bundle = async (): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("page.ts", import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    conditions: ["@ellipsis-oauth/source"],
    define: { "process.env.NODE_ENV": '"production"' },
  })
  return outputFiles[0]?.text ?? ""
}

export const startTabsWorld = async (browser: Browser, options: Setup["options"]): Promise<TabsWorld> => {
  const script = await bundle()
  let ahead = 0
  let baseUrl = ""
  const site = createServer((request, response) => {
    if (request.url === "/page.js") {
      response.setHeader("content-type", "text/javascript").end(script)
      return
    }
    const setup: Setup = { baseUrl, origin, options }
    response.setHeader("content-type", "text/html").setHeader("cache-control", "no-store")
    response.end(
      `<!doctype html><title>tab</title><link rel="icon" href="data:,"><body><script>window.setup = ${JSON.stringify(setup)}; window.ahead = ${ahead}</script><script type="module" src="/page.js"></script>`,
    )
  }).listen(0, "127.0.0.1")
  await once(site, "listening")
  const origin = `http://localhost:${(site.address() as AddressInfo).port}`
  const server = await createMockServer({
    accessTokenLifetime: tokenLifetime,
    // A page that is closed while its refresh is under way takes the response with it, as everywhere.
    rotation: { grace: "1 day", reuse: "reject" },
    clients: [{ clientId: "spa", redirectUris: [`${origin}/callback`] }],
    logSize: 100_000,
  }).listen()
  baseUrl = server.url
  const context = await browser.newContext()
  const told: Told[] = []
  const ids = new Map<Page, number>()
  await context.exposeBinding("report", ({ page }, happening: Happening) => {
    told.push({ tab: ids.get(page) ?? 0, at: performance.now(), happening })
  })
  return {
    server,
    context,
    told,
    open: async () => {
      const page = await context.newPage()
      const id = ids.size + 1
      ids.set(page, id)
      await page.goto(`${origin}/`)
      await page.waitForFunction("window.tab")
      return { id, page }
    },
    elapse: async (milliseconds) => {
      ahead += milliseconds
      server.clock.advance(milliseconds)
      const move = (total: number) => {
        window.ahead = total
      }
      // One that is on its way to another page learns it from there.
      await Promise.all(context.pages().map((page) => page.evaluate(move, ahead).catch(() => {})))
    },
    [Symbol.asyncDispose]: async () => {
      await context.close()
      await server.close()
      site.closeAllConnections()
      site.close()
    },
  }
}
