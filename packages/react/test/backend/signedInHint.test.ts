/** Visitors who are not signed in: silent and fast, and nobody who is signed in is taken for one. In Chromium. */
import type { Page } from "playwright-core"
import { afterAll, describe, expect, it } from "vitest"
import { launchChromium } from "../../../mock-server/test/chromium.js"
import { type Scenario, snapshot, startScenario, statusIs } from "./scenario.js"

const browser = await launchChromium()
afterAll(() => browser?.close())

const asked = ({ requests }: Scenario) =>
  requests.filter((request) => request.startsWith("POST /auth/token")).length

/** Everything that a browser's console shows as an error or a warning. */
const watchConsole = ({ context }: Scenario): readonly string[] => {
  const lines: string[] = []
  context.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) lines.push(message.text())
  })
  return lines
}

/** As a tool for consent does, which removes the cookies that it can read. */
const removeReadableCookies = (page: Page) =>
  page.evaluate(() => {
    for (const pair of document.cookie.split("; ")) {
      // biome-ignore lint/suspicious/noDocumentCookie: as such a tool does
      document.cookie = `${pair.split("=")[0]}=; Path=/; Max-Age=0`
    }
  })

const signOut = (page: Page) => page.getByRole("button", { name: "Sign out" }).click()

describe.skipIf(browser === undefined)("a visitor who is not signed in", { timeout: 60_000 }, () => {
  it("leaves nothing in the console, and requests the backend once, not at each visit", async () => {
    await using scenario = await startScenario(browser)
    const lines = watchConsole(scenario)
    const page = await scenario.open()
    await statusIs(page, "signedOut")
    expect(await snapshot(page)).toEqual({ status: "signedOut", reason: "initial" })
    for (let visit = 0; visit < 3; visit++) {
      await page.reload()
      await statusIs(page, "signedOut")
    }
    const other = await scenario.open("/another/page")
    await statusIs(other, "signedOut")
    expect(asked(scenario)).toBe(1)
    expect(lines).toEqual([])
  })

  it("makes no request after a sign-out either, in any tab", async () => {
    await using scenario = await startScenario(browser)
    const lines = watchConsole(scenario)
    const page = await scenario.signIn()
    const other = await scenario.open()
    await statusIs(other, "ready")
    await signOut(page)
    await statusIs(other, "signedOut")
    const before = asked(scenario)
    for (const tab of [page, other]) {
      await tab.reload()
      await statusIs(tab, "signedOut")
      await tab.evaluate(() => dispatchEvent(new Event("focus")))
    }
    expect(asked(scenario)).toBe(before)
    expect(lines).toEqual([])
  })

  it("sends one more request after the session has ended at the provider or in the store", async () => {
    await using scenario = await startScenario(browser)
    const lines = watchConsole(scenario)
    const page = await scenario.signIn()
    scenario.server.clock.advance("8 days")
    await page.reload()
    await statusIs(page, "signedOut")
    const before = asked(scenario)
    await page.reload()
    await statusIs(page, "signedOut")
    expect(asked(scenario)).toBe(before)
    expect(lines).toEqual([])
  })

  it("is noticed without storage too, with one request for each page", async () => {
    await using scenario = await startScenario(browser)
    const lines = watchConsole(scenario)
    await scenario.context.addInitScript(
      "Object.defineProperty(window, 'localStorage', { get() { throw new Error('denied') } })",
    )
    const page = await scenario.open()
    await statusIs(page, "signedOut")
    await page.reload()
    await statusIs(page, "signedOut")
    expect(asked(scenario)).toBe(2)
    expect(lines).toEqual([])
  })
})

