import { once } from "node:events"
import { request } from "node:https"
import { connect } from "node:net"
import { networkInterfaces } from "node:os"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { createMockServer, type ListenOptions } from "../../src/index.js"
import { open, talk } from "../rawSocket.js"
import { cert, key } from "../tls.js"
import { account, last, login, stillServer } from "../tokens.js"

const post = (url: string, parameters: Record<string, string>, init?: RequestInit) =>
  fetch(`${url}/oauth/token`, { method: "POST", body: new URLSearchParams(parameters), ...init })

const refreshWith = (refreshToken: string) => ({
  grant_type: "refresh_token",
  refresh_token: refreshToken,
  client_id: "demo-app",
  client_secret: "demo-secret",
})

const cause = (code: string) => expect.objectContaining({ cause: expect.objectContaining({ code }) })

describe("server.listen", () => {
  it("returns the server, so that one line starts it", async () => {
    await using server = await createMockServer().listen()
    expect((await fetch(`${server.url}/account`)).status).toBe(401)
  })

  it("uses the given port, and fails if it is in use", async () => {
    await using first = await createMockServer().listen()
    const port = Number(new URL(first.url).port)
    await using second = createMockServer()
    await expect(second.listen({ port })).rejects.toThrow(/EADDRINUSE/)
    await first.close()
    await second.listen({ port })
    expect(second.url).toBe(`http://127.0.0.1:${port}/v3`)
  })

  it.each([[{ port: -1 }], [{ port: 70_000 }], [{ port: 1.5 }], [{ host: "" }], [{ prot: 1 }]])(
    "refuses %j",
    async (options) => {
      await using server = createMockServer()
      await expect(server.listen(options as ListenOptions)).rejects.toThrow(
        /^Option "listen\.(port|host|prot)" (must be .*, got .*|is not known)\./,
      )
    },
  )

  it("listens once, and never after close", async () => {
    const server = await createMockServer().listen()
    await expect(server.listen()).rejects.toThrow(/already listens/)
    await server.close()
    await expect(server.listen()).rejects.toThrow(/is closed/)
  })

  it("listens on one address of this machine, unless it is told otherwise", async () => {
    await using server = await createMockServer().listen()
    const { hostname, port } = new URL(server.url)
    expect(hostname).toBe("127.0.0.1")
    // Another name of this machine would be reached by a server that listens everywhere.
    const addresses = Object.values(networkInterfaces()).flatMap((found = []) =>
      found.map(({ address }) => address).filter((address) => address !== "127.0.0.1"),
    )
    for (const host of [...addresses, "127.0.0.2"]) {
      const socket = connect({ host, port: Number(port) })
      const outcome = await once(socket, "connect").then(
        () => "reached",
        () => "refused",
      )
      socket.destroy()
      expect([host, outcome]).toEqual([host, "refused"])
    }
  })

  it("listens on IPv6", async () => {
    await using server = await createMockServer().listen({ host: "::1" })
    expect(server.url).toMatch(/^http:\/\/\[::1\]:\d+\/v3$/)
    expect((await fetch(`${server.url}/account`)).status).toBe(401)
  })

  it("uses HTTPS with a key and a certificate, also with network faults", async () => {
    await using server = await createMockServer().listen({ tls: { key, cert } })
    expect(server.url).toMatch(/^https:\/\/127\.0\.0\.1:/)
    const get = async () => {
      const [response] = await once(
        request(`${server.url}/account`, { ca: cert, agent: false }).end(),
        "response",
      )
      response.resume()
      return response.statusCode
    }
    expect(await get()).toBe(401)
    server.faults.next("account", { wire: "reset" }, { wire: "close" })
    await expect(get()).rejects.toThrow(expect.objectContaining({ code: "ECONNRESET" }))
    await expect(get()).rejects.toThrow("socket hang up")
    expect(await get()).toBe(401)
  })

  it("reports an invalid key without showing the key", async () => {
    await using server = createMockServer()
    await expect(server.listen({ tls: { key: "canary", cert } })).rejects.toThrow(
      /^Option "listen\.tls" must be .*PEM/,
    )
    await expect(server.listen({ tls: { key: "canary", cert } })).rejects.toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("canary") }),
    )
  })
})

