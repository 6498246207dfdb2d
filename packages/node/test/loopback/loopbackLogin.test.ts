// cspell:ignore prot
import { once } from "node:events"
import { createServer } from "node:http"
import { type AddressInfo, connect } from "node:net"
import { networkInterfaces } from "node:os"
import { PassThrough } from "node:stream"
import { text } from "node:stream/consumers"
import { inspect } from "node:util"
import type { MockServer } from "@ellipsis-oauth/mock-server"
import { describe, expect, it, onTestFinished, test, vi } from "vitest"
import {
  createTokenClient,
  ellipsisDrive,
  type LoopbackLoginOptions,
  loopbackLogin,
  type TokenClientOptions,
} from "../../src/index.js"
import { listening, rejection } from "../fixtures.js"

const desktop = { clientId: "desktop", redirectUris: ["http://127.0.0.1/callback", "http://localhost/there"] }

const providerFor = (options = {}) =>
  listening({ clients: [desktop], loopbackRedirect: "anyPort", ...options })

const clientOf = (server: MockServer, options: Partial<TokenClientOptions> = {}) =>
  createTokenClient({ server: ellipsisDrive({ baseUrl: server.url }), clientId: "desktop", ...options })

/** What a browser does with the authorization URL, up to the page that it ends up at. */
const browse = async (url: string) => {
  const response = await fetch(url)
  return { response, page: await response.text() }
}

/** Starts a login, and gives the URL that the browser is to open. */
const begin = async (server: MockServer, options: LoopbackLoginOptions = {}) => {
  const client = clientOf(server)
  const opened = Promise.withResolvers<string>()
  const printed: string[] = []
  const result = loopbackLogin(client, {
    openBrowser: opened.resolve,
    print: (text) => printed.push(text),
    ...options,
  })
  // Each test looks at it in its own time.
  result.catch(() => {})
  const url = await Promise.race([
    opened.promise,
    result.then(
      () => "",
      (error) => Promise.reject(error),
    ),
  ])
  const parameters = new URL(url).searchParams
  const redirectUri = parameters.get("redirect_uri") ?? ""
  return {
    client,
    session: options.key === undefined ? client.session() : client.session(options.key),
    result,
    url,
    redirectUri,
    printed,
  }
}

/** Asks for a URL, and gives what comes back until the connection is closed. */
const ask = async (location: string) => {
  const { hostname, port, pathname, search } = new URL(location)
  const socket = connect(Number(port), hostname)
  await once(socket, "connect")
  await new Promise((resolve) =>
    socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: x\r\n\r\n`, resolve),
  )
  return { reply: text(socket) }
}

/** Nothing listens there any more. */
const expectClosed = async (redirectUri: string) => {
  const socket = connect(Number(new URL(redirectUri).port), "127.0.0.1")
  expect(await rejection(once(socket, "connect"))).toMatchObject({ code: "ECONNREFUSED" })
}

describe("a login", () => {
  it("comes back to a free port of 127.0.0.1, exchanges the code, stores the token and shows a page", async () => {
    const server = await providerFor()
    const { session, result, url, redirectUri } = await begin(server, { key: "ada", scope: "projects" })
    expect(redirectUri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/)
    expect(session.getSnapshot()).toEqual({ status: "signingIn", method: "loopback" })

    const { response, page } = await browse(url)
    expect(response.status).toBe(200)
    expect(page).toContain("You are logged in")
    const token = await result
    expect(await session.getAccessToken()).toBe(token.accessToken)
    expect(session.getSnapshot().status).toBe("ready")
    await expectClosed(redirectUri)
    expect(server.lint()).toEqual([])
  })

  it("listens on no network: no other address of this machine accepts a connection", async () => {
    const server = await providerFor()
    const { result, url, redirectUri } = await begin(server)
    const port = Number(new URL(redirectUri).port)
    const onNetworks = Object.values(networkInterfaces())
      .flatMap((addresses = []) => addresses)
      .filter(({ internal, scopeid }) => !internal && !scopeid)
    // All of 127.0.0.0/8 is Linux's own; only who listens everywhere is found at another one than 127.0.0.1.
    const others = onNetworks.map(({ address }) => address)
    if (process.platform === "linux") others.push("127.0.0.2")
    for (const address of others) {
      const connected = once(connect(port, address), "connect").then(
        () => "connected",
        () => "refused",
      )
      expect([address, await connected]).toEqual([address, "refused"])
    }
    await browse(url)
    await result
  })

  it("uses the port, path and host that are registered", async () => {
    const probe = createServer().listen(0, "127.0.0.1")
    await once(probe, "listening")
    const { port } = probe.address() as AddressInfo
    probe.close()
    await once(probe, "close")
    const registered = `http://localhost:${port}/there`
    const server = await listening({ clients: [{ clientId: "desktop", redirectUris: [registered] }] })
    const { result, url, redirectUri } = await begin(server, { port, path: "/there", host: "localhost" })
    expect(redirectUri).toBe(registered)
    await browse(url)
    expect((await result).accessToken).toBeTypeOf("string")
  })

  it("shows a page without secrets that loads nothing, is not cached, and closes its connection", async () => {
    const server = await providerFor()
    const { result, url } = await begin(server)
    const { response, page } = await browse(url)
    const token = await result
    const { searchParams } = new URL(response.url)
    for (const secret of [token.accessToken, token.refreshToken, ...searchParams.values()]) {
      expect(page + inspect(response.headers)).not.toContain(secret)
    }
    const { headers } = response
    expect(headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/=]+';/,
    )
    expect(headers.get("cache-control")).toBe("no-store")
    expect(headers.get("referrer-policy")).toBe("no-referrer")
    expect(headers.get("connection")).toBe("close")
  })

  it("prints its URL if no browser opens", async () => {
    const server = await providerFor()
    const failing = vi.fn(() => Promise.reject(new Error("no browser")))
    for (const openBrowser of [false, failing] as const) {
      const printed = Promise.withResolvers<string>()
      const result = loopbackLogin(clientOf(server), { openBrowser, print: printed.resolve })
      const url = /^ {2}(\S+)$/m.exec(await printed.promise)?.[1] ?? ""
      await browse(url)
      await result
    }
    expect(failing).toHaveBeenCalledOnce()
  })
})

