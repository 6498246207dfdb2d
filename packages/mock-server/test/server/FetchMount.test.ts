import { describe, expect, it } from "vitest"
import { createMockServer } from "../../src/index.js"
import { last, login, stillServer } from "../tokens.js"

const cause = (code: string) => expect.objectContaining({ cause: expect.objectContaining({ code }) })

const form = (parameters: Record<string, string>) => ({
  method: "POST",
  body: new URLSearchParams(parameters),
})

describe("server.fetch", () => {
  it("takes a Request, a URL or a string, with any host", async () => {
    await using server = stillServer()
    const url = "https://api.ellipsis-drive.com/v3/account#fragment"
    for (const input of [new Request(url), new URL(url), url]) {
      expect((await server.fetch(input)).status).toBe(401)
    }
    expect(last(server).path).toBe("/v3/account")
  })

  it("can be handed to a client as its fetch, detached", async () => {
    await using server = stillServer()
    const { fetch, url } = server
    expect((await fetch(`${url}/account`)).status).toBe(401)
  })

  it("follows no redirect", async () => {
    await using server = stillServer()
    const response = await server.fetch(`${server.url}/oauth/authorize?response_type=code&client_id=demo-app`)
    expect([response.status, response.redirected]).toEqual([302, false])
  })

  it("reads a body in pieces, and stops reading an endless one", async () => {
    await using server = stillServer()
    const { refreshToken } = await login(server)
    const text = `grant_type=refresh_token&client_id=demo-app&client_secret=demo-secret&refresh_token=${refreshToken}`
    const headers = { "content-type": "application/x-www-form-urlencoded" }
    const pieces = ReadableStream.from([...text].map((char) => new TextEncoder().encode(char)))
    const init = { method: "POST", headers, duplex: "half" } as const
    expect((await server.fetch(`${server.url}/oauth/token`, { ...init, body: pieces })).status).toBe(200)

    let pulled = 0
    const endless = new ReadableStream({
      pull: (controller) => {
        pulled += 1
        controller.enqueue(new Uint8Array(10_000))
      },
    })
    expect((await server.fetch(`${server.url}/oauth/token`, { ...init, body: endless })).status).toBe(413)
    expect(pulled).toBeLessThan(20)
  })

  it("fails like a network with a network fault", async () => {
    await using server = stillServer()
    const { refreshToken } = await login(server)
    const request = () =>
      server.fetch(
        `${server.url}/oauth/token`,
        form({
          grant_type: "refresh_token",
          refresh_token: refreshToken,
          client_id: "demo-app",
          client_secret: "demo-secret",
        }),
      )
    server.faults.next("token", { wire: "reset" }, { wire: "close" }, { wire: "closeInBody" })
    await expect(request()).rejects.toThrow(cause("ECONNRESET"))
    await expect(request()).rejects.toThrow(cause("UND_ERR_SOCKET"))
    const half = await request()
    expect([half.status, half.headers.get("content-type")]).toEqual([200, "application/json"])
    await expect(half.text()).rejects.toThrow(cause("UND_ERR_SOCKET"))
  })

  it("can be aborted while there is no response", async () => {
    await using server = stillServer()
    server.faults.next("account", { wire: "hang" }, { delay: "1 hour" })
    for (let i = 0; i < 2; i++) {
      const abort = new AbortController()
      const hung = server.fetch(`${server.url}/account`, { signal: abort.signal })
      if (i === 1) await server.clock.untilWaiting()
      abort.abort(new Error("enough"))
      await expect(hung).rejects.toThrow("enough")
    }
  })

  it("does not receive a request that was aborted before it was sent", async () => {
    await using server = stillServer()
    await expect(
      server.fetch(`${server.url}/account`, { signal: AbortSignal.abort(new Error("enough")) }),
    ).rejects.toThrow("enough")
    expect(server.log).toEqual([])
  })

  it("ends a slow body when its reader cancels, or when the server closes", async () => {
    const server = stillServer()
    const slow = { slowBody: { pause: "1 second", chunk: 2 }, reply: { body: "0123" } } as const
    server.faults.next("account", slow, slow, { ...slow, reply: { status: 204, body: "0123" } })
    const left = await server.fetch(`${server.url}/account`)
    await server.clock.untilWaiting()
    await left.body?.cancel()
    expect(server.clock.waiting).toBe(0)

    const cut = (await server.fetch(`${server.url}/account`)).text()
    const empty = await server.fetch(`${server.url}/account`)
    expect([empty.status, empty.body]).toEqual([204, null])
    await Promise.all([expect(cut).rejects.toThrow(cause("UND_ERR_SOCKET")), server.close()])
  })

  it("sends a slow body piece by piece on the clock", async () => {
    await using server = stillServer()
    server.faults.next("account", {
      slowBody: { pause: "1 second", chunk: 5 },
      reply: { body: "0123456789ab" },
    })
    const response = await server.fetch(`${server.url}/account`)
    const text = response.text()
    for (let i = 0; i < 3; i++) {
      await server.clock.untilWaiting()
      server.clock.advance("1 second")
    }
    expect(await text).toBe("0123456789ab")
    expect(server.clock.waiting).toBe(0)
  })

  it("fails pending requests when the server closes, and every later request", async () => {
    const server = stillServer()
    server.faults.next("account", { wire: "hang" }, { delay: "1 hour" })
    const hung = server.fetch(`${server.url}/account`)
    const delayed = server.fetch(`${server.url}/account`)
    const settled = Promise.allSettled([hung, delayed])
    await server.clock.untilWaiting()
    await server.close()
    expect((await settled).map(({ status }) => status)).toEqual(["rejected", "rejected"])
    await expect(server.fetch(server.url)).rejects.toThrow(cause("ECONNREFUSED"))
  })

  it("adds no content type", async () => {
    await using server = createMockServer()
    server.faults.next("account", { reply: { body: "text" } }, { reply: { body: Uint8Array.of(1, 2) } })
    expect((await server.fetch(`${server.url}/account`)).headers.has("content-type")).toBe(false)
    expect(new Uint8Array(await (await server.fetch(`${server.url}/account`)).arrayBuffer())).toEqual(
      Uint8Array.of(1, 2),
    )
  })
})
