import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { capacity } from "../src/grants/Grants.js"
import { createMockServer, type MockServer } from "../src/index.js"
import { open, talk } from "./rawSocket.js"
import { exchange, last, login, stillServer } from "./tokens.js"

type Body = NonNullable<RequestInit["body"]>

const token = (server: MockServer, body: Body, contentType: string) =>
  server.fetch(`${server.url}/oauth/token`, {
    method: "POST",
    body,
    headers: { "content-type": contentType },
  })

const form = "application/x-www-form-urlencoded"
const json = "application/json"

const head = (method: string, target: string, headers: Record<string, string | number> = {}) =>
  [
    `${method} ${target} HTTP/1.1`,
    "Host: a",
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    "",
    "",
  ].join("\r\n")

/** Checks that the server still works. */
const expectAlive = async (server: MockServer) => {
  const { accessToken } = await login(server)
  expect(
    (await fetch(`${server.url}/account`, { headers: { authorization: `Bearer ${accessToken}` } })).status,
  ).toBe(200)
}

describe("hostile bodies get a 4xx", () => {
  it.each<[string, Body, string, number]>([
    ["1 MB of a form", `client_id=${"a".repeat(1_000_000)}`, form, 413],
    ["1 MB of JSON", `{"client_id":"${"a".repeat(1_000_000)}"}`, json, 413],
    ["60 kB of one parameter", `client_id=demo-spa&grant_type=${"a".repeat(60_000)}`, form, 400],
    ["thousands of parameters", "a=b&".repeat(10_000), form, 400],
    ["thousands of members", `{${Array.from({ length: 5_000 }, (_, i) => `"${i}":""`).join()}}`, json, 400],
    ["deep JSON", "[".repeat(30_000), json, 400],
    ["deep JSON in a member", `{"a":${"[".repeat(30_000)}${"]".repeat(30_000)}}`, json, 400],
    ["broken percent-encoding", "client_id=%zz", form, 400],
    ["a lone percent sign", "%", form, 400],
    ["percent-encoded bytes that are not UTF-8", "client_id=%ff%fe", form, 400],
    ["bytes that are not UTF-8", Uint8Array.of(0x63, 0x3d, 0xc3, 0x28), form, 400],
    ["an overlong encoding", Uint8Array.of(0x61, 0x3d, 0xc0, 0xaf), form, 400],
    ["a NUL", "client_id=demo-spa%00&grant_type=refresh_token&refresh_token=x", form, 401],
    ["__proto__ in a form", "__proto__=1&constructor=2&client_id=demo-spa", form, 400],
    ["__proto__ in JSON", '{"__proto__":{"client_id":"demo-spa"}}', json, 400],
    [
      "__proto__ as a string in JSON",
      '{"__proto__":"x","constructor":"y","client_id":"demo-spa"}',
      json,
      400,
    ],
    ["a client named __proto__", "client_id=__proto__&grant_type=refresh_token&refresh_token=x", form, 401],
    [
      "a client named constructor",
      "client_id=constructor&client_secret=x&grant_type=refresh_token",
      form,
      401,
    ],
    [
      "a token named __proto__",
      "client_id=demo-spa&grant_type=refresh_token&refresh_token=__proto__",
      form,
      400,
    ],
    ["a grant named toString", "client_id=demo-spa&grant_type=toString", form, 400],
  ])("%s", async (_, body, contentType, status) => {
    await using server = await stillServer().listen()
    expect((await token(server, body, contentType)).status).toBe(status)
    const onSocket = await fetch(`${server.url}/oauth/token`, {
      method: "POST",
      body,
      headers: { "content-type": contentType },
    })
    expect(onSocket.status).toBe(status)
    expect(Object.prototype).not.toHaveProperty("client_id")
    expect(JSON.stringify(last(server)).length).toBeLessThan(4_000)
    await expectAlive(server)
  })

  it("any bytes, as any type", async () => {
    await using server = stillServer()
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ maxLength: 300 }),
          fc.json().map((text) => new TextEncoder().encode(text)),
        ),
        fc.constantFrom(form, json, "text/plain"),
        async (body, contentType) => {
          const { status } = await token(server, new Uint8Array(body), contentType)
          expect([400, 401]).toContain(status)
        },
      ),
    )
  })

  it("any parameters at the authorization endpoint, which redirects only to registered URIs", async () => {
    await using server = stillServer()
    const name = fc.constantFrom(
      "client_id",
      "redirect_uri",
      "response_type",
      "state",
      "scope",
      "code_challenge",
      "code_challenge_method",
      "x",
    )
    const value = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("demo-app", "code", "http://localhost:3000/callback", "S256", "//evil.example"),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(name, value), { maxLength: 10 }), async (parameters) => {
        const response = await server.fetch(
          `${server.url}/oauth/authorize?${new URLSearchParams(parameters)}`,
        )
        expect([302, 400]).toContain(response.status)
        const location = response.headers.get("location")
        if (location !== null) expect(location.startsWith("http://localhost:3000/callback?")).toBe(true)
      }),
    )
  })
})

