/** Who sees the token and who does not, in Chromium. */
import type { IncomingMessage } from "node:http"
import { afterAll, describe, expect, it } from "vitest"
import { launchChromium } from "../../../mock-server/test/chromium.js"
import { grants, type Listener, listen, startScenario } from "./scenario.js"

const browser = await launchChromium()
afterAll(() => browser?.close())

interface Api extends Listener {
  /** Each request, preflights aside. */
  readonly seen: {
    readonly path: string
    readonly authorization: string | undefined
    readonly body: string
  }[]
}

const read = async (request: IncomingMessage) => {
  let text = ""
  for await (const chunk of request) text += chunk
  return text
}

/** `/to?…` redirects; `/401` refuses every token; `/once` refuses the first; everything else is fine. */
const startApi = async (): Promise<Api> => {
  const seen: Api["seen"] = []
  const refused = new Set<string>()
  const listener = await listen(async (request, response) => {
    response.setHeader("access-control-allow-origin", "*")
    response.setHeader("access-control-allow-headers", "authorization, content-type, x-own")
    if (request.method === "OPTIONS") {
      response.end()
      return
    }
    const { pathname: path, search } = new URL(request.url ?? "", "http://localhost")
    const { authorization } = request.headers
    seen.push({ path, authorization, body: await read(request) })
    if (path === "/to") response.writeHead(307, { location: decodeURIComponent(search.slice(1)) })
    const isFirst = path === "/once" && (refused.size === 0 || refused.has(authorization ?? ""))
    if (isFirst) refused.add(authorization ?? "")
    if (isFirst || path === "/401") response.statusCode = 401
    response.end("tile")
  })
  return { ...listener, seen }
}

