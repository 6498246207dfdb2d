import { readFile } from "node:fs/promises"
import { createServer, type Server } from "node:http"
import { createServer as createTlsServer } from "node:https"
import { type AddressInfo, connect } from "node:net"
import { Readable } from "node:stream"
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
import { kyTransport } from "../src/transport/kyTransport.js"
import { toTransportError } from "../src/transport/toTransportError.js"
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

  test.each([
    ["in one part", 1],
    ["in many parts", 64],
  ])("a token response that is too large, %s: says so, and is not asked for again", async (_, parts) => {
    let requests = 0
    const port = await serve(async (_, response) => {
      requests++
      response.writeHead(200, { "content-type": "application/json" })
      response.write('{"access_token":"fresh","padding":"')
      for (let part = 0; part < parts; part++) response.write("x".repeat((2 * 1024 * 1024) / parts))
      response.end('"}')
    })
    const error = await rejection(
      clientAt(`http://127.0.0.1:${port}/v3`, { deadline: 20_000 }).refreshToken("r"),
    )
    expect(error).toMatchObject({
      _tag: "InvalidTokenResponse",
      problem: "the body is larger than 1 MiB",
      action: "fix",
    })
    expect(requests).toBe(1)
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

    const sentBy = async (fetch: typeof globalThis.fetch) => {
      const server = ellipsisDrive({ baseUrl: "https://drive.example/v3" })
      const client = makeClient(server, { clientId: "app" })
      const layer = httpClientTransportLayer.pipe(
        Layer.provide(FetchHttpClient.layer),
        Layer.provide(Layer.succeed(FetchHttpClient.Fetch, fetch)),
      )
      const asked = requestToken({ server, client, ...timing }, grant)
      return Effect.runPromise(Effect.result(Effect.provide(asked, layer)))
    }

    test("the request is whole, no redirect is followed and nothing is kept", async () => {
      const calls: unknown[] = []
      await sentBy(async (url, init) => {
        const { method, redirect, credentials, cache } = init ?? {}
        const headers = Object.fromEntries(new Headers(init?.headers))
        const body = await new Response(init?.body ?? null).text()
        calls.push({ url: String(url), method, redirect, credentials, cache, body, headers })
        return new Response(token)
      })
      expect(calls).toEqual([
        {
          url: "https://drive.example/v3/oauth/token",
          method: "POST",
          redirect: "manual",
          credentials: "omit",
          cache: "no-store",
          body: "grant_type=refresh_token&refresh_token=r&client_id=app",
          headers: expect.objectContaining({
            accept: "application/json",
            "content-type": "application/x-www-form-urlencoded",
          }),
        },
      ])
    })

    test.each([
      ["of 1 MiB is read whole", 1_048_576, "Success"],
      ["of one byte more is not", 1_048_577, "Failure"],
    ])("a token response %s", async (_, size, tag) => {
      const body = token.padEnd(size, " ")
      const asked = await sentBy(async () => new Response(body))
      expect(asked._tag).toBe(tag)
    })

    test("a token response that is too large says so", async () => {
      const body = `{"access_token":"fresh","padding":"${"x".repeat(2 * 1024 * 1024)}"}`
      expect(await sentBy(async () => new Response(body))).toMatchObject({
        failure: { _tag: "InvalidTokenResponse", problem: "the body is larger than 1 MiB" },
      })
    })

    test("the program's own options of fetch are kept, apart from those that would be unsafe", async () => {
      const server = ellipsisDrive({ baseUrl: "https://drive.example/v3" })
      const client = makeClient(server, { clientId: "app" })
      const calls: (RequestInit | undefined)[] = []
      const fetch: typeof globalThis.fetch = async (_, init) => {
        calls.push(init)
        return new Response(token)
      }
      const own = { keepalive: true, redirect: "follow", credentials: "include", cache: "default" } as const
      const layer = httpClientTransportLayer.pipe(
        Layer.provide(FetchHttpClient.layer),
        Layer.provide(Layer.succeed(FetchHttpClient.Fetch, fetch)),
      )
      const asked = requestToken({ server, client, ...timing }, grant).pipe(
        Effect.provide(layer),
        Effect.provideService(FetchHttpClient.RequestInit, own),
      )
      await Effect.runPromise(asked)
      const safe = { redirect: "manual", credentials: "omit", cache: "no-store" }
      expect(calls).toMatchObject([{ keepalive: true, ...safe }])
    })

    test("a character may be divided among two parts of the body", async () => {
      const bytes = new TextEncoder().encode('{"access_token":"a","name":"ü"}')
      const parts = [bytes.slice(0, -3), bytes.slice(-3)]
      const body = new ReadableStream({
        pull: (controller) => {
          const part = parts.shift()
          if (part === undefined) controller.close()
          else controller.enqueue(part)
        },
      })
      const asked = await sentBy(async () => new Response(body))
      expect(asked).toMatchObject({ _tag: "Success", success: { extra: { name: "ü" } } })
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

describe("an error of a connection", () => {
  const withCode = (code: unknown) => Object.assign(new Error("secret"), { code })
  const blocked = (detail: string, hint: string) => ({ reason: "blocked", sent: "no", detail, hint })
  const authority =
    'Its certificate authority is not known here. Name it in NODE_EXTRA_CA_CERTS, or set the option "fetch" to a fetch that trusts it.'
  const invalid =
    "Its certificate is not valid for this host or this time. Check the base URL, the server's certificate and this machine's clock."
  const tls =
    "The port does not speak TLS as expected. Check whether the base URL begins with https: or http:."

  test.each([
    "ECONNREFUSED",
    "ENOTFOUND",
    "EAI_AGAIN",
    "ENETUNREACH",
    "EHOSTUNREACH",
    "EADDRNOTAVAIL",
    "UND_ERR_CONNECT_TIMEOUT",
  ])("%s: the server cannot have seen the request", (code) => {
    expect(toTransportError(withCode(code))).toMatchObject({ reason: "network", sent: "no", detail: code })
    for (const other of [`X${code}`, `${code}X`]) {
      expect(toTransportError(withCode(other))).toMatchObject({ reason: "network", sent: "maybe" })
    }
  })

  test.each([
    ["ERR_TLS_CERT_ALTNAME_INVALID", invalid],
    ["CERT_HAS_EXPIRED", invalid],
    ["CERT_NOT_YET_VALID", invalid],
    ["HOSTNAME_MISMATCH", invalid],
    ["CERT_UNTRUSTED", authority],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", authority],
    ["SELF_SIGNED_CERT_IN_CHAIN", authority],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", authority],
    ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", authority],
    ["ERR_SSL_WRONG_VERSION_NUMBER", tls],
    ["EPROTO", tls],
  ])("%s lasts until a person changes something", (code, hint) => {
    expect(toTransportError(withCode(code))).toMatchObject(blocked(code, hint))
    expect(toTransportError(withCode(`X${code}`))).toMatchObject({ reason: "network", sent: "maybe" })
  })

  test.each(["EPROTONOSUPPORT", "ERR_TLS_CERT_ALTNAME_INVALID_", "HOSTNAME_MISMATCHED", "ECONNRESET"])(
    "%s may pass by itself",
    (code) => {
      expect(toTransportError(withCode(code))).toMatchObject({
        reason: "network",
        sent: "maybe",
        detail: code,
      })
    },
  )

  test.each([
    ["bad port", "bad port", "fetch refuses this port for security. Use another one in the base URL."],
    [
      "Proxy response (407) !== 200 when HTTP Tunneling",
      "HTTP 407 from the proxy",
      "The proxy asks for a user name and a password. Add them to its URL.",
    ],
    [
      "Proxy Authentication Required (407)",
      "HTTP 407 from the proxy",
      "The proxy asks for a user name and a password. Add them to its URL.",
    ],
    [
      "Proxy response (403) !== 200 when HTTP Tunneling",
      "HTTP 403 from the proxy",
      "The proxy does not allow this connection.",
    ],
  ])("the message %o is recognized, also in a cause", (message, detail, hint) => {
    const error = new Error(message)
    expect(toTransportError(error)).toMatchObject(blocked(detail, hint))
    expect(toTransportError(new TypeError("fetch failed", { cause: error }))).toMatchObject(
      blocked(detail, hint),
    )
    expect(toTransportError({ message })).toMatchObject({ reason: "network", sent: "maybe" })
  })

  test.each(["a bad port", "bad ports", "Proxy response (502)", "A Proxy response (407)", "Proxy (407)"])(
    "the message %o is not",
    (message) => {
      const error = toTransportError(new Error(message))
      expect(error).toMatchObject({ reason: "network", sent: "maybe" })
      expect(error).not.toHaveProperty("detail")
    },
  )

  const nested = (depth: number): Error =>
    depth === 0 ? withCode("ECONNREFUSED") : new Error("outer", { cause: nested(depth - 1) })

  test("the code is found five causes deep, and no deeper", () => {
    expect(toTransportError(nested(5))).toMatchObject({ sent: "no", detail: "ECONNREFUSED" })
    expect(toTransportError(nested(6))).toMatchObject({ sent: "maybe" })
    const loop = new Error("loop")
    loop.cause = loop
    expect(toTransportError(loop)).toMatchObject({ reason: "network", sent: "maybe" })
  })

  test.each([
    ["ABC", true],
    ["A_1", true],
    ["A".repeat(61), true],
    ["AB", false],
    ["A".repeat(62), false],
    ["1ABC", false],
    ["_ABC", false],
    ["abc", false],
    ["ABC secret", false],
    ["ABC-D", false],
    [7, false],
    [undefined, false],
  ])("the code %o is shown: %s", (code, isShown) => {
    const error = toTransportError(withCode(code))
    expect("detail" in error ? error.detail : undefined).toBe(isShown ? code : undefined)
  })

  test.each([undefined, null, "ECONNREFUSED", 7, {}, { cause: null }, { cause: "secret" }])(
    "%j says nothing about the request",
    (error) => {
      const found = toTransportError(error)
      expect(found).toMatchObject({ _tag: "TransportError", reason: "network", sent: "maybe" })
      expect(found).not.toHaveProperty("detail")
    },
  )
})

describe("the fetch option", () => {
  test("gets plain values: the whole request, and that no redirect is followed and nothing is kept", async () => {
    const calls: unknown[] = []
    const fetch: Fetch = async (url, init) => {
      calls.push([url, init])
      return new Response(token) as never
    }
    await clientAt("https://drive.example/v3", { fetch }).refreshToken("r")
    expect(calls).toEqual([
      [
        "https://drive.example/v3/oauth/token",
        {
          method: "POST",
          headers: {
            accept: "application/json",
            "content-type": "application/x-www-form-urlencoded",
            "user-agent": "ellipsis-oauth",
          },
          body: "grant_type=refresh_token&refresh_token=r&client_id=app",
          signal: expect.any(AbortSignal),
          redirect: "manual",
          credentials: "omit",
          cache: "no-store",
        },
      ],
    ])
  })

  const request = { url: "https://drive.example/t", method: "POST", headers: {}, body: "" } as const

  const readable = Readable.from([Buffer.from(token)])
  const readAs = { status: 200, headers: new Headers(), body: null }
  test.each<readonly [name: string, response: unknown, got: string]>([
    ["of node-fetch 2", { ...readAs, body: readable }, "a response without a web stream as its body"],
    ["without a body", { status: 200, headers: [] }, "a response without a web stream as its body"],
    ["without headers", { ...readAs, headers: undefined }, "an object"],
    ["of axios", { ...readAs, headers: { "content-type": "application/json" } }, "an object"],
    ["without a status", { ...readAs, status: undefined }, "an object"],
  ])("a response %s is a bad option, and the request is not sent again", async (_, response, got) => {
    let calls = 0
    const fetch = (async () => {
      calls++
      return response
    }) as unknown as Fetch
    const error = await rejection(clientAt("https://drive.example/v3", { fetch }).refreshToken("r"))
    expect(error).toMatchObject({
      _tag: "ConfigurationError",
      option: "fetch",
      got: `one that resolves to ${got}`,
      action: "fix",
    })
    expect(calls).toBe(1)
  })

  test.each([undefined, null, token])("%j in place of a response is a bad option", async (response) => {
    const fetch = (async () => response) as unknown as Fetch
    expect(await rejection(clientAt("https://drive.example/v3", { fetch }).refreshToken("r"))).toMatchObject({
      _tag: "ConfigurationError",
      option: "fetch",
    })
  })

  test.each([200, 302, 400, 401, 408, 413, 429, 500, 503])(
    "a response with %i is read as it is",
    async (status) => {
      let calls = 0
      const send = kyTransport({
        fetch: async () => {
          calls++
          return new Response("said", { status, headers: { "x-own": "1", "retry-after": "0" } }) as never
        },
      })
      expect(await send(request as never, new AbortController().signal)).toEqual({
        status,
        headers: { "content-type": "text/plain;charset=UTF-8", "x-own": "1", "retry-after": "0" },
        body: "said",
      })
      expect(calls).toBe(1)
    },
  )

  test("an error of fetch is a TransportError, and is not tried again", async () => {
    let calls = 0
    const send = kyTransport({
      fetch: async () => {
        calls++
        throw new TypeError("fetch failed", { cause: Object.assign(new Error(), { code: "ECONNREFUSED" }) })
      },
    })
    expect(await rejection(send(request as never, new AbortController().signal))).toMatchObject({
      _tag: "TransportError",
      sent: "no",
      detail: "ECONNREFUSED",
    })
    expect(calls).toBe(1)
  })

  test.each(["", "a\tb", "a\nb", "\u007f", "é", 7, null])("userAgent %j is refused", (userAgent) => {
    expect(() => kyTransport({ userAgent: userAgent as never })).toThrow(
      /^Option "userAgent" must be printable ASCII, got /,
    )
  })

  test("the errors of other options name them", () => {
    expect(() => kyTransport({ userAgent: " ~" })).not.toThrow()
    expect(() => kyTransport(null as never)).toThrow('Option "options" must be an object, got null')
    expect(() => kyTransport({ fetch: 7 as never })).toThrow('Option "fetch" must be ')
    expect(() => kyTransport({ userAgnt: "x" } as never)).toThrow('must be spelled "userAgent"')
  })

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