describe("a request that does not belong to the login", () => {
  it("gets a page, and does not end the wait", async () => {
    const server = await providerFor()
    const { result, url, redirectUri } = await begin(server)
    const { origin } = new URL(redirectUri)
    const state = new URL(url).searchParams.get("state") ?? ""
    const statuses = async (paths: readonly string[], method = "GET") =>
      Promise.all(paths.map(async (path) => (await fetch(`${origin}${path}`, { method })).status))
    expect(
      await statuses(["/", "/favicon.ico", "/callback/", "/Callback", "//callback", "/callback%20?code=x"]),
    ).toEqual([404, 404, 404, 404, 404, 404])
    expect(
      await statuses([
        "/callback",
        "/callback?code=stolen&state=guess",
        "/callback?error=access_denied&state=guess",
        `/callback?state=${state}`,
        `/callback?code=a&code=b&state=${state}`,
        `/callback?code=a&state=${state}&state=${state}`,
      ]),
    ).toEqual([400, 400, 400, 400, 400, 400])
    expect(await statuses([`/callback?code=a&state=${state}`], "POST")).toEqual([405])
    expect(await statuses([`/callback?code=a&state=${state}`], "HEAD")).toEqual([405])
    expect(server.log).toEqual([])

    expect((await browse(url)).response.status).toBe(200)
    await result
  })

  it("that repeats the callback shows the same page, and exchanges nothing", async () => {
    const server = await providerFor()
    const { result, url } = await begin(server)
    const location = (await fetch(url, { redirect: "manual" })).headers.get("location") ?? ""
    const barrier = server.faults.hold(1)
    const first = browse(location)
    await barrier.full
    const second = await ask(location)
    const other = await ask(location.replace(/code=[^&]+/, "code=another"))
    // Each request that came before this response was received by now.
    await fetch(new URL("/favicon.ico", location))
    barrier.release()
    expect((await first).page).toContain("You are logged in")
    for (const { reply } of [second, other]) {
      expect(await reply).toMatch(/^HTTP\/1\.1 200 OK\r\n.*You are logged in/s)
    }
    await result
    expect(server.log.filter(({ endpoint }) => endpoint === "token")).toHaveLength(1)
  })

  it("that is incomplete, or empty, does not keep the port open", async () => {
    const server = await providerFor()
    const { result, url, redirectUri } = await begin(server)
    const port = Number(new URL(redirectUri).port)
    const silent = connect(port, "127.0.0.1")
    const half = connect(port, "127.0.0.1")
    for (const socket of [silent, half]) {
      socket.on("error", () => {})
      await once(socket, "connect")
    }
    half.write("GET /callback?code=")
    const closed = Promise.all([once(silent, "close"), once(half, "close")])
    await browse(url)
    await result
    await closed
    await expectClosed(redirectUri)
  })

  it("that the browser cancels loses no token", async () => {
    const server = await providerFor()
    const { result, url } = await begin(server)
    const location = (await fetch(url, { redirect: "manual" })).headers.get("location") ?? ""
    const barrier = server.faults.hold(1)
    const browser = new AbortController()
    const gone = rejection(fetch(location, { signal: browser.signal }))
    await barrier.full
    browser.abort()
    await gone
    barrier.release()
    expect((await result).accessToken).toBeTypeOf("string")
  })
})

