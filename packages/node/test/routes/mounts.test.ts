// The routes behind real servers, over real sockets.
import { once } from "node:events"
import { createServer, request as httpRequest, type IncomingMessage, type RequestListener } from "node:http"
import { type AddressInfo, connect } from "node:net"
import { getRequestListener } from "@hono/node-server"
import express from "express"
import { Hono } from "hono"
import { describe, expect, onTestFinished, test } from "vitest"
import { type AuthRoutes, toNodeListener } from "../../src/index.js"
import { Browser, type Site } from "./Browser.js"
import { startApp } from "./fixtures.js"

type Mount = (routes: AuthRoutes) => RequestListener

const mounts: Readonly<Record<string, Mount>> = {
  "node:http": (routes) => {
    const auth = toNodeListener(routes)
    return async (request, response) => {
      if (request.url?.startsWith("/auth/")) return auth(request, response)
      response.end((await routes.session(request))?.key ?? "nobody")
    }
  },
  "Express 5": (routes) => {
    const app = express()
    // As many apps do, before everything else.
    app.use(express.json(), express.urlencoded({ extended: true }))
    app.use("/auth", toNodeListener(routes))
    app.use(async (request, response) => {
      response.end((await routes.session(request))?.key ?? "nobody")
    })
    return app
  },
  Hono: (routes) => {
    const app = new Hono()
    app.all("/auth/*", (context) => routes(context.req.raw))
    app.all("*", async (context) => context.text((await routes.session(context.req.raw))?.key ?? "nobody"))
    return getRequestListener(app.fetch)
  },
  "a Next.js route handler": (routes) => {
    const handlers: Readonly<Record<string, (request: Request, context: object) => Promise<Response>>> = {
      GET: routes,
      POST: routes,
    }
    const app = new Hono()
    app.all("/auth/*", (context) => {
      const handler = handlers[context.req.method]
      const route = { params: Promise.resolve({ route: "x" }) }
      const { url, method, raw } = context.req
      return (
        handler?.(new NextRequest(url, { method, headers: raw.headers }), route) ??
        new Response(null, { status: 405 })
      )
    })
    app.all("*", async (context) => context.text((await routes.session(context.req.raw))?.key ?? "nobody"))
    return getRequestListener(app.fetch)
  },
}

/** What Next.js hands to a route handler, as far as anybody can tell: a `Request` of its own class. */
class NextRequest extends Request {
  readonly nextUrl = new URL(this.url)
}

/** Sends a request as it is, over a socket: `fetch` would add headers of its own. */
const overHttp: Site = async (request) => {
  const { method, url } = request
  const sent = httpRequest(url, { method, headers: Object.fromEntries(request.headers) })
  sent.end()
  const [incoming] = (await once(sent, "response")) as [IncomingMessage]
  let body = ""
  for await (const chunk of incoming) body += chunk
  const headers = new Headers()
  for (const [name, values = []] of Object.entries(incoming.headersDistinct)) {
    for (const value of values) headers.append(name, value)
  }
  const status = incoming.statusCode ?? 0
  return new Response(status === 204 || status === 303 ? null : body, { status, headers })
}

const serve = async (mount: Mount) => {
  let listener: RequestListener = () => {}
  const socket = createServer((request, response) => listener(request, response)).listen(0, "127.0.0.1")
  await once(socket, "listening")
  onTestFinished(async () => {
    socket.close()
    socket.closeAllConnections()
    await once(socket, "close")
  })
  const { port } = socket.address() as AddressInfo
  const origin = `http://localhost:${port}`
  const app = startApp({ origin })
  listener = mount(app.routes)
  return { ...app, origin, port, own: new Browser(app.server, { [origin]: overHttp }) }
}

describe.each(Object.entries(mounts))("%s", (_name, mount) => {
  test("logs in, returns tokens, finds the session in other routes, logs out", async () => {
    const { server, own, origin } = await serve(mount)
    expect((await own.visit(`${origin}/page`)).body).toBe("nobody")
    const login = await own.visit(`${origin}/auth/login?returnTo=${encodeURIComponent("/maps?a=1")}`)
    expect(login.url).toBe(`${origin}/maps?a=1`)
    expect(login.body).toMatch(/^auth:/)
    const token = async () => (await own.post(`${origin}/auth/token`)).json()
    const first = (await token()) as Record<string, unknown>
    expect(first).toEqual({ access_token: expect.any(String), expires_in: 3600, scope: "projects" })
    server.clock.advance("2 hours")
    expect(await token()).not.toEqual(first)
    const logout = await own.post(`${origin}/auth/logout`)
    expect(logout.status).toBe(204)
    expect((await own.post(`${origin}/auth/token`)).status).toBe(401)
    expect(server.lint()).toEqual([])
  })

  test("accepts a body without reading it, and refuses other requests", async () => {
    const { own, origin, port } = await serve(mount)
    await own.visit(`${origin}/auth/login`)
    const cookie = own.cookieHeader(origin)
    const headers = { origin, cookie, "content-type": "application/json" }
    const sent = httpRequest(`${origin}/auth/token`, { method: "POST", headers })
    sent.end('{"a":1}')
    const [reply] = (await once(sent, "response")) as [IncomingMessage]
    expect(reply.statusCode).toBe(200)
    reply.resume()
    expect((await own.send(`${origin}/auth/token`, {})).status).toBe(405)
    expect((await own.send(`${origin}/auth/nothing`, {})).status).toBe(404)
    expect((await own.send(`${origin}/auth/token`, { method: "POST" })).status).toBe(403)
    expect(
      await raw(port, `GET /auth/login HTTP/1.1\r\nHost: x\r\nCookie: a=${"x".repeat(40_000)}\r\n\r\n`),
    ).toMatch(/^HTTP\/1.1 431 /)
  })
})

