/** The backend client against the routes of `createAuthRoutes`, in Chromium, with React's StrictMode around it. */
import type { Page } from "playwright-core"
import { afterAll, describe, expect, it } from "vitest"
import { launchChromium } from "../../../mock-server/test/chromium.js"
import { grants, type Scenario, snapshot, startScenario, statusIs } from "./scenario.js"

const browser = await launchChromium()
afterAll(() => browser?.close())

const login = "authorization_code granted"
const refreshed = "refresh_token granted"

const accessToken = (page: Page) => page.evaluate(() => window.backend.getAccessToken())

/** Hours that the page's clock goes ahead, as the provider's does. */
const sleep = (page: Page, hours: number) =>
  page.evaluate((milliseconds) => {
    window.offset = (window.offset ?? 0) + milliseconds
  }, hours * 3_600_000)

const logins = ({ requests }: Scenario) => requests.filter((request) => request === "GET /auth/login")

describe.skipIf(browser === undefined)("a browser over createAuthRoutes", { timeout: 60_000 }, () => {
  it("signs in, comes back to where the user was, and never sees a refresh token", async () => {
    await using scenario = await startScenario(browser)
    const { origin, server, requests } = scenario
    const page = await scenario.signIn("/maps/7?zoom=3&q=a%20b#layer")
    expect(page.url()).toBe(`${origin}/maps/7?zoom=3&q=a%20b#layer`)
    const shown = page.locator("output")
    await expect.poll(() => shown.textContent()).toBe(await accessToken(page))
    await page.reload()
    await statusIs(page, "ready")
    // One for each time that the page was loaded, whatever StrictMode does.
    expect(requests).toEqual([
      "POST /auth/token",
      "GET /auth/login",
      "GET /auth/callback",
      "POST /auth/token",
      "POST /auth/token",
    ])
    expect(grants(server)).toEqual([login])
    const seen = scenario.seen()
    expect(seen).toContain(await accessToken(page))
    for (const { current } of server.families.map(({ refreshTokens }) => ({ current: refreshTokens }))) {
      expect(current).not.toEqual([])
      for (const { token } of current) expect(seen).not.toContain(token)
    }
    expect(
      await page.evaluate(() => JSON.stringify([localStorage, sessionStorage, document.cookie])),
    ).toMatch(/^\[\{\},\{\},"ellipsis-signed-in=[0-9a-z]{8,9}"\]$/)
    expect(server.lint()).toEqual([])
  })

  it("refreshes once for ten tabs that wake on an expired token", async () => {
    await using scenario = await startScenario(browser)
    const { server, requests } = scenario
    const pages = [await scenario.signIn()]
    while (pages.length < 10) pages.push(await scenario.open())
    for (const page of pages) await statusIs(page, "ready")
    const before = requests.length
    server.clock.advance("2 hours")
    await Promise.all(pages.map((page) => sleep(page, 2)))
    expect(await snapshot(pages[0] as Page)).toMatchObject({ status: "stale" })
    const tokens = await Promise.all(pages.map(accessToken))
    expect(new Set(tokens).size).toBe(1)
    expect(grants(server)).toEqual([login, refreshed])
    expect(requests.slice(before)).toEqual(pages.map(() => "POST /auth/token"))
  })

  it("replaces a token that the API refuses, and repeats the request", async () => {
    await using scenario = await startScenario(browser)
    const { server, requests } = scenario
    const page = await scenario.signIn()
    const first = await accessToken(page)
    server.revoke(first)
    const status = await page.evaluate(
      async (url) => (await window.backend.fetch(url)).status,
      `${server.url}/account`,
    )
    expect(status).toBe(200)
    expect(await accessToken(page)).not.toBe(first)
    expect(grants(server)).toEqual([login, refreshed])
    expect(requests.at(-1)).toMatch(/^POST \/auth\/token\?rejected=[\w-]{43}$/)
    expect(scenario.seen().split(first)).toHaveLength(2) // only in the response that brought it
  })

  it("informs the other tabs of a sign-out and of the next sign-in", async () => {
    await using scenario = await startScenario(browser)
    const first = await scenario.signIn()
    const second = await scenario.open()
    await statusIs(second, "ready")
    await first.getByRole("button", { name: "Sign out" }).click()
    await statusIs(first, "signedOut")
    await statusIs(second, "signedOut")
    expect(await snapshot(first)).toEqual({ status: "signedOut", reason: "logout" })
    expect(await snapshot(second)).toEqual({ status: "signedOut", reason: "elsewhere" })
    await first.reload()
    await statusIs(first, "signedOut")
    expect(await snapshot(first)).toEqual({ status: "signedOut", reason: "initial" })
    await second.getByRole("button", { name: "Sign in" }).click()
    await statusIs(second, "ready")
    await statusIs(first, "ready")
    expect(await accessToken(first)).toBe(await accessToken(second))
  })

  it("ends a login if the page is shown again as the user left it", async () => {
    await using scenario = await startScenario(browser)
    const { context } = scenario
    const page = await scenario.open()
    await statusIs(page, "signedOut")
    // A response without content leaves the page where it is, as when the browser restores it from its cache.
    await context.route("**/auth/login?*", (route) => route.fulfill({ status: 204 }))
    await page.evaluate(() => window.backend.login())
    await page.evaluate(() => window.backend.login())
    expect(await snapshot(page)).toEqual({ status: "signingIn", method: "redirect" })
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })))
    await statusIs(page, "signedOut")
    await context.unroute("**/auth/login?*")
  })

  it("keeps requesting the session after a login that was started before the backend responded", async () => {
    await using scenario = await startScenario(browser)
    const { context } = scenario
    await context.clock.install()
    await context.route("**/auth/login?*", (route) => route.fulfill({ status: 204 }))
    await context.route("**/auth/token", (route) => route.abort())
    const page = await scenario.open()
    await page.evaluate(() => window.backend.login())
    expect(await snapshot(page)).toEqual({ status: "signingIn", method: "redirect" })
    // The request that was repeated in the meantime is over.
    await page.clock.runFor(9_000)
    await context.unroute("**/auth/token")
    await page.clock.runFor(1_000)
    await statusIs(page, "signedOut")
  })

  it("starts no login by itself where the app clears localStorage at the sign-out", async () => {
    await using scenario = await startScenario(browser)
    const page = await scenario.open("/private/7")
    await statusIs(page, "ready")
    await page.evaluate(() => window.backend.logout().then(() => localStorage.clear()))
    await page.reload()
    await page.getByRole("button", { name: "Sign in" }).waitFor()
    expect(logins(scenario)).toHaveLength(1)
    await page.getByRole("button", { name: "Sign in" }).click()
    await statusIs(page, "ready")
    expect(await page.evaluate(() => window.backend.hasLoggedOut?.())).toBe(false)
  })

  it("knows in the other tabs of a sign-out where the app clears localStorage", async () => {
    await using scenario = await startScenario(browser)
    const page = await scenario.open("/private/7")
    await statusIs(page, "ready")
    const other = await scenario.open("/private/7")
    await statusIs(other, "ready")
    await page.evaluate(() => window.backend.logout().then(() => localStorage.clear()))
    await other.getByRole("button", { name: "Sign in" }).waitFor()
    await expect.poll(() => other.evaluate(() => localStorage.getItem("ellipsis-oauth /auth"))).toBe(null)
    await other.reload()
    await other.getByRole("button", { name: "Sign in" }).waitFor()
    expect(logins(scenario)).toHaveLength(1)
    await page.getByRole("button", { name: "Sign in" }).click()
    for (const tab of [page, other]) {
      await statusIs(tab, "ready")
      expect(await tab.evaluate(() => window.backend.hasLoggedOut?.())).toBe(false)
    }
  })

  it("begins no login without a network, and says why", async () => {
    await using scenario = await startScenario(browser)
    const { context, origin } = scenario
    const page = await scenario.open()
    await statusIs(page, "signedOut")
    await context.setOffline(true)
    const error = { _tag: "TransportError", reason: "offline" }
    const failure = await page.evaluate(() =>
      window.backend.login().catch(({ _tag, reason }) => ({ _tag, reason })),
    )
    expect(failure).toEqual(error)
    expect(await snapshot(page)).toMatchObject({ status: "signedOut", reason: "initial" })
    expect(page.url()).toBe(`${origin}/`)
    await context.setOffline(false)
    await page.getByRole("button", { name: "Sign in" }).click()
    await statusIs(page, "ready")
  })

  it("sends a page that needs a login there, once, and comes back to it", async () => {
    await using scenario = await startScenario(browser)
    const page = await scenario.open("/private/7?zoom=3")
    await statusIs(page, "ready")
    await page.getByRole("button", { name: "Sign out" }).waitFor()
    expect(page.url()).toBe(`${scenario.origin}/private/7?zoom=3`)
    expect(logins(scenario)).toHaveLength(1)
  })

  it("starts no login by itself after a sign-out: in no tab, and after no reload", async () => {
    await using scenario = await startScenario(browser)
    const { context } = scenario
    const first = await scenario.signIn()
    await first.goto(`${scenario.origin}/private/7`)
    const second = await scenario.open("/private/7")
    // Hears of no other tab, as where its news is on the way.
    await context.addInitScript("delete window.BroadcastChannel")
    const third = await scenario.open("/private/7")
    for (const page of [first, second, third]) await statusIs(page, "ready")
    const before = logins(scenario).length
    await first.getByRole("button", { name: "Sign out" }).click()
    await third.evaluate(() => window.backend.getAccessToken({ force: true }).catch(() => {}))
    for (const page of [first, second, third]) await page.getByRole("button", { name: "Sign in" }).waitFor()
    expect(await snapshot(third)).toMatchObject({ status: "signedOut", reason: "elsewhere" })
    for (const page of [first, second, third]) {
      await page.reload()
      await page.getByRole("button", { name: "Sign in" }).waitFor()
    }
    expect(logins(scenario)).toHaveLength(before)
    await first.getByRole("button", { name: "Sign in" }).click()
    await statusIs(first, "ready")
    expect(await first.evaluate(() => window.backend.hasLoggedOut?.())).toBe(false)
  })

  it.each([
    ["left by the back button", (page: Page) => page.goBack()],
    ["left for another page", (page: Page, origin: string) => page.goto(`${origin}/private/7`)],
  ])("offers a login that was %s, and starts none", async (_, leave) => {
    await using scenario = await startScenario(browser)
    const { context, origin } = scenario
    await context.route("**/auth/login?*", (route) =>
      route.fulfill({ contentType: "text/html", body: "<h1>Sign in</h1>" }),
    )
    const page = await context.newPage()
    await page.goto(`${origin}/private/7`, { waitUntil: "commit" })
    await page.getByRole("heading", { name: "Sign in" }).waitFor()
    await leave(page, origin)
    await page.getByRole("button", { name: "Sign in" }).waitFor()
    expect(await page.getByRole("alert").textContent()).toContain("was not finished")
    expect(logins(scenario)).toHaveLength(1)
    await context.unrouteAll()
    await page.getByRole("button", { name: "Sign in" }).click()
    await statusIs(page, "ready")
    expect(page.url()).toBe(`${origin}/private/7`)
  })

  it("keeps the user signed in while the backend is down, at load or later, and goes on afterwards", async () => {
    await using scenario = await startScenario(browser)
    const { context, server } = scenario
    const page = await scenario.signIn()
    await context.route("**/auth/token", (route) => route.abort())
    const late = await scenario.open()
    await expect.poll(() => late.getByText("one moment").isVisible()).toBe(true)
    server.clock.advance("2 hours")
    await sleep(page, 2)
    await expect(accessToken(page)).rejects.toThrow("could not be reached")
    expect(await snapshot(page)).toMatchObject({ status: "stale", refresh: { phase: "failed" } })
    expect(await page.getByRole("button", { name: "Sign out" }).isVisible()).toBe(true)
    expect(await snapshot(late)).toEqual({ status: "restoring" })
    await context.unroute("**/auth/token")
    await statusIs(late, "ready")
    await expect.poll(() => accessToken(page).catch(() => "")).toBe(await accessToken(late))
    expect(grants(server)).toEqual([login, refreshed])
  })

  it("comes back to a page without its query where that is too long for the login", async () => {
    await using scenario = await startScenario(browser)
    const page = await scenario.signIn(`/maps/7?${"q".repeat(3000)}`)
    expect(page.url()).toBe(`${scenario.origin}/maps/7`)
  })
})
