// The routes before a real browser, over HTTPS, with the cookies, origins and frames that it really has.
import { once } from "node:events"
import { readFileSync } from "node:fs"
import type { RequestListener } from "node:http"
import { createServer } from "node:https"
import type { AddressInfo } from "node:net"
import { afterAll, describe, expect, onTestFinished, test } from "vitest"
import { launchChromium } from "../../../mock-server/test/chromium.js"
import { toNodeListener } from "../../src/index.js"
import { mockServerFor, startApp } from "./fixtures.js"

const browser = await launchChromium()
afterAll(() => browser?.close())

const certificate = (kind: "key" | "cert") =>
  readFileSync(new URL(`../certificates/localhost.${kind}.pem`, import.meta.url))
const tls = { key: certificate("key"), cert: certificate("cert") }

const serve = async () => {
  let listener: RequestListener = () => {}
  const socket = createServer(tls, (request, response) => listener(request, response)).listen(0, "127.0.0.1")
  await once(socket, "listening")
  onTestFinished(async () => {
    socket.close()
    socket.closeAllConnections()
    await once(socket, "close")
  })
  const { port } = socket.address() as AddressInfo
  return {
    port,
    answer: (next: RequestListener) => {
      listener = next
    },
  }
}

const page: RequestListener = (request, response) => {
  response.setHeader("content-type", "text/html")
  response.end(`<title>${request.url}</title>`)
}

/** An app, a browser of a user who is signed in to it, and a page of another site. */
const open = async () => {
  if (browser === undefined) throw new Error("no browser")
  const own = await serve()
  const other = await serve()
  other.answer(page)
  const origin = `https://localhost:${own.port}`
  const server = await mockServerFor(origin, { now: Date.now }).listen()
  onTestFinished(() => server.close())
  const app = startApp({ origin, server })
  const auth = toNodeListener(app.routes)
  const posts: string[] = []
  const logins: string[] = []
  own.answer((request, response) => {
    if (request.method === "POST")
      posts.push(`${request.url} ${request.headers.cookie ?? "without a cookie"}`)
    if (request.url?.startsWith("/auth/login"))
      response.on("finish", () =>
        logins.push(`${response.statusCode} for ${request.headers["sec-fetch-dest"]}`),
      )
    if (request.url?.startsWith("/auth/")) auth(request, response)
    else page(request, response)
  })
  const context = await browser.newContext({ ignoreHTTPSErrors: true })
  onTestFinished(() => context.close())
  const tab = await context.newPage()
  await tab.goto(`${origin}/auth/login?returnTo=/maps`)
  await tab.waitForURL(`${origin}/maps`)
  const token = () => tab.evaluate(async () => (await fetch("/auth/token", { method: "POST" })).status)
  return {
    app,
    context,
    tab,
    origin,
    other: other.port,
    answerOther: other.answer,
    posts,
    logins,
    token,
  }
}

