/** The browser client in Firefox: login, reload, one refresh for two tabs, and sign-out. */
import type { Page } from "puppeteer-core"
import { afterAll, describe, expect, it } from "vitest"
import { grants, startSite } from "../browser/scenario.js"
import { launchFirefox } from "./launchFirefox.js"

const browser = await launchFirefox()
afterAll(() => browser?.close())

const statusOf = (page: Page) =>
  page.evaluate(() => window.client?.getSnapshot().status).catch(() => undefined)

const statusIs = (page: Page, status: string) =>
  expect.poll(() => statusOf(page), { interval: 50 }).toBe(status)

const login = "authorization_code granted"
const refresh = "refresh_token granted"

describe.skipIf(browser === undefined)("in Firefox", { timeout: 120_000 }, () => {
  it.each([
    ["local", true],
    ["session", true],
    ["memory", false],
  ] as const)(
    "logs in, survives a reload, refreshes once, signs out: %s",
    async (storage, persistRefreshToken) => {
      await using site = await startSite({ options: { storage, persistRefreshToken } })
      const { origin, server } = site
      const context = await browser?.createBrowserContext()
      if (context === undefined) throw new Error("no browser")
      const open = async () => {
        const page = await context.newPage()
        await page.goto(`${origin}/maps?q=1#here`)
        await page.waitForFunction("window.client")
        return page
      }
      try {
        const page = await open()
        await statusIs(page, "signedOut")
        await page.evaluate(() => void window.client.login())
        await statusIs(page, "ready")
        await expect.poll(() => page.url()).toBe(`${origin}/maps?q=1#here`)
        expect(grants(server)).toEqual([login])
        if (storage !== "memory") {
          await page.reload()
          await statusIs(page, "ready")
          expect(grants(server)).toEqual([login])
        }

        const tabs = [page]
        if (storage === "local") {
          const other = await open()
          await statusIs(other, "ready")
          tabs.push(other)
        }
        const hours = 2 * 3_600_000
        server.clock.advance(hours)
        for (const tab of tabs) {
          await tab.evaluate((ahead) => {
            window.ahead = ahead
          }, hours)
        }
        const tokens = await Promise.all(
          tabs.map((tab) => tab.evaluate(() => window.client.getAccessToken())),
        )
        expect(new Set(tokens).size).toBe(1)
        expect(grants(server)).toEqual([login, refresh])
        const status = await page.evaluate(
          async (url) => (await window.client.fetch(url)).status,
          `${server.url}/account`,
        )
        expect(status).toBe(200)

        await page.evaluate(() => window.client.logout())
        for (const tab of tabs) await statusIs(tab, "signedOut")
        await page.reload()
        await statusIs(page, "signedOut")
        expect(server.lint()).toEqual([])
      } finally {
        await context.close()
      }
    },
  )
})