describe("hostile connections do no harm", () => {
  it.each<[string, string, RegExp]>([
    [
      "a flood of headers",
      head(
        "GET",
        "/v3/account",
        Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`X-${i}`, "y"])),
      ),
      /^HTTP\/1\.1 431 /,
    ],
    ["a header of 100 kB", head("GET", "/v3/account", { "X-Long": "y".repeat(100_000) }), /^HTTP\/1\.1 431 /],
    [
      "a target of 100 kB",
      head("GET", `/v3/oauth/authorize?state=${"y".repeat(100_000)}`),
      /^HTTP\/1\.1 (414|431) /,
    ],
    ["no HTTP", "hello there\r\n\r\n", /^HTTP\/1\.1 400 /],
    ["TLS to a plain port", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\r\n\r\n", /^HTTP\/1\.1 400 /],
    ["an absolute target", head("GET", "http://evil.example/v3/account"), /^HTTP\/1\.1 401 /],
    [
      "an absolute target of another host, for the page",
      head("GET", "http://evil.example/"),
      /^HTTP\/1\.1 403 /,
    ],
    ["an absolute target that is no URL", head("GET", "http://:/v3/account"), /^HTTP\/1\.1 404 /],
    ["a target that is no path", head("OPTIONS", "*"), /^HTTP\/1\.1 404 /],
    [
      "raw bytes in the target",
      head("GET", "/v3/oauth/authorize?client_id=\u00e9\u00ff"),
      /^HTTP\/1\.1 400 /,
    ],
    ["a wrong length", head("POST", "/v3/oauth/token", { "Content-Length": "1, 2" }), /^HTTP\/1\.1 400 /],
    [
      "length and chunks at once",
      `${head("POST", "/v3/oauth/token", { "Content-Length": 4, "Transfer-Encoding": "chunked" })}0\r\n\r\n`,
      /^HTTP\/1\.1 400 /,
    ],
    [
      "a broken chunk",
      `${head("POST", "/v3/oauth/token", { "Transfer-Encoding": "chunked" })}zz\r\n`,
      /^HTTP\/1\.1 400 /,
    ],
    [
      "an upgrade",
      head("GET", "/v3/account", { Connection: "Upgrade", Upgrade: "websocket" }),
      /^HTTP\/1\.1 401 /,
    ],
    ["a tunnel", head("CONNECT", "evil.example:443"), /^(HTTP\/1\.1 4\d\d |$)/],
    ["an unknown method", head("BREW", "/v3/oauth/token"), /^HTTP\/1\.1 (400|405) /],
    ["HEAD", head("HEAD", "/v3/account", { Connection: "close" }), /^HTTP\/1\.1 405 /],
  ])("%s", async (_, bytes, status) => {
    await using server = await stillServer().listen()
    expect(await talk(server.url, Buffer.from(bytes, "latin1"))).toMatch(status)
    await expectAlive(server)
  })

  it("a body that is announced but never sent, a hundred times", async () => {
    await using server = await stillServer().listen()
    const sockets = await Promise.all(Array.from({ length: 100 }, () => open(server.url)))
    for (const socket of sockets) {
      socket.on("error", () => {})
      socket.write(head("POST", "/v3/oauth/token", { "Content-Type": form, "Content-Length": 1_000_000_000 }))
    }
    await expectAlive(server)
  })

  it("a body without end is cut off", async () => {
    await using server = await stillServer().listen()
    const socket = await open(server.url)
    socket.write(head("POST", "/v3/oauth/token", { "Content-Type": form, "Content-Length": 1_000_000_000 }))
    const chunk = Buffer.alloc(65_536, "a")
    let sent = 0
    await new Promise<void>((resolve) => {
      socket.on("error", () => {})
      socket.on("close", () => resolve())
      const write = () => {
        while (!socket.destroyed && socket.write(chunk)) sent += chunk.length
        if (!socket.destroyed) socket.once("drain", write)
      }
      write()
    })
    expect(sent).toBeLessThan(64 * 1_048_576)
    await expectAlive(server)
  })
})

describe("memory is bounded", () => {
  it("codes, families and the log stay within their bounds, and the newest work", async () => {
    await using server = createMockServer({ logSize: 100 })
    for (let i = 0; i < 2 * capacity.codes; i++) server.authorize({ clientId: "demo-app" })
    for (let i = 0; i < 1_000; i++) await login(server)
    expect(server.log.length).toBeLessThanOrEqual(125)
    expect(server.families.length).toBe(1_000)
    expect((await exchange(server, server.authorize({ clientId: "demo-app" }).code)).status).toBe(200)
  })
})