describe("the socket", () => {
  it("sends what the function sends", async () => {
    await using server = stillServer()
    const { refreshToken } = await login(server)
    const inProcess = await server.fetch(`${server.url}/oauth/token`, {
      method: "POST",
      body: new URLSearchParams(refreshWith("x")),
    })
    await server.listen()
    const onSocket = await post(server.url, refreshWith("x"))
    expect(onSocket.status).toBe(inProcess.status)
    expect(await onSocket.json()).toEqual(await inProcess.json())
    const { connection: _, "content-length": length, ...headers } = Object.fromEntries(onSocket.headers)
    expect(headers).toEqual(Object.fromEntries(inProcess.headers))
    expect(Number(length)).toBeGreaterThan(0)
    expect((await post(server.url, refreshWith(refreshToken))).status).toBe(200)
    const [first, second] = server.log.slice(-3, -1)
    expect({ ...second, number: 0 }).toEqual({ ...first, number: 0 })
  })

  it("resets, closes and cuts off connections with a network fault", async () => {
    await using server = await stillServer().listen()
    const { refreshToken } = await login(server)
    const request = () => post(server.url, refreshWith(refreshToken))
    server.faults.next("token", { wire: "reset" }, { wire: "close" }, { wire: "closeInBody" })
    await expect(request()).rejects.toThrow(cause("ECONNRESET"))
    await expect(request()).rejects.toThrow(cause("UND_ERR_SOCKET"))
    const half = await request()
    expect(half.status).toBe(200)
    await expect(half.text()).rejects.toThrow(cause("UND_ERR_SOCKET"))
    expect((await request()).status).toBe(200)
  })

  it("sends no response with the fault hang", async () => {
    await using server = await stillServer().listen()
    server.faults.next("token", { wire: "hang" })
    const abort = new AbortController()
    const hung = post(server.url, refreshWith("x"), { signal: abort.signal })
    const logged = new Promise<void>((resolve) => {
      server.subscribe(() => resolve())
    })
    await logged
    abort.abort(new Error("enough"))
    await expect(hung).rejects.toThrow("enough")
    expect(last(server)).toMatchObject({ status: 0, decision: "skipped" })
  })

  it("carries out a grant although the client has disconnected", async () => {
    await using server = await stillServer({ rotation: "always" }).listen()
    const { refreshToken } = await login(server)
    const barrier = server.faults.hold(1)
    const abort = new AbortController()
    const gone = post(server.url, refreshWith(refreshToken), { signal: abort.signal })
    await barrier.full
    abort.abort(new Error("enough"))
    await expect(gone).rejects.toThrow("enough")
    const logged = new Promise<void>((resolve) => {
      server.subscribe(() => resolve())
    })
    barrier.release()
    await logged
    expect(last(server).decision).toBe("granted")
    expect(server.families[0]?.refreshTokens[0]?.state).toBe("rotated")
  })

  it("sends a slow body on the clock, and stops when the client disconnects", async () => {
    await using server = await stillServer().listen()
    const slow = { slowBody: { pause: "1 second", chunk: 4 }, reply: { body: "01234567" } } as const
    server.faults.next("account", slow, slow)
    const text = (await fetch(`${server.url}/account`)).text()
    for (let i = 0; i < 2; i++) {
      await server.clock.untilWaiting()
      server.clock.advance("1 second")
    }
    expect(await text).toBe("01234567")

    const left = await fetch(`${server.url}/account`)
    await server.clock.untilWaiting()
    await left.body?.cancel()
    await expect.poll(() => server.clock.waiting).toBe(0)
  })

  it("sends text beyond ASCII with its length in bytes", async () => {
    await using server = await stillServer({ users: [{ id: "1", username: "Zoë £€ 𝄞" }] }).listen()
    const { accessToken } = await login(server)
    const response = await fetch(`${server.url}/account`, {
      headers: { authorization: `Bearer ${accessToken}` },
    })
    expect(await response.json()).toEqual({ id: "1", username: "Zoë £€ 𝄞" })
  })

  it("refuses two Authorization headers instead of choosing one", async () => {
    await using server = await stillServer().listen()
    const { accessToken } = await login(server)
    const header = `Authorization: Bearer ${accessToken}\r\n`
    const reply = await talk(server.url, `GET /v3/account HTTP/1.1\r\nHost: a\r\n${header}${header}\r\n`)
    expect(reply).toMatch(/^HTTP\/1\.1 401 /)
    expect((await account(server, accessToken)).status).toBe(200)
  })
})

describe("server.close", () => {
  it("returns at once, also with hanging requests", async () => {
    const server = await stillServer().listen()
    server.faults.next("account", { wire: "hang" }, { delay: "1 hour" })
    server.faults.hold(99)
    const sockets = await Promise.all([
      open(server.url),
      open(server.url),
      open(server.url),
      open(server.url),
      open(server.url),
    ])
    const [silent, halfHead, halfBody, hung, kept] = sockets
    halfHead?.write("GET /v3/acc")
    halfBody?.write("POST /v3/oauth/token HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc")
    hung?.write("GET /v3/account HTTP/1.1\r\nHost: a\r\n\r\n")
    kept?.write("GET /v3/other HTTP/1.1\r\nHost: a\r\n\r\n")
    if (kept !== undefined) await once(kept, "data")
    const closed = Promise.all(
      sockets.map((socket) => {
        socket.on("error", () => {})
        return once(socket, "close")
      }),
    )
    // No timer fires from here on, so close() must not wait for one.
    vi.useFakeTimers({ toFake: ["setTimeout", "setInterval"] })
    onTestFinished(() => {
      vi.useRealTimers()
    })
    await server.close()
    await closed
    expect(silent?.destroyed).toBe(true)
    await expect(fetch(server.url)).rejects.toThrow(cause("ECONNREFUSED"))
  })

  it("can be called again, at any time", async () => {
    const server = createMockServer()
    await Promise.all([server.close(), server.close()])
    await server[Symbol.asyncDispose]()
    const starting = createMockServer()
    const listening = starting.listen()
    await starting.close()
    await listening
    await expect(fetch(starting.url)).rejects.toThrow(cause("ECONNREFUSED"))
  })
})
