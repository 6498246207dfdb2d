import { readFile } from "node:fs/promises"
import { createServer, type Server } from "node:http"
import { createServer as createTlsServer } from "node:https"
import { type AddressInfo, connect } from "node:net"
import { inspect } from "node:util"
import { makeClient, requestToken } from "@ellipsis-oauth/core"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { Agent, ProxyAgent, fetch as undiciFetch } from "undici"
import { describe, expect, onTestFinished, test } from "vitest"
import { httpClientTransportLayer, kyTransportLayer } from "../src/effect/index.js"
import { createTokenClient, ellipsisDrive, type Fetch } from "../src/index.js"
import { rejection } from "./fixtures.js"

const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

const serve = (handler: Parameters<typeof createServer>[1]) => listen(createServer(handler))
const token = JSON.stringify({ access_token: "a", expires_in: 60 })
const clientAt = (baseUrl: string, options: { fetch?: Fetch; userAgent?: string; deadline?: number } = {}) =>
  createTokenClient({ clientId: "app", server: ellipsisDrive({ baseUrl }), deadline: 3000, ...options })

describe("the transport over ky", () => {
  test("sends the request once, with a user agent", async () => {
    const seen: object[] = []
    const port = await serve((request, response) => {
      const { method, url, headers } = request
      seen.push({
        method,
        url,
        type: headers["content-type"],
        agent: headers["user-agent"],
        accept: headers.accept,
      })
      response.end(token)
    })
    await clientAt(`http://127.0.0.1:${port}/v3`).refreshToken("r")
    await clientAt(`http://127.0.0.1:${port}/v3`, { userAgent: "maps/1.0" }).refreshToken("r")
    const request = {
      method: "POST",
      url: "/v3/oauth/token",
      type: "application/x-www-form-urlencoded",
      accept: "application/json",
    }
    expect(seen).toEqual([
      { ...request, agent: "ellipsis-oauth" },
      { ...request, agent: "maps/1.0" },
    ])
  })

  test("reads no more than a megabyte of a response that never ends", async () => {
    let written = 0
    const port = await serve((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write("x".repeat(65_536))) written += 65_536
      }
      response.on("drain", more)
      more()
    })
    const error = await rejection(
      clientAt(`http://127.0.0.1:${port}/v3`, { deadline: 5000 }).refreshToken("r"),
    )
    expect(error).toMatchObject({ _tag: "InvalidTokenResponse", problem: "the body is not JSON" })
    expect(written).toBeLessThan(32 * 1024 * 1024)
  })

  test.each([
    ["of 1 MiB is read whole", 1_048_576, true],
    ["of one byte more is not", 1_048_577, false],
  ])("a token response %s", async (_, size, isRead) => {
    const port = await serve((_, response) => {
      const [start, end] = ['{"access_token":"fresh","token_type":"Bearer","padding":"', '"}'] as const
      response.writeHead(200, { "content-type": "application/json" })
      response.end(start.padEnd(size - end.length, "x") + end)
    })
    const asked = clientAt(`http://127.0.0.1:${port}/v3`, { deadline: 2000 }).refreshToken("r")
    const accessToken = await asked.then((token) => token.accessToken).catch(() => undefined)
    expect(accessToken).toBe(isRead ? "fresh" : undefined)
  })

  test("an effect that is interrupted closes its connection; a client's caller that gives up does not", async () => {
    const closed = Promise.withResolvers<void>()
    const arrived = Promise.withResolvers<void>()
    const sockets = new Set<object>()
    const port = await serve((request) => {
      arrived.resolve()
      sockets.add(request.socket)
      request.socket.on("close", () => {
        sockets.delete(request.socket)
        closed.resolve()
      })
    })
    const baseUrl = `http://127.0.0.1:${port}/v3`
    const controller = new AbortController()
    const call = clientAt(baseUrl, { deadline: 20_000 }).refreshToken("r", controller)
    await arrived.promise
    controller.abort(new Error("enough"))
    expect(await rejection(call)).toEqual(new Error("enough"))

    const server = ellipsisDrive({ baseUrl })
    const settings = {
      server,
      client: makeClient(server, { clientId: "app" }),
      timeout: 20_000,
      deadline: 20_000,
    }
    const program = requestToken(settings, { grantType: "refresh_token", refreshToken: "r" }).pipe(
      Effect.timeoutOption("300 millis"),
      Effect.provide(kyTransportLayer()),
    )
    expect(Option.isNone(await Effect.runPromise(program))).toBe(true)
    await closed.promise
    // That of the client is still open: its response may hold the only copy of a token.
    expect(sockets.size).toBe(1)
  })

  test("a response in broken UTF-8 is a typed error", async () => {
    const port = await serve((_, response) => response.end(Buffer.from([0xff, 0xfe, 0x7b, 0x80])))
    expect(await rejection(clientAt(`http://127.0.0.1:${port}/v3`).refreshToken("r"))).toMatchObject({
      _tag: "InvalidTokenResponse",
    })
  })

  test("a host that does not exist: the server cannot have seen the request", async () => {
    const error = await rejection(clientAt("https://drive.invalid/v3").refreshToken("r"))
    expect(error).toMatchObject({ _tag: "TransportError", reason: "network", sent: "no" })
  })

  test("as a layer, over ky or over the HttpClient of an Effect program", async () => {
    const seen: (string | undefined)[] = []
    const port = await serve((request, response) => {
      seen.push(request.headers["content-type"])
      response.end(token)
    })
    const server = ellipsisDrive({ baseUrl: `http://127.0.0.1:${port}/v3` })
    const client = makeClient(server, { clientId: "app" })
    const grant = { grantType: "refresh_token", refreshToken: "r" } as const
    const program = requestToken({ server, client, timeout: 1000, deadline: 1000 }, grant)
    const layers = [
      kyTransportLayer({ userAgent: "maps/1.0" }),
      httpClientTransportLayer.pipe(Layer.provide(FetchHttpClient.layer)),
    ]
    for (const layer of layers) {
      const result = await Effect.runPromise(Effect.provide(program, layer))
      expect(result.accessToken).toBe("a")
    }
    expect(seen).toEqual(Array(2).fill("application/x-www-form-urlencoded"))
  })

  test("over an HttpClient, a redirect is not followed and no request is in an error", async () => {
    let visits = 0
    const port = await serve((request, response) => {
      visits++
      if (request.url !== "/v3/oauth/token") response.end(token)
      else response.writeHead(307, { location: "/elsewhere" }).end()
    })
    const server = ellipsisDrive({ baseUrl: `http://127.0.0.1:${port}/v3` })
    const client = makeClient(server, { clientId: "app", clientSecret: "kanary-secret" })
    const grant = { grantType: "refresh_token", refreshToken: "kanary-token" } as const
    const layer = httpClientTransportLayer.pipe(Layer.provide(FetchHttpClient.layer))
    const ask = (timing: { readonly timeout: number; readonly deadline: number }, at = server) =>
      Effect.runPromise(
        Effect.flip(Effect.provide(requestToken({ server: at, client, ...timing }, grant), layer)),
      )
    expect(await ask({ timeout: 1000, deadline: 1000 })).toMatchObject({ reason: "redirect" })
    expect(visits).toBe(1)
    const nowhere = ellipsisDrive({ baseUrl: "http://127.0.0.1:9/v3" })
    const refused = await ask({ timeout: 1000, deadline: 100 }, nowhere)
    expect(inspect(refused, { depth: 9 })).not.toContain("kanary")
  })

  describe("over an HttpClient", () => {
    const grant = { grantType: "refresh_token", refreshToken: "r" } as const
    const timing = { timeout: 30_000, deadline: 30_000 }
    const ask = (baseUrl: string) => {
      const server = ellipsisDrive({ baseUrl })
      const client = makeClient(server, { clientId: "app" })
      const layer = httpClientTransportLayer.pipe(Layer.provide(FetchHttpClient.layer))
      return Effect.runPromise(
        Effect.flip(Effect.provide(requestToken({ server, client, ...timing }, grant), layer)),
      )
    }

    test("reads no more than a megabyte of a long response", async () => {
      let isWhole = false
      const closed = Promise.withResolvers<void>()
      const port = await serve((_, response) => {
        response.on("close", () => {
          isWhole = response.writableFinished
          closed.resolve()
        })
        response.end(" ".repeat(64 * 1024 * 1024))
      })
      expect(await ask(`http://127.0.0.1:${port}/v3`)).toMatchObject({ _tag: "InvalidTokenResponse" })
      await closed.promise
      expect(isWhole).toBe(false)
    })

    test("a response without a body says so", async () => {
      const port = await serve((_, response) => response.writeHead(204).end())
      expect(await ask(`http://127.0.0.1:${port}/v3`)).toMatchObject({
        _tag: "InvalidTokenResponse",
        problem: "the body is empty",
      })
    })

    test("a permanent fault is not retried", async () => {
      expect(await ask("http://127.0.0.1:6000/v3")).toMatchObject({
        reason: "blocked",
        sent: "no",
        action: "fix",
        detail: "bad port",
      })
    })
  })

  test("a bad option is a typed failure of the layer", async () => {
    const build = Effect.flip(Effect.scoped(Layer.build(kyTransportLayer({ userAgent: "a\nb" }))))
    expect(await Effect.runPromise(build)).toMatchObject({ _tag: "ConfigurationError", option: "userAgent" })
  })

  test("a permanent fault fails at once, with a hint", async () => {
    const bad = await rejection(clientAt("http://127.0.0.1:6000/v3").refreshToken("r"))
    expect(bad).toMatchObject({ reason: "blocked", sent: "no", action: "fix", detail: "bad port" })
    const port = await serve((_, response) => response.end(token))
    const tls = await rejection(clientAt(`https://127.0.0.1:${port}/v3`).refreshToken("r"))
    expect(tls).toMatchObject({ reason: "blocked", action: "fix" })
    const proxy = createServer()
    proxy.on("connect", (_, socket) => socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"))
    const dispatcher = new ProxyAgent({ uri: `http://127.0.0.1:${await listen(proxy)}`, proxyTunnel: true })
    onTestFinished(() => dispatcher.destroy())
    const fetch: Fetch = (url, init) => undiciFetch(url, { ...init, dispatcher })
    const refused = await rejection(clientAt(`http://localhost:${port}/v3`, { fetch }).refreshToken("r"))
    expect(refused).toMatchObject({ reason: "blocked", action: "fix", detail: "HTTP 407 from the proxy" })
  })
})

