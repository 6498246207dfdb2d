/** An app with its backend, the mock server beside it, and a browser's profile to visit them with. */
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { fileURLToPath } from "node:url"
import { createMockServer, type MockServer } from "@ellipsis-oauth/mock-server"
import { createAuthRoutes, createTokenClient, ellipsisDrive, toNodeListener } from "@ellipsis-oauth/node"
import { build } from "esbuild"
import type { Browser, BrowserContext, Page, Request } from "playwright-core"
import { expect } from "vitest"

const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL("page.tsx", import.meta.url))],
  bundle: true,
  write: false,
  format: "esm",
  jsx: "automatic",
  conditions: ["@ellipsis-oauth/source"],
  define: { "process.env.NODE_ENV": '"development"' },
})
const script = outputFiles[0]?.text ?? ""

export interface Scenario extends AsyncDisposable {
  readonly origin: string
  readonly server: MockServer
  readonly context: BrowserContext
  /** What the tabs asked of the routes, such as `POST /auth/token`. */
  readonly requests: readonly string[]
  /** Every response that the app gave to a tab, headers and body. */
  readonly seen: () => string
  open(path?: string): Promise<Page>
  signIn(path?: string): Promise<Page>
}

export const startScenario = async (browser: Browser | undefined): Promise<Scenario> => {
  if (browser === undefined) throw new Error("no browser")
  let listener: ReturnType<typeof toNodeListener> | undefined
  let apiOrigin = ""
  const site = createServer((request, response) => {
    if (request.url?.startsWith("/auth/") === true) return listener?.(request, response)
    if (request.url === "/page.js") {
      response.setHeader("content-type", "text/javascript").end(script)
      return
    }
    response.setHeader("content-type", "text/html")
    response.end(
      `<!doctype html><link rel="icon" href="data:,"><body><script>window.apiOrigin = "${apiOrigin}"</script><script type="module" src="/page.js"></script>`,
    )
  }).listen(0, "127.0.0.1")
  const sent: string[] = []
  // Chromium does not keep for Playwright what a page reads as a stream.
  site.on("connection", (socket) => {
    const write = socket.write.bind(socket) as (...args: unknown[]) => boolean
    socket.write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
      sent.push(typeof chunk === "string" ? chunk : Buffer.from(chunk).toString())
      return write(chunk, ...rest)
    }
  })
  await once(site, "listening")
  const origin = `http://localhost:${(site.address() as AddressInfo).port}`
  const redirectUri = `${origin}/auth/callback`
  const secrets = { clientId: "maps", clientSecret: "maps-secret" }
  const server = await createMockServer({
    rotation: "always",
    clients: [{ ...secrets, redirectUris: [redirectUri] }],
    cors: [origin],
  }).listen()
  apiOrigin = new URL(server.url).origin
  const now = () => server.clock.now()
  const client = createTokenClient({
    ...secrets,
    server: ellipsisDrive({ baseUrl: server.url }),
    redirectUri,
    now,
  })
  listener = toNodeListener(createAuthRoutes(client, { now }))

  const context = await browser.newContext()
  const requests: string[] = []
  context.on("request", (request: Request) => {
    const { pathname, search } = new URL(request.url())
    const isOurs = request.url().startsWith(`${origin}/auth/`)
    if (isOurs) requests.push(`${request.method()} ${pathname}${pathname === "/auth/token" ? search : ""}`)
  })
  const scenario: Scenario = {
    origin,
    server,
    context,
    requests,
    seen: () => sent.join("\n"),
    open: async (path = "/") => {
      const page = await context.newPage()
      await page.goto(origin + path)
      await page.waitForFunction("window.backend")
      return page
    },
    signIn: async (path) => {
      const page = await scenario.open(path)
      await page.getByRole("button", { name: "Sign in" }).click()
      await statusIs(page, "ready")
      return page
    },
    [Symbol.asyncDispose]: async () => {
      await context.close()
      await server.close()
      site.closeAllConnections()
      site.close()
      await client.close()
    },
  }
  return scenario
}

/** The state as plain data; none while a page is on its way to another one. */
export const snapshot = (page: Page) =>
  page.evaluate(() => window.backend.getSnapshot()).catch(() => undefined)

export const statusIs = (page: Page, status: string): Promise<void> =>
  expect.poll(async () => (await snapshot(page))?.status, { interval: 20 }).toBe(status)

/** The grants that reached the token endpoint, with what became of each. */
export const grants = (server: MockServer): readonly string[] =>
  server.log
    .filter(({ endpoint }) => endpoint === "token")
    .map(({ grantType, decision }) => `${grantType} ${decision}`)
