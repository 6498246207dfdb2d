// `toNodeListener` behind the HTTP/2 servers of Node.js, over real sockets.
import { once } from "node:events"
import { readFileSync } from "node:fs"
import type { IncomingMessage } from "node:http"
import {
  type ClientHttp2Session,
  connect,
  createSecureServer,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from "node:http2"
import { request as httpsRequest } from "node:https"
import type { AddressInfo } from "node:net"
import { describe, expect, onTestFinished, test } from "vitest"
import { type AuthRoutesOptions, toNodeListener } from "../../src/index.js"
import { Browser, type Site } from "./Browser.js"
import { startApp } from "./fixtures.js"

const certificate = (kind: "key" | "cert") =>
  readFileSync(new URL(`../certificates/localhost.${kind}.pem`, import.meta.url))
const tls = { key: certificate("key"), cert: certificate("cert") }

interface Answer {
  readonly headers: IncomingHttpHeaders & { readonly ":status"?: number }
  readonly body: string
}

/** Sends a request and its trailers, if any, and reads the whole HTTP response. */
const send = async (
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  { body, trailers }: { readonly body?: string; readonly trailers?: OutgoingHttpHeaders } = {},
): Promise<Answer> => {
  const stream = session.request(headers, {
    endStream: body === undefined,
    waitForTrailers: trailers !== undefined,
  })
  stream.on("wantTrailers", () => stream.sendTrailers(trailers ?? {}))
  if (body !== undefined) stream.end(body)
  const [received] = (await once(stream, "response")) as [Answer["headers"]]
  let text = ""
  for await (const chunk of stream) text += chunk
  return { headers: received, body: text }
}

const serve = async (secure: boolean, routes: AuthRoutesOptions = {}) => {
  const socket: Http2Server = secure ? createSecureServer({ ...tls, allowHTTP1: true }) : createServer()
  const sessions = new Set<{ destroy(): void }>()
  socket.on("session", (session) => sessions.add(session))
  await once(socket.listen(0, "127.0.0.1"), "listening")
  const { port } = socket.address() as AddressInfo
  const origin = `${secure ? "https" : "http"}://localhost:${port}`
  const app = startApp({ origin, routes })
  const auth = toNodeListener(app.routes)
  socket.on("request", async (request, response) => {
    if (!request.url.startsWith("/maps")) return auth(request, response)
    response.end((await app.routes.session(request))?.key ?? "nobody")
  })
  const client = connect(origin, { rejectUnauthorized: false })
  const warnings: string[] = []
  const warn = ({ message }: Error) => warnings.push(message)
  process.on("warning", warn)
  onTestFinished(async () => {
    process.off("warning", warn)
    client.destroy()
    for (const session of sessions) session.destroy()
    socket.close()
    await once(socket, "close")
  })
  /** What a browser sends over HTTP/2. */
  const site: Site = async (request) => {
    const { pathname, search } = new URL(request.url)
    const { headers, body } = await send(client, {
      ":method": request.method,
      ":path": pathname + search,
      ...Object.fromEntries(request.headers),
    })
    const fields = new Headers()
    for (const [name, value] of Object.entries(headers)) {
      if (name.startsWith(":") || value === undefined) continue
      for (const each of Array.isArray(value) ? value : [value]) fields.append(name, each)
    }
    const status = headers[":status"] ?? 0
    return new Response(status === 204 || status === 303 ? null : body, { status, headers: fields })
  }
  return { ...app, origin, port, client, warnings, own: new Browser(app.server, { [origin]: site }) }
}

describe.each([
  ["over TLS", true],
  ["in plain text", false],
])("HTTP/2 %s", (_name, secure) => {
  test("logs in, returns tokens, logs out", async () => {
    const { own, origin, errors, warnings } = await serve(secure)
    const login = await own.send(`${origin}/auth/login?returnTo=/maps`, {
      headers: { "sec-fetch-site": "none" },
    })
    expect(login.status).toBe(303)
    expect((await own.visit(`${origin}/maps`)).body).toBe("nobody")
    expect((await own.visit(`${origin}/auth/login?returnTo=/maps`)).body).toMatch(/^auth:/)
    const token = await own.post(`${origin}/auth/token`)
    expect([token.status, await token.json()]).toMatchObject([200, { expires_in: 3600 }])
    expect((await own.post(`${origin}/auth/logout`)).status).toBe(204)
    expect((await own.post(`${origin}/auth/token`)).status).toBe(401)
    expect([errors, warnings]).toEqual([[], []])
  })

  test("reads no body, sends no header of a connection, and keeps the connection", async () => {
    const { client, origin, warnings } = await serve(secure)
    const headers = { ":method": "POST", ":path": "/auth/token", origin }
    const stream = client.request(headers, { endStream: false })
    const [received] = (await once(stream, "response")) as [Answer["headers"]]
    expect(received[":status"]).toBe(401)
    expect(received).not.toHaveProperty("connection")
    stream.close()
    await once(stream, "close")
    const next = await send(client, headers, { body: "x".repeat(1000), trailers: { "x-trailer": "1" } })
    expect([next.headers[":status"], JSON.parse(next.body).error]).toEqual([401, "login_required"])
    expect(warnings).toEqual([])
  })

  test.each([
    ["GET", "/auth/nothing", 404],
    ["HEAD", "/auth/login", 405],
    ["OPTIONS", "*", 404],
    ["PROPFIND", "/auth/token", 405],
    ["TRACE", "/auth/login", 400],
    ["GET", "//evil.example/auth/login", 404],
    ["GET", "/auth/callback?code=1&state=%ff", 400],
    ["GET", "/auth/login?returnTo=//evil.example", 400],
  ])("responds to %s %s with %i", async (method, path, status) => {
    const { client } = await serve(secure)
    const { headers } = await send(client, { ":method": method, ":path": path, ":authority": "evil.example" })
    expect(headers[":status"]).toBe(status)
  })

  test("accepts cookies in one field or in several, and repeated headers", async () => {
    const { client, own, origin } = await serve(secure)
    await own.visit(`${origin}/auth/login`)
    const cookie = own.cookieHeader(origin)
    for (const sent of [cookie, ["a=1", cookie, "b=2"]]) {
      const headers = {
        ":method": "POST",
        ":path": "/auth/token",
        origin,
        cookie: sent,
        "x-twice": ["1", "2"],
      }
      expect((await send(client, headers)).headers[":status"]).toBe(200)
    }
  })

  test("names the address of :authority if the app is opened at another one", async () => {
    const { client, routes, server, errors } = await serve(secure)
    const { headers } = await send(client, {
      ":path": "/auth/login",
      ":authority": "127.0.0.1:1",
      "sec-fetch-site": "none",
    })
    const redirect = await server.fetch(headers.location ?? "", { redirect: "manual" })
    await routes(new Request(redirect.headers.get("location") ?? ""))
    expect(String(errors)).toContain(`(${secure ? "https" : "http"}://127.0.0.1:1)`)
  })

  test("survives a visitor who leaves before the HTTP response", async () => {
    const { client, own, origin, server } = await serve(secure)
    await own.visit(`${origin}/auth/login`)
    server.clock.advance("2 hours")
    const held = server.faults.hold(1)
    const stream = client.request({
      ":method": "POST",
      ":path": "/auth/token",
      origin,
      cookie: own.cookieHeader(origin),
    })
    await held.full
    stream.close()
    await once(stream, "close")
    held.release()
    expect((await own.post(`${origin}/auth/token`)).status).toBe(200)
    expect(server.log.filter(({ grantType }) => grantType === "refresh_token")).toHaveLength(1)
  })
})

test("a page of the app's own with headers of a connection is sent over HTTP/2 without them", async () => {
  const own = { connection: "close", "keep-alive": "timeout=5", "transfer-encoding": "chunked", "x-own": "1" }
  const renderError = () => new Response("own page", { status: 400, headers: own })
  const { client, warnings } = await serve(false, { renderError })
  const { headers, body } = await send(client, { ":path": "/auth/callback", accept: "text/html" })
  expect([headers[":status"], headers["x-own"], body]).toEqual([400, "1", "own page"])
  expect(Object.keys(headers).filter((name) => name in own)).toEqual(["x-own"])
  expect(warnings).toEqual([])
})

test("HTTP/1.1 at an HTTP/2 server that allows it", async () => {
  const { port, origin, own, server } = await serve(true)
  const ask = async (method: string, path: string, headers: Record<string, string>) => {
    const sent = httpsRequest({ host: "127.0.0.1", port, path, method, headers, rejectUnauthorized: false })
    sent.end()
    const [received] = (await once(sent, "response")) as [IncomingMessage]
    received.resume()
    return received
  }
  await own.visit(`${origin}/auth/login`)
  const headers = { host: `localhost:${port}`, origin, cookie: own.cookieHeader(origin) }
  expect((await ask("POST", "/auth/token", headers)).statusCode).toBe(200)
  expect((await ask("GET", "/auth/login", headers)).statusCode).toBe(303)
  expect((await ask("PROPFIND", "/auth/login", headers)).statusCode).toBe(405)
  expect(server.lint()).toEqual([])
})