describe.skipIf(browser === undefined)("a user who is signed in", { timeout: 60_000 }, () => {
  it("stays signed in when the cookie is lost, and gets it again", async () => {
    await using scenario = await startScenario(browser)
    const page = await scenario.open()
    await statusIs(page, "signedOut")
    await page.getByRole("button", { name: "Sign in" }).click()
    await statusIs(page, "ready")
    const hint = await page.evaluate(() => document.cookie)
    await removeReadableCookies(page)
    expect(await page.evaluate(() => document.cookie)).toBe("")
    await page.reload()
    await statusIs(page, "ready")
    expect(await page.evaluate(() => document.cookie)).toBe(hint)
  })

  it("stays signed in over a backend without that cookie, with one request for each page", async () => {
    await using scenario = await startScenario(browser)
    // As createAuthRoutes was before: neither the cookie nor the preference.
    await scenario.context.route("**/auth/**", async (route) => {
      const { prefer: _, ...headers } = route.request().headers()
      await route.continue({ headers })
    })
    await scenario.context.addInitScript(() => {
      Object.defineProperty(document, "cookie", { get: () => "" })
    })
    const page = await scenario.open()
    await statusIs(page, "signedOut")
    const before = asked(scenario)
    await page.reload()
    await statusIs(page, "signedOut")
    expect(asked(scenario)).toBe(before + 1)
    // By a link, of which the page knows nothing.
    await page.goto(`${scenario.origin}/auth/login?returnTo=/`)
    await statusIs(page, "ready")
    await page.reload()
    await statusIs(page, "ready")
  })

  it("is noticed after a login by a link, also in tabs that were signed out", async () => {
    await using scenario = await startScenario(browser)
    const other = await scenario.open()
    await statusIs(other, "signedOut")
    const page = await scenario.open()
    await statusIs(page, "signedOut")
    await page.goto(`${scenario.origin}/auth/login?returnTo=/maps`)
    await statusIs(page, "ready")
    await other.evaluate(() => dispatchEvent(new Event("focus")))
    await statusIs(other, "ready")
  })

  it("is not signed out by a damaged or foreign note of an earlier visit", async () => {
    await using scenario = await startScenario(browser)
    const page = await scenario.signIn()
    for (const value of ["null", "5", "{", '{"a":1}', "[]", '"x"', '""', "true"]) {
      await page.evaluate((item) => localStorage.setItem("ellipsis-oauth /auth signed-out", item), value)
      await page.reload()
      await statusIs(page, "ready")
    }
  })
})

describe.skipIf(browser === undefined)("a forged cookie", { timeout: 60_000 }, () => {
  it("causes one request, and signs nobody in", async () => {
    await using scenario = await startScenario(browser)
    const lines = watchConsole(scenario)
    const page = await scenario.open()
    await statusIs(page, "signedOut")
    await scenario.context.addCookies([{ name: "ellipsis-signed-in", value: "forged", url: scenario.origin }])
    const before = asked(scenario)
    for (let visit = 0; visit < 3; visit++) {
      await page.reload()
      await statusIs(page, "signedOut")
    }
    expect(asked(scenario)).toBe(before + 1)
    expect(lines).toEqual([])
  })
})

describe.skipIf(browser === undefined)("login and logout over a backend", { timeout: 60_000 }, () => {
  it("adds further parameters, and refuses the reserved ones first", async () => {
    await using scenario = await startScenario(browser)
    const page = await scenario.open()
    await statusIs(page, "signedOut")
    const error = await page.evaluate(() =>
      window.backend.login({ extra: { state: "x" } }).catch(({ _tag, option }) => [_tag, option]),
    )
    expect(error).toEqual(["ConfigurationError", "extra.state"])
    expect(await snapshot(page)).toEqual({ status: "signedOut", reason: "initial" })
    await page.evaluate(() => window.backend.login({ extra: { prompt: "login", ui_locales: "nl en" } }))
    await statusIs(page, "ready")
    const [sent] = scenario.server.log.filter(({ endpoint }) => endpoint === "authorize")
    expect(JSON.stringify(sent)).toContain("ui_locales")
  })

  it("a logout goes to returnTo, only within this app", async () => {
    await using scenario = await startScenario(browser)
    const page = await scenario.signIn("/maps")
    for (const returnTo of [
      "https://evil.example/",
      "//evil.example",
      "javascript:alert(1)",
      "\\\\evil.example",
    ]) {
      const error = await page.evaluate(
        (target) => window.backend.logout({ returnTo: target }).catch(({ _tag, option }) => [_tag, option]),
        returnTo,
      )
      expect(error).toEqual(["ConfigurationError", "returnTo"])
      await statusIs(page, "ready")
    }
    await page.evaluate(() => void window.backend.logout({ returnTo: "/bye?x=1#top" }))
    await page.waitForURL(`${scenario.origin}/bye?x=1#top`)
    await statusIs(page, "signedOut")
  })
})
