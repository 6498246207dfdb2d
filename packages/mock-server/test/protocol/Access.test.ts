import { request } from "node:http"
import { describe, expect, it } from "vitest"
import { createMockServer, type MockServerOptions } from "../../src/index.js"
import { call, get, remoteServer, remoteUrl } from "../remote.js"

/** `fetch` cannot set the Host header. */
const statusFor = (
  server: { readonly url: string },
  path: string,
  host: string,
): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    request(new URL(path, server.url), { headers: { host } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
      .on("error", reject)
      .end()
  })

describe("the Host header", () => {
  it.each([
    ["localhost:1", 200],
    ["mock.localhost", 200],
    ["127.0.0.1:80", 200],
    ["192.168.1.20:4400", 200],
    ["[::1]:4400", 200],
    ["MOCK:4400", 200],
    ["evil.example", 403],
    ["127.0.0.1.evil.example", 403],
    ["localhost.evil.example", 403],
    ["not a host", 403],
  ])("%s: %i for page and remote control", async (host, status) => {
    await using server = await remoteServer({ allowedHosts: ["mock"] })
    for (const path of ["/", "/__page/feed", "/__mock/log"]) {
      expect(await statusFor(server, path, host), path).toBe(status)
    }
    expect(await statusFor(server, "/v3/account", host)).toBe(401)
  })

  it("may be the one that the server listens on", async () => {
    await using server = await createMockServer({ remoteControl: true }).listen({ host: "localhost" })
    expect(await statusFor(server, "/__mock/log", new URL(server.url).host)).toBe(200)
  })

  it.each<[MockServerOptions]>([
    [{ allowedHosts: ["mock:4400"] }],
    [{ allowedHosts: ["http://mock"] }],
    [{ allowedHosts: [""] }],
  ])("%j is no list of host names", (options) => {
    expect(() => createMockServer(options)).toThrow(
      /^Option "allowedHosts" must be an array of host names.*, got .*\.$/,
    )
  })
})

describe("a page that uses the remote control", () => {
  const from = (origin: string) => ({ origin })

  it.each([
    ["http://localhost:5173", true],
    ["http://127.0.0.1:8080", true],
    ["https://evil.example", false],
    ["https://localhost.evil.example", false],
    ["null", false],
  ])("of %s may: %s", async (origin, allowed) => {
    await using server = await remoteServer()
    const read = await get(server, "clock/now", from(origin))
    expect(read.status).toBe(allowed ? 200 : 403)
    expect(read.headers.get("access-control-allow-origin")).toBe(allowed ? origin : null)
    expect((await call(server, "clock/advance", { by: 1 }, from(origin))).status).toBe(allowed ? 200 : 403)
    // Without a body, a browser sends this without a preflight request.
    const reset = await fetch(remoteUrl(server, "reset"), { method: "POST", headers: from(origin) })
    expect(reset.status).toBe(allowed ? 200 : 403)
  })

  it("may ask first", async () => {
    await using server = await remoteServer()
    const preflight = (origin: string) =>
      fetch(remoteUrl(server, "clock/advance"), {
        method: "OPTIONS",
        headers: {
          origin,
          "access-control-request-method": "POST",
          "access-control-request-headers": "content-type",
        },
      })
    const asked = await preflight("http://localhost:5173")
    expect(asked.status).toBe(204)
    expect(asked.headers.get("access-control-allow-methods")).toBe("POST")
    expect(asked.headers.get("access-control-allow-headers")).toBe("content-type")
    expect(asked.headers.get("access-control-allow-origin")).toBe("http://localhost:5173")
    expect((await preflight("https://evil.example")).status).toBe(403)
  })

  it("is limited to the origins that `cors` lists", async () => {
    await using server = await remoteServer({ cors: ["https://app.example"] })
    expect((await get(server, "log", from("https://app.example"))).status).toBe(200)
    expect((await get(server, "log", from("http://localhost:5173"))).status).toBe(403)
    await using closed = await remoteServer({ cors: "none" })
    expect((await get(closed, "log", from("http://localhost:5173"))).status).toBe(403)
    expect((await get(closed, "log", from(new URL(closed.url).origin))).status).toBe(200)
  })
})

it("the page can be switched off, and is then as unknown as anything else", async () => {
  await using server = createMockServer({ page: false })
  expect((await server.fetch(new URL("/", server.url))).status).toBe(404)
  expect(server.log).toHaveLength(1)
})