describe.skipIf(browser === undefined)("fetch, in Chromium", () => {
  it("gives the token to the API's origin, and to no other: not by name, by redirect, or by a base", async () => {
    await using api = await startApi()
    await using other = await startApi()
    await using scenario = await startScenario(browser, { options: { apiOrigins: [api.origin] } })
    const page = await scenario.signIn()
    const { url } = scenario.server
    await page.evaluate(
      async ([api, other, server]) => {
        const { fetch, authorizes } = window.client
        const seen: string[] = []
        for (const target of [
          `${api}/one`,
          `${api}/to?${encodeURIComponent(`${api}/two`)}`,
          `${api}/to?${encodeURIComponent(`${other}/redirected`)}`,
          `${other}/direct`,
          "/own",
          // The token endpoint's own origin is not in the list here.
          `${server}/account`,
        ]) {
          await fetch(target).catch(() => seen.push(target))
        }
        await fetch(new URL(`${api}/url`))
        await fetch(new Request(`${api}/request`, { method: "POST", body: "text" }))
        await fetch(new Request(`${other}/request`))
        const base = document.createElement("base")
        base.href = other ?? ""
        document.head.append(base)
        await fetch("relative")
        if (authorizes(`${api}.evil.example/`) || authorizes("https://") || authorizes(""))
          throw new Error("lax")
      },
      [api.origin, other.origin, url],
    )
    const authorized = api.seen.map(({ path, authorization }) => [path, authorization?.split(" ")[0]])
    expect(authorized).toEqual([
      ["/one", "Bearer"],
      ["/to", "Bearer"],
      ["/two", "Bearer"],
      ["/to", "Bearer"],
      ["/url", "Bearer"],
      ["/request", "Bearer"],
    ])
    expect(other.seen.map(({ path }) => path)).toEqual(["/redirected", "/direct", "/request", "/relative"])
    expect(other.seen.map(({ authorization }) => authorization)).toEqual(Array(4).fill(undefined))
    const account = scenario.server.log.findLast(({ path }) => path.endsWith("/account"))
    expect(account?.decision).toBe("refused")
  })

  it("reaches the server's own API without being told its origin", async () => {
    await using scenario = await startScenario(browser)
    const page = await scenario.signIn()
    const status = await page.evaluate(
      async (url) => (await window.client.fetch(`${url}/account`)).status,
      scenario.server.url,
    )
    expect(status).toBe(200)
  })

  it("repeats a request once after a 401, with another token and the same body", async () => {
    await using api = await startApi()
    await using scenario = await startScenario(browser, { options: { apiOrigins: [api.origin] } })
    const page = await scenario.signIn()
    const statuses = await page.evaluate(
      async ([api]) => {
        const { fetch } = window.client
        const post = { method: "POST", body: "body", headers: { "x-own": "1" } }
        const replies = [await fetch(`${api}/once`, post)]
        // A token that is refused right after it was issued is not dead.
        window.ahead = 11_000
        replies.push(await fetch(new Request(`${api}/401`, post)))
        return replies.map(({ status }) => status)
      },
      [api.origin],
    )
    expect(statuses).toEqual([200, 401])
    expect(api.seen.map(({ path, body }) => [path, body])).toEqual([
      ["/once", "body"],
      ["/once", "body"],
      ["/401", "body"],
      ["/401", "body"],
    ])
    const tokens = api.seen.map(({ authorization }) => authorization)
    expect(tokens[0]).not.toBe(tokens[1])
    expect(tokens[1]).toBe(tokens[2])
    expect(tokens[2]).not.toBe(tokens[3])
    expect(grants(scenario.server)).toHaveLength(3)
  })

  it("makes one refresh for many requests that meet the same dead token", async () => {
    await using scenario = await startScenario(browser)
    const { server } = scenario
    const page = await scenario.signIn()
    server.revoke((await page.evaluate(() => window.client.peekAccessToken())) ?? "")
    const statuses = await page.evaluate(
      (url) =>
        Promise.all(
          Array.from({ length: 10 }, async () => (await window.client.fetch(`${url}/account`)).status),
        ),
      server.url,
    )
    expect(statuses).toEqual(Array(10).fill(200))
    expect(grants(server)).toEqual(["authorization_code granted", "refresh_token granted"])
  })

  it("sends a stream once, leaves a caller's own header alone, and heeds the signal", async () => {
    await using api = await startApi()
    await using scenario = await startScenario(browser, { options: { apiOrigins: [api.origin] } })
    const { server } = scenario
    // Chromium streams uploads over HTTP/2 alone.
    await scenario.context.addInitScript(() => {
      const sent: string[] = []
      const send: typeof fetch = async (input, init) => {
        if (!String(input).endsWith("/stream")) return fetch(input, init)
        sent.push(await new Response(init?.body).text())
        return new Response(null, { status: 401 })
      }
      Object.assign(window, { sent, options: { fetch: send } })
    })
    const page = await scenario.signIn()
    const outcome = await page.evaluate(async (origin) => {
      const { fetch } = window.client
      await fetch(`${origin}/own`, { headers: { Authorization: "Basic abc" } })
      const body = new Blob(["streamed"]).stream()
      const { status } = await fetch(`${origin}/stream`, { method: "POST", body })
      const controller = new AbortController()
      controller.abort("stop")
      const aborted = await fetch(`${origin}/aborted`, { signal: controller.signal }).catch(String)
      return { status, aborted }
    }, api.origin)
    expect(outcome).toEqual({ status: 401, aborted: "stop" })
    expect(await page.evaluate("sent")).toEqual(["streamed"])
    expect(api.seen.map(({ path, authorization }) => [path, authorization])).toEqual([["/own", "Basic abc"]])
    expect(grants(server)).toHaveLength(1)
  })

  it("returns the 401 if there is no other token, and says why in the state", async () => {
    await using scenario = await startScenario(browser)
    const { server } = scenario
    const page = await scenario.signIn()
    const [family] = server.families
    server.revokeFamily(family?.id ?? "")
    const status = await page.evaluate(
      async (url) => (await window.client.fetch(`${url}/account`)).status,
      server.url,
    )
    expect(status).toBe(401)
    const error = await page.evaluate(
      (url) => window.client.fetch(`${url}/account`).catch(({ _tag }) => _tag),
      server.url,
    )
    expect(error).toBe("LoginRequired")
    expect(await page.evaluate(() => window.client.getSnapshot())).toMatchObject({
      status: "signedOut",
      reason: "revoked",
    })
  })

  it("makes one refresh for an API that refuses every token, however often it is asked", async () => {
    await using api = await startApi()
    await using scenario = await startScenario(browser, { options: { apiOrigins: [api.origin] } })
    const page = await scenario.signIn()
    const statuses = await page.evaluate(async (origin) => {
      const seen: number[] = []
      for (let i = 0; i < 5; i++) seen.push((await window.client.fetch(`${origin}/401`)).status)
      return seen
    }, api.origin)
    expect(statuses).toEqual(Array(5).fill(401))
    expect(grants(scenario.server)).toEqual(["authorization_code granted", "refresh_token granted"])
    expect(await page.evaluate(() => window.client.getSnapshot().status)).toBe("ready")
  })

  it("reads its input at the call: what changes while the token is awaited takes it nowhere else", async () => {
    await using api = await startApi()
    await using other = await startApi()
    await using scenario = await startScenario(browser, { options: { apiOrigins: [api.origin] } })
    const page = await scenario.signIn()
    const exchange = scenario.server.faults.hold(1)
    const requests = page.evaluate(
      async ([ours, theirs]) => {
        const { client } = window
        const base = document.createElement("base")
        base.href = `${ours}/`
        document.head.append(base)
        const url = new URL(`${ours}/object`)
        const init = { headers: new Headers({ "x-own": "1" }) }
        // A request that needs another token than this one waits until it has come.
        client.getAccessToken({ force: true }).catch(() => {})
        Object.assign(window, { ahead: 7_200_000 })
        const sent = [client.fetch(url, init), client.fetch("relative"), client.fetch(new Request("request"))]
        url.href = `${theirs}/object`
        base.href = `${theirs}/`
        init.headers.set("authorization", "Basic abc")
        return (await Promise.all(sent)).map(({ status }) => status)
      },
      [api.origin, other.origin],
    )
    await exchange.full
    exchange.release()
    expect(await requests).toEqual([200, 200, 200])
    expect(other.seen).toEqual([])
    expect(api.seen.map(({ path }) => path).toSorted()).toEqual(["/object", "/relative", "/request"])
    for (const { authorization } of api.seen) expect(authorization).toMatch(/^Bearer /)
  })

  it("says stale of a token that the API refused while no other is to be had", async () => {
    await using scenario = await startScenario(browser, { options: { deadline: 500 } })
    const { server } = scenario
    const page = await scenario.signIn()
    server.revoke((await page.evaluate(() => window.client.peekAccessToken())) ?? "")
    const end = server.faults.always("token", { wire: "reset" })
    const status = await page.evaluate(
      async (url) => (await window.client.fetch(`${url}/account`)).status,
      server.url,
    )
    end()
    expect(status).toBe(401)
    expect(await page.evaluate(() => window.client.getSnapshot())).toMatchObject({
      status: "stale",
      refresh: { phase: "failed" },
    })
    expect(await page.evaluate(() => window.client.peekAccessToken())).toBeUndefined()
  })

  it("takes no name that only looks like the API's for the API", async () => {
    const api = "https://api.example.com"
    await using scenario = await startScenario(browser, { options: { apiOrigins: [api] } })
    const page = await scenario.open()
    const authorized = await page.evaluate(
      (urls) => urls.filter((url) => window.client.authorizes(url)),
      [
        `${api}/maps`,
        `${api}:443/maps`,
        `${api}.evil.example/maps`,
        `${api}@evil.example/maps`,
        `${api}:8443/maps`,
        "http://api.example.com/maps",
        "https://evil.example/https://api.example.com/maps",
        "https://www.api.example.com/maps",
        "//api.example.com.evil.example/maps",
      ],
    )
    expect(authorized).toEqual([`${api}/maps`, `${api}:443/maps`])
  })
})
