// Each sample behind a real server: what its own route tells a browser when the API's login, or the provider, fails.
import { once } from "node:events"
import { mkdtempSync } from "node:fs"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createMockServer, type MockServer } from "@ellipsis-oauth/mock-server"
import { getRequestListener } from "@hono/node-server"
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest"

const freePort = async () => {
  const server = createServer().listen(0)
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, "close")
  return port
}

/** Next.js calls route handlers; here a server does. */
const nextRoutes = async (): Promise<{ readonly server: Server }> => {
  const { GET, POST } = await import("../src/next.js")
  const account = await import("../src/nextAccount.js")
  const handle = (request: Request) => {
    if (new URL(request.url).pathname === "/api/account") return account.GET(request)
    return request.method === "GET" ? GET(request) : POST(request)
  }
  return { server: createServer(getRequestListener(handle)).listen(Number(process.env["PORT"])) }
}

const samples: Readonly<Record<string, () => Promise<{ readonly server: unknown }>>> = {
  Express: () => import("../src/express.js"),
  Fastify: () => import("../src/fastify.js"),
  Hono: () => import("../src/hono.js"),
  "node:http": () => import("../src/nodeHttp.js"),
  "Next.js": nextRoutes,
}

/** A browser, as far as cookies and redirects go. */
const openBrowser = () => {
  const cookies = new Map<string, string>()
  const visit = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ")
    const { origin } = new URL(url)
    const response = await fetch(url, { redirect: "manual", headers: { cookie, origin }, ...init })
    for (const line of response.headers.getSetCookie()) {
      const [name = "", value = ""] = (line.split(";")[0] ?? "").split("=")
      cookies.set(name, value)
    }
    const location = response.headers.get("location")
    return location === null ? response : visit(new URL(location, url).href)
  }
  return visit
}

const start = async (load: () => Promise<{ readonly server: unknown }>) => {
  const mock = await createMockServer().listen()
  onTestFinished(() => mock.close())
  const port = await freePort()
  const origin = `http://localhost:${port}`
  for (const [name, value] of Object.entries({
    PORT: String(port),
    ELLIPSIS_OAUTH_BASE_URL: mock.url,
    ELLIPSIS_OAUTH_CLIENT_ID: "demo-app",
    ELLIPSIS_OAUTH_CLIENT_SECRET: "demo-secret",
    ELLIPSIS_OAUTH_REDIRECT_URI: `${origin}/auth/callback`,
  })) {
    vi.stubEnv(name, value)
  }
  const server = (await load()).server as Server
  if (!server.listening) await once(server, "listening")
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const visit = openBrowser()
  const account = async () => {
    const response = await visit(`${origin}/api/account`)
    return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) }
  }
  return { mock, origin, visit, account }
}

const endLogin = (mock: MockServer) => {
  for (const { id } of mock.families) mock.revokeFamily(id)
  mock.expireAccessTokens()
}

beforeEach(() => {
  vi.resetModules()
  vi.spyOn(console, "error").mockImplementation(() => {})
  const before = process.cwd()
  process.chdir(mkdtempSync(join(tmpdir(), "samples-"))) // the samples' data/tokens.sqlite
  onTestFinished(() => process.chdir(before))
})

describe.each(Object.entries(samples))("%s", (_name, load) => {
  test("signed out: 401; signed in: the account; logged out again: 401", async () => {
    const { origin, visit, account } = await start(load)
    expect(await account()).toMatchObject({ status: 401, body: { error: "login_required" } })
    await visit(`${origin}/auth/login?returnTo=/api/account`)
    expect(await account()).toMatchObject({ status: 200, body: { username: "demo" } })
    await visit(`${origin}/auth/logout`, { method: "POST" })
    expect(await account()).toMatchObject({ status: 401, body: { error: "login_required" } })
  })

  test("once the provider has ended the login: 401, each time, until the next login", async () => {
    const { mock, origin, visit, account } = await start(load)
    await visit(`${origin}/auth/login?returnTo=/api/account`)
    endLogin(mock)
    expect(await account()).toMatchObject({ status: 401, body: { error: "login_required" } })
    expect(await account()).toMatchObject({ status: 401, body: { error: "login_required" } })
    await visit(`${origin}/auth/login?returnTo=/api/account`)
    expect(await account()).toMatchObject({ status: 200, body: { username: "demo" } })
  })

  test("while the provider is down: 503 with Retry-After, and the user stays signed in", async () => {
    const { mock, origin, visit, account } = await start(load)
    await visit(`${origin}/auth/login?returnTo=/api/account`)
    mock.expireAccessTokens()
    const restore = mock.faults.always("refresh", { reply: { status: 503, retryAfter: "40 seconds" } })
    const { status, headers, body } = await account()
    expect({ status, body }).toEqual({ status: 503, body: { error: "temporarily_unavailable" } })
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(30)
    restore()
  })

  test("an API that fails: 502, with nothing of the request", async () => {
    const { mock, origin, visit, account } = await start(load)
    await visit(`${origin}/auth/login?returnTo=/api/account`)
    mock.faults.next("account", { reply: { status: 418 } })
    const { status, body } = await account()
    expect({ status, body }).toEqual({ status: 502, body: { error: "upstream_failed" } })
  })

  test("a wrong client secret: 500 without a stack", async () => {
    const { mock, origin, visit, account } = await start(load)
    await visit(`${origin}/auth/login?returnTo=/api/account`)
    mock.expireAccessTokens()
    const refusal = { status: 401, body: { error: "invalid_client" } }
    mock.faults.next("refresh", { reply: refusal })
    const { status, body } = await account()
    expect({ status, body }).toEqual({ status: 500, body: { error: "server_error" } })
  })
})