/** What a server sends after these bytes, until it closes the connection or has said `enough`. */
const raw = (port: number, bytes: string, enough = "\r\n\r\n"): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes))
    let told = ""
    const end = () => {
      socket.destroy()
      resolve(told)
    }
    socket.on("data", (chunk) => {
      told += chunk
      if (told.includes(enough)) end()
    })
    socket.on("close", end)
    socket.on("error", reject)
  })

describe("toNodeListener, with a server of another kind", () => {
  const complete = { headers: {}, complete: true }
  /** What the routes got, and what the visitor got. */
  const handle = async (incoming: object, response = new Response("said")) => {
    const got: Request[] = []
    const headers: Record<string, unknown> = {}
    let body: string | undefined
    let destroyed = 0
    const routes = async (request: Request) => {
      got.push(request)
      return response
    }
    const ended = Promise.withResolvers<void>()
    const outgoing = {
      statusCode: 0,
      setHeader: (name: string, value: unknown) => {
        headers[name] = value
      },
      end: (bytes: Uint8Array) => {
        body = new TextDecoder().decode(bytes)
        ended.resolve()
      },
      destroy: () => {
        destroyed++
        ended.resolve()
      },
    }
    toNodeListener(routes as never)({ ...complete, ...incoming } as never, outgoing)
    await ended.promise
    return { request: got[0], status: outgoing.statusCode, headers, body, destroyed }
  }

  test.each([
    [{}, "http://localhost/"],
    [{ url: "/auth/login?a=b" }, "http://localhost/auth/login?a=b"],
    [{ url: "/login", originalUrl: "/auth/login" }, "http://localhost/auth/login"],
    [{ url: "/login", originalUrl: undefined }, "http://localhost/login"],
    [{ url: "/login", originalUrl: 7 }, "http://localhost/login"],
    [{ url: "*" }, "http://localhost/"],
    [{ url: "http://evil.example/x" }, "http://localhost/"],
    [{ url: "/x", socket: { encrypted: true } }, "https://localhost/x"],
    [{ url: "/x", socket: { encrypted: false } }, "http://localhost/x"],
    [{ url: "/x", socket: { encrypted: "yes" } }, "http://localhost/x"],
    [{ url: "/x", socket: {} }, "http://localhost/x"],
    [{ url: "/x", socket: null }, "http://localhost/x"],
    [{ url: "/x", socket: "x" }, "http://localhost/x"],
  ])("%j is a request for %s", async (incoming, url) => {
    const { request, status, body } = await handle(incoming)
    expect([request?.url, request?.method, status, body]).toEqual([url, "GET", 200, "said"])
  })

  test("joins the values of a header, and those of a cookie in its own way", async () => {
    const headers = {
      ":path": "/x",
      ":authority": "your.app",
      accept: ["text/html", "*/*"],
      cookie: ["a=1", "b=2"],
      origin: "https://your.app",
      missing: undefined,
    }
    const { request } = await handle({ method: "POST", headers })
    expect(request?.method).toBe("POST")
    expect(Object.fromEntries(request?.headers ?? [])).toEqual({
      accept: "text/html, */*",
      cookie: "a=1; b=2",
      host: "your.app",
      origin: "https://your.app",
    })
    const named = await handle({ headers: { ":authority": "your.app", host: "own.app" } })
    expect(named.request?.headers.get("host")).toBe("own.app")
    const many = await handle({ headers: { ":authority": ["your.app"] } })
    expect(many.request?.headers.has("host")).toBe(false)
  })

  test.each([{ method: "CONNECT" }, { method: "a b" }, { headers: { "a b": "c" } }])(
    "%j is refused before the routes see it",
    async (incoming) => {
      expect(await handle(incoming)).toMatchObject({ request: undefined, status: 400, body: "" })
    },
  )

  const ofConnection = {
    connection: "x",
    "keep-alive": "x",
    "proxy-connection": "x",
    "transfer-encoding": "x",
    upgrade: "x",
    "http2-settings": "x",
  }
  const own = { "content-type": "text/x", "x-own": "1" }
  test.each([
    [undefined, { ...ofConnection, ...own }],
    [1, { ...ofConnection, ...own }],
    [2, own],
    [3, own],
  ])("over HTTP/%s the response has the headers that it allows", async (httpVersionMajor, headers) => {
    const response = new Response("säid", { status: 403, headers: { ...ofConnection, ...own } })
    const handled = await handle({ httpVersionMajor }, response)
    expect(handled).toMatchObject({ status: 403, body: "säid" })
    expect(handled.headers).toEqual({ ...headers, "content-length": 5 })
  })

  test("a response without a body has no length, and cookies are a list", async () => {
    const response = new Response(null, { status: 204 })
    response.headers.append("set-cookie", "a=1")
    response.headers.append("set-cookie", "b=2")
    expect((await handle({}, response)).headers).toEqual({ "set-cookie": ["a=1", "b=2"] })
    expect((await handle({}, new Response(null, { status: 303 }))).headers).toEqual({ "content-length": 0 })
  })

  test.each([
    [1, false, "close"],
    [undefined, false, "close"],
    [2, false, undefined],
    [1, true, undefined],
  ])(
    "over HTTP/%s, of a body that has arrived: %s, the connection: %s",
    async (httpVersionMajor, arrived, connection) => {
      const { headers } = await handle({ httpVersionMajor, complete: arrived }, new Response(null))
      expect(headers["connection"]).toBe(connection)
    },
  )

  test("closes the connection if the response cannot be sent", async () => {
    const broken = new Response(
      new ReadableStream({ start: (controller) => controller.error(new Error("cut")) }),
    )
    expect(await handle({}, broken)).toMatchObject({ destroyed: 1, body: undefined })
  })
})