describe("the fetch option", () => {
  test("undici through a proxy", async () => {
    const port = await serve((_, response) => response.end(token))
    const through: string[] = []
    const proxy = createServer()
    proxy.on("connect", (request, socket) => {
      through.push(request.url ?? "")
      const upstream = connect(port, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n")
        upstream.pipe(socket).pipe(upstream)
      })
      socket.on("error", () => upstream.destroy())
      upstream.on("error", () => socket.destroy())
    })
    const proxyPort = await listen(proxy)
    const dispatcher = new ProxyAgent({ uri: `http://127.0.0.1:${proxyPort}`, proxyTunnel: true })
    onTestFinished(() => dispatcher.destroy())
    const fetch: Fetch = (url, init) => undiciFetch(url, { ...init, dispatcher })
    const { accessToken } = await clientAt(`http://localhost:${port}/v3`, { fetch }).refreshToken("r")
    expect(accessToken).toBe("a")
    expect(through).toEqual([`localhost:${port}`])
  })

  test("undici with a private certificate authority; without it the certificate is refused before anything is sent", async () => {
    const key = await readFile(new URL("certificates/localhost.key.pem", import.meta.url))
    const cert = await readFile(new URL("certificates/localhost.cert.pem", import.meta.url))
    let requests = 0
    const port = await listen(
      createTlsServer({ key, cert }, (_, response) => {
        requests++
        response.end(token)
      }),
    )
    const baseUrl = `https://localhost:${port}/v3`
    expect(await rejection(clientAt(baseUrl).refreshToken("r"))).toMatchObject({
      _tag: "TransportError",
      reason: "blocked",
      sent: "no",
      detail: "DEPTH_ZERO_SELF_SIGNED_CERT",
      hint: expect.stringContaining('"fetch"'),
    })
    expect(requests).toBe(0)
    const dispatcher = new Agent({ connect: { ca: cert } })
    onTestFinished(() => dispatcher.destroy())
    const fetch: Fetch = (url, init) => undiciFetch(url, { ...init, dispatcher })
    expect((await clientAt(baseUrl, { fetch }).refreshToken("r")).accessToken).toBe("a")
  })
})
