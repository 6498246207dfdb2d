import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import type { Page } from "playwright-core"
import { afterAll, describe, expect, it } from "vitest"
import { createMockServer, type MockServer } from "../../src/index.js"
import { axeViolations } from "../axeViolations.js"
import { launchChromium } from "../chromium.js"
import { account, exchange, login, refresh, stillServer } from "../tokens.js"

const browser = await launchChromium()
afterAll(() => browser?.close())

interface View {
  readonly width?: number
  readonly colorScheme?: "light" | "dark"
}

/** A tab, and the errors in its console. */
const openTab = async ({ width = 1440, colorScheme = "light" }: View = {}) => {
  const page = await browser?.newPage({ viewport: { width, height: 900 }, colorScheme })
  if (page === undefined) throw new Error("no browser")
  const complaints: string[] = []
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text())
  })
  page.on("pageerror", (error) => complaints.push(String(error)))
  return { page, complaints, [Symbol.asyncDispose]: () => page.close() }
}

const openPage = async (server: MockServer, view?: View) => {
  const tab = await openTab(view)
  await tab.page.goto(new URL("/", server.url).href)
  await tab.page.getByText("live", { exact: true }).waitFor()
  return tab
}

const requests = (page: Page) => page.locator("#timeline > li")

const overflow = (page: Page) =>
  page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth")

/** A login, expiry, a lost response, a reused code and an unknown client: everything that the page can show. */
const liveALittle = async (server: MockServer) => {
  const { code } = server.authorize({ clientId: "demo-app" })
  const { body } = await exchange(server, code)
  server.clock.advance("2 hours")
  await account(server, String(body.access_token))
  server.faults.next("token", { at: "afterCommit", wire: "reset" })
  await refresh(server, String(body.refresh_token)).catch(() => {})
  await refresh(server, String(body.refresh_token))
  await exchange(server, code)
  await server.fetch(`${server.url}/oauth/authorize?response_type=code&client_id=nobody`)
}