describe("toNodeListener", () => {
  test.each([undefined, null, {}, "routes", 7])("takes the routes, not %j", (routes) => {
    expect(() => toNodeListener(routes as never)).toThrow(
      /^Option "routes" must be the result of createAuthRoutes, got /,
    )
  })

  const mount: Mount = (routes) => toNodeListener(routes)

  test("responds before a body of a gigabyte has arrived, and reads no more of it", async () => {
    const { port, origin } = await serve(mount)
    const head = `POST /auth/token HTTP/1.1\r\nHost: x\r\nOrigin: ${origin}\r\nContent-Length: 1000000000\r\n\r\n`
    const told = await raw(port, `${head}${"x".repeat(200_000)}`, "login_required")
    expect(told).toMatch(/^HTTP\/1.1 401 /)
    expect(told).toMatch(/^connection: close\r$/im)
  })

  test("keeps the connection if the whole request has arrived", async () => {
    const { port, origin } = await serve(mount)
    const request = `POST /auth/token HTTP/1.1\r\nHost: x\r\nOrigin: ${origin}\r\nContent-Length: 0\r\n\r\n`
    // The second one comes over the same connection.
    const told = await raw(port, request + request, "login_required")
    expect(told).not.toMatch(/^connection: close\r$/im)
  })

  test.each([
    ["GET http://evil.example/auth/login HTTP/1.1", 404],
    ["GET //evil.example/auth/login HTTP/1.1", 404],
    ["OPTIONS * HTTP/1.1", 404],
    ["TRACE /auth/login HTTP/1.1", 400],
    ["GET /auth/login?returnTo=//evil.example HTTP/1.1", 400],
    ["GET /auth/login?returnTo=%ff%00 HTTP/1.1", 400],
    ["PROPFIND /auth/token HTTP/1.1", 405],
  ])("responds to %s with %i", async (line, status) => {
    const { port } = await serve(mount)
    expect(await raw(port, `${line}\r\nHost: evil.example\r\n\r\n`)).toMatch(
      new RegExp(`^HTTP/1.1 ${status} `),
    )
  })

  test("keeps the cookies of a response separate, and joins those of a request", async () => {
    const { port, own, origin } = await serve(mount)
    for (let i = 0; i < 5; i++) await own.send(`${origin}/auth/login`, {})
    const cookies = own
      .cookieHeader(origin)
      .split("; ")
      .map((cookie) => `Cookie: ${cookie}\r\n`)
    const told = await raw(port, `GET /auth/login HTTP/1.1\r\nHost: x\r\n${cookies.join("")}\r\n`)
    expect(told.match(/^set-cookie: /gim)).toHaveLength(2)
  })

  test("survives a visitor who leaves before the response", async () => {
    const { own, origin, port, server } = await serve(mount)
    await own.visit(`${origin}/auth/login`)
    server.clock.advance("2 hours")
    const held = server.faults.hold(1)
    const headers = `Origin: ${origin}\r\nCookie: ${own.cookieHeader(origin)}`
    const socket = connect(port, "127.0.0.1")
    socket.write(`POST /auth/token HTTP/1.1\r\nHost: x\r\n${headers}\r\n\r\n`)
    await held.full
    socket.destroy()
    await once(socket, "close")
    held.release()
    expect((await own.post(`${origin}/auth/token`)).status).toBe(200)
    expect(server.log.filter(({ grantType }) => grantType === "refresh_token")).toHaveLength(1)
  })
})