describe.skipIf(browser === undefined)("in Chromium", { timeout: 30_000 }, () => {
  test("a user logs in, the page gets tokens and no secret, and a form logs out", async () => {
    const { context, tab, origin, token } = await open()
    const cookies = await context.cookies(origin)
    expect(cookies).toMatchObject([
      { name: "__Host-ellipsis-session", httpOnly: true, secure: true, sameSite: "Lax", path: "/" },
      { name: "__Host-ellipsis-signed-in", httpOnly: false, secure: true, sameSite: "Lax", path: "/" },
    ])
    expect(await tab.evaluate("document.cookie")).toMatch(/^__Host-ellipsis-signed-in=[0-9a-z]{8,9}$/)
    expect(await token()).toBe(200)
    await tab.setContent(
      '<form method="post" action="/auth/logout?returnTo=/bye"><button>Log out</button></form>',
    )
    await tab.click("button")
    await tab.waitForURL(`${origin}/bye`)
    expect(await context.cookies(origin)).toEqual([])
    expect(await token()).toBe(401)
  })

  test.each([
    ["another site", "127.0.0.1", false],
    ["another origin of the same site, which gets the cookie sent", "localhost", true],
  ])("a form of %s logs nobody out", async (_name, host, withCookie) => {
    const { context, origin, other, posts, token } = await open()
    const evil = await context.newPage()
    await evil.goto(`https://${host}:${other}/`)
    await evil.setContent(`<form method="post" action="${origin}/auth/logout"><button>Win</button></form>`)
    const [reply] = await Promise.all([evil.waitForResponse(`${origin}/auth/logout`), evil.click("button")])
    expect(reply.status()).toBe(403)
    expect(posts.at(-1)).toMatch(withCookie ? /^\/auth\/logout __Host-/ : /^\/auth\/logout without a cookie$/)
    await evil.waitForURL(`${origin}/auth/logout`)
    expect(await evil.textContent("h1")).toBe("Request refused")
    expect(await token()).toBe(200)
  })

  test("a script of another origin of the same site gets no token", async () => {
    const { context, origin, other, posts, token } = await open()
    const evil = await context.newPage()
    await evil.goto(`https://localhost:${other}/`)
    const before = posts.length
    const got = await evil.evaluate(async (url) => {
      const modes = ["cors", "no-cors"] as const
      const ask = async (mode: "cors" | "no-cors") => {
        const reply = await fetch(url, { method: "POST", mode, credentials: "include" })
        return [reply.type, await reply.text()]
      }
      return Promise.all(modes.map((mode) => ask(mode).catch(String)))
    }, `${origin}/auth/token`)
    expect(posts.slice(before)).toHaveLength(2)
    expect(JSON.stringify(got)).not.toContain("access_token")
    expect(await token()).toBe(200)
  })

  test("a frame and an image start no login", async () => {
    const { app, context, origin, other, logins } = await open()
    expect(logins).toEqual(["303 for document"])
    const evil = await context.newPage()
    await evil.goto(`https://localhost:${other}/`)
    const before = { log: app.server.log.length, cookies: await context.cookies(origin) }
    await evil.setContent(
      `<iframe src="${origin}/auth/login?1"></iframe><img src="${origin}/auth/login?2" alt="x">`,
      { waitUntil: "commit" },
    )
    await expect
      .poll(() => logins.slice(1).sort(), { timeout: 10_000 })
      .toEqual(["403 for iframe", "403 for image"])
    expect({ log: app.server.log.length, cookies: await context.cookies(origin) }).toEqual(before)
  })

  test("a cookie with a non-breaking space before the session's name does not sign in", async () => {
    const { app, origin, other, answerOther, posts } = await open()
    const eve = (await app.signedIn()).cookieHeader(origin).split("; ")[0]
    const planted = `\u00a0${eve}`
    answerOther((_request, response) => {
      response.setHeader("set-cookie", `${planted}; Path=/; Secure`)
      // As bytes: with a text, Node.js would send the header in UTF-8.
      response.end(Buffer.from("planted"))
    })
    const context = await browser?.newContext({ ignoreHTTPSErrors: true })
    onTestFinished(async () => context?.close())
    const tab = await context?.newPage()
    await tab?.goto(`https://localhost:${other}/`)
    await tab?.goto(`${origin}/maps`)
    const status = await tab?.evaluate(async () => (await fetch("/auth/token", { method: "POST" })).status)
    // The browser has stored it and sends it.
    expect(posts.at(-1)).toBe(`/auth/token ${planted}`)
    expect(status).toBe(401)
  })

  test("the back button after a login leads to the login's returnTo", async () => {
    const { context, origin } = await open()
    const tab = await context.newPage()
    const callbacks: string[] = []
    tab.on("request", (request) => {
      if (request.url().startsWith(`${origin}/auth/callback`)) callbacks.push(request.url())
    })
    await tab.goto(`${origin}/auth/login?returnTo=/maps`)
    await tab.waitForURL(`${origin}/maps`)
    await tab.goto(callbacks[0] ?? "")
    expect(tab.url()).toBe(`${origin}/maps`)
  })

  test("another user's callback shows a readable page, with a style that its policy allows", async () => {
    const { app, context, origin } = await open()
    const { redirectUrl } = app.server.authorize({
      clientId: "maps",
      state: "eve",
      redirectUri: `${origin}/auth/callback`,
    })
    const tab = await context.newPage()
    const complaints: string[] = []
    tab.on("console", (message) => complaints.push(message.text()))
    const reply = await tab.goto(redirectUrl)
    expect(reply?.status()).toBe(400)
    expect(await tab.textContent("h1")).toBe("The login failed")
    expect(await tab.textContent("p")).toContain("This sign-in link is not valid.")
    expect(await tab.evaluate("getComputedStyle(document.body).maxWidth")).toBe("512px")
    expect(complaints.filter((complaint) => complaint.includes("Content Security Policy"))).toEqual([])
    await tab.click("text=Log in")
    await tab.waitForURL(`${origin}/`)
  })
})