describe.skipIf(browser === undefined)("the page in Chromium", () => {
  it("shows requests with their decisions, reasons and families as they come, without a reload", async () => {
    await using server = await stillServer({ rotation: { grace: "30 seconds" } }).listen()
    await using tab = await openPage(server)
    const { page } = tab
    await page.getByText("No requests yet").waitFor()
    await page.evaluate("globalThis.sameDocument = true")

    const { refreshToken } = await login(server)
    await page.getByText("The code was exchanged for tokens.").waitFor()
    expect(await requests(page).count()).toBe(2)
    expect(await page.getByText("No requests yet").isVisible()).toBe(false)
    const families = page.getByRole("region", { name: "Token families" })
    await families.getByText("refresh 1").waitFor()
    expect(await families.getByText("1 h left").count()).toBe(1)

    server.clock.advance("1 hour")
    await families.getByText("expired").waitFor()
    await refresh(server, refreshToken)
    await families.getByText("refresh 2").waitFor()
    await requests(page).first().getByText("number 2 of its family replaces number 1").waitFor()

    await fetch(`${server.url}/oauth/authorize?response_type=code&client_id=demo-app`, { redirect: "manual" })
    const findings = page.getByRole("region", { name: "Findings" })
    await findings.getByText("missing-pkce").waitFor()
    await findings.getByRole("button", { name: "request #4" }).first().click()
    await requests(page).first().getByText("Parameters", { exact: true }).waitFor()

    server.reset()
    await page.getByText("No requests yet").waitFor()
    expect(await requests(page).count()).toBe(0)
    expect(await page.evaluate("globalThis.sameDocument")).toBe(true)
    expect(tab.complaints).toEqual([])
  })

  it("shows every parameter as text only", async () => {
    await using server = await stillServer().listen()
    await using tab = await openPage(server)
    const hostile = `"'><img src=x onerror="globalThis.hacked=1"><script>globalThis.hacked=1</script>\${hacked}\u202e`
    const names = ["client_id", "redirect_uri", "state", "scope", "response_type", hostile]
    for (const name of names) {
      const valid = { response_type: "code", client_id: "demo-app" }
      await server.fetch(
        `${server.url}/oauth/authorize?${new URLSearchParams({ ...valid, [name]: hostile })}`,
      )
      const body = new URLSearchParams({ grant_type: "refresh_token", [name]: hostile })
      await server.fetch(`${server.url}/oauth/token`, { method: "POST", body })
    }
    await fetch(`${server.url}/${encodeURIComponent(hostile)}`)
    await server.fetch(`${server.url}/<img src=x onerror=hacked=1>`)
    await requests(tab.page)
      .nth(names.length * 2 + 1)
      .waitFor()
    for (const summary of await tab.page.locator("#timeline summary").all()) await summary.click()

    expect(await tab.page.getByText(hostile.slice(0, 40)).count()).toBeGreaterThan(3)
    expect(await tab.page.locator("img, script:not(body > script), iframe, a:not(nav a)").count()).toBe(0)
    expect(await tab.page.evaluate("globalThis.hacked")).toBeUndefined()
    expect(tab.complaints).toEqual([])
  })

  it("shows and copies the configuration of an app", async () => {
    await using server = await createMockServer().listen()
    await using tab = await openPage(server)
    const { page } = tab
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"])
    const clipboard = () => page.evaluate<string>("navigator.clipboard.readText()")

    await page.getByRole("button", { name: "Copy Base URL" }).click()
    await page.getByText("Copied").first().waitFor()
    expect(await clipboard()).toBe(server.url)
    await page.getByRole("button", { name: "Copy the configuration" }).click()
    await expect
      .poll(clipboard)
      .toBe(
        `ELLIPSIS_OAUTH_BASE_URL=${server.url}\nELLIPSIS_OAUTH_CLIENT_ID=demo-app\nELLIPSIS_OAUTH_CLIENT_SECRET=demo-secret\nELLIPSIS_OAUTH_REDIRECT_URI=http://localhost:3000/callback`,
      )
    await page.getByRole("button", { name: "Demo single-page app" }).click()
    await page.getByRole("button", { name: "JSON" }).click()
    await page.getByRole("button", { name: "Copy the configuration" }).click()
    await expect.poll(clipboard).toContain('"clientId": "demo-spa"')
    expect(await clipboard()).not.toContain("Secret")
  })

  it("offers a snippet that fits the client: a public one gets React's, with its import", async () => {
    await using server = await createMockServer().listen()
    await using tab = await openPage(server)
    const snippet = tab.page.locator("#connect pre")
    await tab.page.getByRole("button", { name: "TypeScript" }).click()
    expect(await snippet.textContent()).toMatch(
      /^import { createTokenClient, ellipsisDrive } from "@ellipsis-oauth\/node"\n[\s\S]*"demo-secret"/,
    )
    await tab.page.getByRole("button", { name: "Demo single-page app" }).click()
    expect(await snippet.textContent()).toMatch(
      /^import { createBrowserTokenClient, ellipsisDrive } from "@ellipsis-oauth\/react"\n/,
    )
    expect(await snippet.textContent()).not.toContain("ecret")
  })

  it("expires tokens, fails the next refresh, moves the clock, chooses who logs in, revokes and resets", async () => {
    const users = [
      { id: "1", username: "ada" },
      { id: "2", username: "grace" },
    ]
    await using server = await stillServer({ users }).listen()
    const { accessToken, refreshToken } = await login(server)
    await using tab = await openPage(server)
    const { page } = tab
    const families = page.getByRole("region", { name: "Token families" })
    const pending = page.locator("#pending")

    await page.getByRole("button", { name: "Expire access tokens" }).click()
    await families.getByText("expired").waitFor()
    expect((await account(server, accessToken)).status).toBe(401)

    await page.getByLabel("How the next refresh fails").selectOption("refusedGrant")
    await page.getByRole("button", { name: "Fail it" }).click()
    await pending.getByText("The next refresh request").waitFor()
    expect((await exchange(server, "unknown")).body).toMatchObject({ error: "invalid_grant" })
    expect(server.log.at(-1)?.fault).toBeUndefined()
    expect((await refresh(server, refreshToken)).status).toBe(400)
    await page.getByText("Injected fault").waitFor()
    expect(await pending.isVisible()).toBe(false)
    expect((await refresh(server, refreshToken)).status).toBe(200)

    const before = server.clock.now()
    await page.getByRole("button", { name: "+1 hour" }).click()
    await page.getByText("moved +1 h").waitFor()
    expect(server.clock.now() - before).toBe(3_600_000)

    await page.getByLabel("Who logs in next").selectOption("as grace")
    await page.getByRole("button", { name: "Set", exact: true }).click()
    await pending.getByText("approved as grace").waitFor()
    await server.fetch(`${server.url}/oauth/authorize?response_type=code&client_id=demo-app&state=a`)
    await page.getByText("grace approved; a code was issued.").waitFor()

    await families.getByRole("button", { name: "Revoke" }).click()
    await families.getByText("Revoked: the test revoked it.").waitFor()
    expect((await refresh(server, refreshToken)).status).toBe(400)

    await page.getByRole("button", { name: "Reset the server" }).click()
    await page.getByText("No requests yet").waitFor()
    expect(server.log).toEqual([])
    expect(tab.complaints).toEqual([])
  })

  it("copies a request as curl, with no secret in it but the registered client's", async () => {
    await using server = await stillServer().listen()
    const { refreshToken } = await login(server)
    await refresh(server, refreshToken)
    await using tab = await openPage(server)
    const { page } = tab
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"])
    await requests(page).first().locator("summary").click()
    await page.getByRole("button", { name: "Copy as curl" }).click()
    await page.getByText("Copied").first().waitFor()
    expect(await page.evaluate<string>("navigator.clipboard.readText()")).toBe(
      [
        `curl -i ${server.url}/oauth/token`,
        "--data-urlencode grant_type=refresh_token",
        '--data-urlencode refresh_token="$REFRESH_TOKEN"',
        "--data-urlencode client_id=demo-app",
        "--data-urlencode client_secret=demo-secret",
      ].join(" \\\n  "),
    )
  })

  it("can be used by keyboard: filters, requests and families", async () => {
    await using server = await stillServer({ rotation: { grace: "30 seconds" } }).listen()
    await liveALittle(server)
    await using tab = await openPage(server)
    const { page } = tab
    const all = await requests(page).count()

    await page.getByRole("button", { name: "Refused" }).focus()
    await page.keyboard.press("Enter")
    expect(await page.locator("#timeline > li.refused:visible").count()).toBe(3)
    expect(await page.locator("#timeline > li:visible").count()).toBe(3)
    expect(await page.getByRole("button", { name: "Refused" }).getAttribute("aria-pressed")).toBe("true")
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Refused")

    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Space")
    expect(await page.locator("#timeline > li:visible").count()).toBe(all)

    await requests(page).first().locator("summary").focus()
    await page.keyboard.press("Enter")
    await requests(page).first().getByText("/v3/oauth/authorize").waitFor()
    await page.getByRole("region", { name: "Token families" }).getByRole("button").first().focus()
    await page.keyboard.press("Enter")
    await expect.poll(() => page.locator("#timeline > li:visible").count()).toBeLessThan(all)
    expect(await page.evaluate("document.activeElement.textContent")).toMatch(/^family \w{4} ×$/)
  })

  it("keeps an open request open, and what has the focus, while others come", async () => {
    await using server = await stillServer().listen()
    const { accessToken, refreshToken } = await login(server)
    await using tab = await openPage(server)
    const { page } = tab
    await requests(page).last().locator("summary").click()
    await page.getByRole("region", { name: "Token families" }).getByRole("button").first().focus()
    await account(server, accessToken)
    await refresh(server, refreshToken)
    await requests(page).nth(3).waitFor()
    await page.getByText("used once").waitFor()
    await requests(page).last().getByText("Parameters", { exact: true }).waitFor()
    expect(await page.evaluate("document.activeElement.textContent")).toMatch(/^family/)
  })

  it("counts down to expiry and to the end of a grace period, with no changes from the server", async () => {
    await using server = await createMockServer({ rotation: { grace: "30 seconds" } }).listen()
    const { refreshToken } = await login(server)
    await refresh(server, refreshToken)
    await using tab = await openTab()
    const { page } = tab
    await page.clock.install()
    await page.goto(new URL("/", server.url).href)
    const chips = page.locator("#families .chip")
    await page.getByText(/^\d+ s of grace period left$/).waitFor()
    expect(await chips.allTextContents()).toEqual(["active", "active", "active", "active"])

    await page.clock.fastForward("00:31")
    await expect.poll(() => chips.allTextContents()).toEqual(["rotated", "active", "active", "active"])
    await page.clock.fastForward("01:00:00")
    await expect.poll(() => chips.allTextContents()).toEqual(["rotated", "expired", "active", "expired"])
  })

  it("shows when the server is not reachable, and continues when it is back", async () => {
    const server = await createMockServer().listen()
    await using tab = await openPage(server)
    const { origin, port } = new URL(server.url)
    expect(origin).toContain(port)
    await server.close()
    await tab.page.getByText("server not reached").waitFor()
    await using again = await createMockServer().listen({ port: Number(port) })
    await login(again)
    await tab.page.getByText("live", { exact: true }).waitFor()
    expect(await requests(tab.page).count()).toBe(2)
  })

  it.each([
    { width: 1440, colorScheme: "light" },
    { width: 1440, colorScheme: "dark" },
    { width: 1000, colorScheme: "light" },
    { width: 360, colorScheme: "light" },
    { width: 360, colorScheme: "dark" },
  ] as const)("is accessible and fits at $width px, $colorScheme", async (view) => {
    await using server = await stillServer({ rotation: { grace: "30 seconds" } }).listen()
    await liveALittle(server)
    await using tab = await openPage(server, view)
    for (const summary of await tab.page.locator("summary").all()) await summary.click()
    expect(await overflow(tab.page)).toBe(0)
    expect(await axeViolations(tab.page)).toEqual([])
  })
})