describe("a login that fails", () => {
  it("is refused by the user", async () => {
    const server = await providerFor()
    const { session, result, url, redirectUri } = await begin(server)
    server.authorize.deny()
    const { response, page } = await browse(url)
    expect([response.status, page.includes("Access was refused.")]).toEqual([400, true])
    expect(await rejection(result)).toMatchObject({
      _tag: "AuthorizationErrorResponse",
      error: "access_denied",
    })
    expect(session.getSnapshot()).toEqual({ status: "restoring" })
    await expectClosed(redirectUri)
  })

  it("is refused by the token endpoint: the page has a text for the user, and nothing of the provider's", async () => {
    const server = await providerFor()
    const { session, result, url, redirectUri } = await begin(server)
    const body = { error: "invalid_client", error_description: "<script>alert(1)</script> Pay here" }
    server.faults.next("token", { reply: { status: 401, body } })
    const { page } = await browse(url)
    expect(page).toContain("This app is not set up correctly.")
    expect(page).not.toMatch(/script|alert|Pay here|invalid_client|registration/)
    expect(await rejection(result)).toMatchObject({ _tag: "TokenErrorResponse", error: "invalid_client" })
    expect(session.getSnapshot().status).toBe("signedOut")
    await expectClosed(redirectUri)
  })

  it("is refused by the provider: the page has a text for the user, and nothing of the URL", async () => {
    const server = await providerFor()
    const { result, url, redirectUri } = await begin(server)
    const state = new URL(url).searchParams.get("state") ?? ""
    const query = new URLSearchParams({ error: "server_error", error_description: "Pay here", state })
    const { page } = await browse(`${redirectUri}?${query}`)
    expect(page).toContain("The service cannot be reached right now. Please try again.")
    expect(page).not.toMatch(/Pay here|server_error/)
    expect(await rejection(result)).toMatchObject({ errorDescription: "Pay here" })
  })

  it("takes too long", async () => {
    const server = await providerFor()
    const { session, result, redirectUri } = await begin(server, { timeout: 100 })
    expect(await rejection(result)).toMatchObject({ _tag: "InvalidAuthorizationResponse", reason: "expired" })
    expect(session.getSnapshot()).toEqual({ status: "restoring" })
    await expectClosed(redirectUri)
  })

  it("is aborted: before, while the user logs in, and during the exchange", async () => {
    const server = await providerFor()
    const reason = new Error("enough")
    const early = loopbackLogin(clientOf(server), { signal: AbortSignal.abort(reason) })
    expect(await rejection(early)).toBe(reason)

    const controller = new AbortController()
    const { session, result, redirectUri } = await begin(server, { signal: controller.signal })
    controller.abort(reason)
    expect(await rejection(result)).toBe(reason)
    expect(session.getSnapshot()).toEqual({ status: "restoring" })
    await expectClosed(redirectUri)

    const second = new AbortController()
    const late = await begin(server, { signal: second.signal })
    const barrier = server.faults.hold(1)
    const page = browse(late.url)
    await barrier.full
    second.abort(reason)
    expect(await rejection(late.result)).toBe(reason)
    expect((await page).page).toContain("The program stopped the login.")
    barrier.release()
    await late.client.close()
    // The code is spent, so what it was exchanged for is kept.
    expect(late.session.getSnapshot().status).toBe("ready")
  })

  it("names the port that is taken", async () => {
    const server = await providerFor()
    const taken = createServer().listen(0, "127.0.0.1")
    await once(taken, "listening")
    onTestFinished(() => void taken.close())
    const { port } = taken.address() as AddressInfo
    const client = clientOf(server)
    const error = await rejection(loopbackLogin(client, { port, openBrowser: false, print: () => {} }))
    expect(error).toMatchObject({
      _tag: "ConfigurationError",
      option: "port",
      message: `Option "port" must be a free port: end that program, or register a redirect URI with another port, got ${port}, where another program listens.`,
    })
    expect(client.session().getSnapshot()).toEqual({ status: "restoring" })
  })

  it("listens at both addresses of localhost, or at none", async (context) => {
    const other = createServer().listen(0, "::1")
    const hasIpv6 = await once(other, "listening").then(
      () => true,
      () => false,
    )
    if (!hasIpv6) context.skip("this machine has no [::1]")
    onTestFinished(() => void other.close())
    const { port } = other.address() as AddressInfo
    const server = await providerFor()
    const options = { host: "localhost", openBrowser: false, print: () => {} } as const
    const error = await rejection(loopbackLogin(clientOf(server), { ...options, port }))
    expect(error).toMatchObject({
      _tag: "ConfigurationError",
      option: "port",
      got: `${port}, where another program listens on [::1]`,
    })
    // Nothing is left on the other address.
    await expectClosed(`http://localhost:${port}/there`)

    const { result, url, redirectUri } = await begin(server, { host: "localhost", path: "/there" })
    const location = (await fetch(url, { redirect: "manual" })).headers.get("location") ?? ""
    expect((await fetch(location.replace("localhost", "[::1]"))).status).toBe(200)
    await result
    await expectClosed(redirectUri)
  })

  it("leaves its port to no program that asks to share it", async () => {
    const { result, redirectUri } = await begin(await providerFor(), { signal: AbortSignal.timeout(20_000) })
    const { port } = new URL(redirectUri)
    const other = createServer().listen({ port: Number(port), host: "127.0.0.1", reusePort: true })
    onTestFinished(() => void other.close())
    expect(await rejection(once(other, "listening"))).toBeInstanceOf(Error)
    expect(await Promise.race([result.then(() => "ended"), "open"])).toBe("open")
  })

  test.each([
    [{ port: 65_536 }, "port"],
    [{ port: "80" }, "port"],
    [{ path: "callback" }, "path"],
    [{ path: "//evil" }, "path"],
    [{ path: "/a?b" }, "path"],
    [{ path: `/${"a".repeat(100)}` }, "redirectUri"],
    [{ host: "0.0.0.0" }, "host"],
    [{ timeout: 0 }, "timeout"],
    [{ timeout: "soon" }, "timeout"],
    [{ timeout: {} }, "timeout"],
    [{ openBrowser: "firefox" }, "openBrowser"],
    [{ print: "stderr" }, "print"],
    [{ paste: "stdin" }, "paste"],
    [{ scope: 'a"b' }, "scope"],
    [{ key: "" }, "key"],
    [{ signal: {} }, "signal"],
    [{ signal: "abort" }, "signal"],
    [null, "options"],
    [{ prot: 3000 }, "prot"],
  ])("a bad option: %j", async (options, option) => {
    const client = clientOf(await providerFor())
    expect(await rejection(loopbackLogin(client, options as never))).toMatchObject({
      _tag: "ConfigurationError",
      option,
    })
  })
})

describe("over SSH", () => {
  it("the user pastes the last address of the browser", async () => {
    const server = await providerFor()
    const paste = new PassThrough()
    const { result, url, redirectUri, printed } = await begin(server, { paste })
    expect(printed.join()).toContain("Paste the address of that page here.")
    const location = (await fetch(url, { redirect: "manual" })).headers.get("location") ?? ""
    paste.write("what?\n\n")
    await expect.poll(() => printed.at(-1)).toMatch(/^That is not the address of this login\./)
    paste.write(`${redirectUri}?code=a&state=b\n`)
    paste.write(`  ${location.slice(0, 20)}`)
    paste.write(`${location.slice(20)} \r\n`)
    expect((await result).accessToken).toBeTypeOf("string")
    await expectClosed(redirectUri)
    expect(paste.listenerCount("data")).toBe(0)
  })

  it("an input that ends, or fails, does not end the login", async () => {
    const server = await providerFor()
    for (const finish of [(paste: PassThrough) => paste.end(), (paste: PassThrough) => paste.destroy()]) {
      const paste = new PassThrough()
      const { result, url } = await begin(server, { paste })
      finish(paste)
      await browse(url)
      expect((await result).accessToken).toBeTypeOf("string")
    }
  })
})
