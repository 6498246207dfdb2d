/** A site with the page of the tests, the mock server beside it, and a browser's profile to visit them with. */
import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { fileURLToPath } from "node:url"
import { createMockServer, type MockServer, type MockServerOptions } from "@ellipsis-oauth/mock-server"
import { type BuildOptions, build } from "esbuild"
import type { Browser, BrowserContext, Page } from "playwright-core"
import { expect } from "vitest"
import type { BrowserTokenClientOptions } from "../../src/index.js"

/** A script, bundled: its name in this folder, or its URL. */
export const bundle = async (file: string | URL, options: BuildOptions = {}): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(file, import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    jsx: "automatic",
    conditions: ["@ellipsis-oauth/source"],
    define: { "process.env.NODE_ENV": '"production"' },
    ...options,
  })
  return outputFiles?.[0]?.text ?? ""
}

const script = await bundle("page.ts")

export interface Listener extends AsyncDisposable {
  /** Such as `http://localhost:41234`. */
  readonly origin: string
}

export const listen = async (
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Listener> => {
  const server = createServer(handler).listen(0, "127.0.0.1")
  await once(server, "listening")
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

export interface ScenarioOptions {
  readonly options?: Partial<BrowserTokenClientOptions>
  readonly server?: MockServerOptions
  /** In place of `page.ts`, bundled. */
  readonly script?: string
  /** Headers of the site's pages. */
  readonly headers?: Readonly<Record<string, string>>
  /** Where the site moves `/callback` with its query, such as `/en/callback`. */
  readonly callbackMovesTo?: string
}

/** The site with the page, and the mock server beside it. */
export interface Site extends AsyncDisposable {
  readonly origin: string
  readonly server: MockServer
}

export interface Scenario extends Site {
  readonly context: BrowserContext
  /** A new tab; its client is there, and mounted unless the test says otherwise. */
  open(path?: string): Promise<Page>
  /** A new tab, logged in by redirect. */
  signIn(): Promise<Page>
}

const redirectPaths = [
  "/callback",
  "/",
  "/app/callback",
  "/app/",
  "/callback/",
  "/index.html",
  "/?page=callback",
]

export const startSite = async (what: ScenarioOptions = {}): Promise<Site> => {
  let server: MockServer | undefined
  const site = await listen((request, response) => {
    for (const [name, value] of Object.entries(what.headers ?? {})) response.setHeader(name, value)
    if (request.url === "/page.js") {
      response.setHeader("content-type", "text/javascript").end(what.script ?? script)
      return
    }
    if (what.callbackMovesTo !== undefined && request.url?.startsWith("/callback?")) {
      const location = request.url.replace("/callback", what.callbackMovesTo)
      response.writeHead(302, { location }).end()
      return
    }
    const data = JSON.stringify({ baseUrl: server?.url, origin, options: what.options ?? {} })
    response.setHeader("content-type", "text/html")
    response.end(
      `<!doctype html><link rel="icon" href="data:,"><body><script>window.site = ${data}</script><script type="module" src="/page.js"></script>`,
    )
  })
  const { origin } = site
  server = await createMockServer({
    rotation: "always",
    clients: ["spa", "another-spa", "third-spa"].map((clientId) => ({
      clientId,
      redirectUris: redirectPaths.map((path) => origin + path),
    })),
    ...what.server,
  }).listen()
  const mock = server
  return {
    origin,
    server: mock,
    [Symbol.asyncDispose]: async () => {
      await mock.close()
      await site[Symbol.asyncDispose]()
    },
  }
}

export const startScenario = async (
  browser: Browser | undefined,
  what: ScenarioOptions = {},
): Promise<Scenario> => {
  if (browser === undefined) throw new Error("no browser")
  const site = await startSite(what)
  const { origin, server } = site
  const context = await browser.newContext()
  const scenario: Scenario = {
    origin,
    server,
    context,
    open: async (path = "/") => {
      const page = await context.newPage()
      await page.goto(origin + path)
      await page.waitForFunction("window.client")
      return page
    },
    signIn: async () => {
      const page = await scenario.open()
      await statusIs(page, "signedOut")
      await page.getByRole("button", { name: "redirect" }).click()
      await statusIs(page, "ready")
      return page
    },
    [Symbol.asyncDispose]: async () => {
      await context.close()
      await site[Symbol.asyncDispose]()
    },
  }
  return scenario
}

/** Waits until the client's state has this status. A page on its way to another one has none. */
export const statusIs = (page: Page, status: string): Promise<void> =>
  expect.poll(() => snapshot(page).then((state) => state?.status), { interval: 20 }).toBe(status)

/** The state as plain data, errors included. */
export const snapshot = (page: Page) =>
  page
    .evaluate(() => {
      const state = window.client?.getSnapshot()
      return "error" in state ? { ...state, error: { ...state.error } } : state
    })
    .catch(() => undefined)

/** The grants that reached the token endpoint, with what became of each. */
export const grants = (server: MockServer): readonly string[] =>
  server.log
    .filter(({ endpoint }) => endpoint === "token")
    .map(({ grantType, decision }) => `${grantType} ${decision}`)