describe.skipIf(browser === undefined)("the consent page in Chromium", () => {
  const users = [
    { id: "1", username: "ada" },
    { id: "2", username: "grace" },
  ]
  const link = (server: MockServer, clientId = "demo-app") =>
    `${server.url}/oauth/authorize?response_type=code&client_id=${clientId}&state=a`

  it.each([
    { width: 1440, colorScheme: "light" },
    { width: 360, colorScheme: "dark" },
  ] as const)(
    "is accessible and fits at $width px, $colorScheme, and so does its error page",
    async (view) => {
      await using server = await stillServer({ autoApprove: false, users }).listen()
      await using tab = await openTab(view)
      for (const url of [link(server), link(server, "nobody")]) {
        await tab.page.goto(url)
        expect(await overflow(tab.page)).toBe(0)
        expect(await axeViolations(tab.page)).toEqual([])
      }
    },
  )

  it("can be used by keyboard alone, and logs only its own requests", async () => {
    const app = createServer((_, response) => response.end("back in the app")).listen(0, "127.0.0.1")
    await once(app, "listening")
    const { port } = app.address() as AddressInfo
    const clients = [{ clientId: "demo-app", redirectUris: [`http://127.0.0.1:${port}/callback`] }]
    await using server = await stillServer({ autoApprove: false, users, clients }).listen()
    await using tab = await openTab()
    const { page } = tab
    await page.goto(link(server))
    for (const key of ["Tab", "ArrowDown", "Tab", "Enter"]) await page.keyboard.press(key)
    await page.getByText("back in the app").waitFor()
    expect(new URL(page.url()).searchParams.get("state")).toBe("a")
    expect(server.log.map(({ reason }) => reason)).toEqual([
      "The user was asked for consent.",
      "grace approved; a code was issued.",
    ])
    app.closeAllConnections()
    app.close()
  })
})
