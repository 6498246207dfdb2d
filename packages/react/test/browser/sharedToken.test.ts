/** `local` storage without the refresh token: the tab that has it in memory, and those that have the access token alone. */
import type { Page } from "playwright-core"
import { afterAll, describe, expect, it } from "vitest"
import { launchChromium } from "../../../mock-server/test/chromium.js"
import { grants, snapshot, startScenario, statusIs } from "./scenario.js"

const browser = await launchChromium()
afterAll(() => browser?.close())

const login = "authorization_code granted"
const refresh = "refresh_token granted"

const moveClock = (page: Page, milliseconds: number) =>
  page.evaluate((ahead) => {
    window.ahead = ahead
  }, milliseconds)

const wake = (page: Page) => page.evaluate(() => void dispatchEvent(new Event("focus")))

const peek = (page: Page) => page.evaluate(() => window.client.peekAccessToken())

const minute = 60_000

/** The tab finds its token expired, and removes it where all tabs read. */
const expire = async (page: Page) => {
  await moveClock(page, 61 * minute)
  await wake(page)
  await statusIs(page, "signedOut")
  await wake(page)
  const stored = () => page.evaluate(() => JSON.stringify({ ...localStorage }))
  await expect.poll(stored).not.toContain("accessToken")
}

describe.skipIf(browser === undefined)(
  "a refresh token in one tab alone, in Chromium",
  { timeout: 60_000 },
  () => {
    it("stays good there when the access token has ended in another tab, and renews it for both", async () => {
      await using scenario = await startScenario(browser, { options: { storage: "local" } })
      const { server } = scenario
      const keeper = await scenario.signIn()
      const other = await scenario.open()
      await statusIs(other, "ready")
      await expire(other)
      expect(await snapshot(other)).toMatchObject({ reason: "expired" })
      await wake(keeper)
      expect(await snapshot(keeper)).toMatchObject({ status: "ready" })
      await moveClock(other, 0)
      const renewed = await keeper.evaluate(() => window.client.getAccessToken({ force: true }))
      await statusIs(other, "ready")
      await expect.poll(() => peek(other)).toBe(renewed)
      expect(grants(server)).toEqual([login, refresh])
    })

    it("stays good when the other tab had an earlier one of its own", async () => {
      await using scenario = await startScenario(browser, { options: { storage: "local" } })
      const { server } = scenario
      const other = await scenario.signIn()
      const keeper = await scenario.open()
      await statusIs(keeper, "ready")
      const first = await peek(keeper)
      await keeper.evaluate(() => window.client.login())
      await expect.poll(() => grants(server)).toEqual([login, login])
      await statusIs(keeper, "ready")
      // Until it has the token of the new login, a tab may go on with the earlier one.
      for (const page of [keeper, other]) {
        await expect.poll(async () => [undefined, first].includes(await peek(page))).toBe(false)
      }
      expect(await peek(other)).toBe(await peek(keeper))
      await expire(other)
      await wake(keeper)
      expect(await snapshot(keeper)).toMatchObject({ status: "ready" })
      await keeper.evaluate(() => window.client.getAccessToken({ force: true }))
      expect(grants(server)).toEqual([login, login, refresh])
    })

    it("is used for a visible tab that asks, while its own is hidden", async () => {
      await using scenario = await startScenario(browser, { options: { storage: "local" } })
      const { server } = scenario
      const keeper = await scenario.signIn()
      const other = await scenario.open()
      await statusIs(other, "ready")
      await keeper.evaluate(() => {
        Object.defineProperty(document, "hidden", { configurable: true, value: true })
        document.dispatchEvent(new Event("visibilitychange"))
      })
      const before = await peek(other)
      server.clock.advance(59.5 * minute)
      for (const page of [keeper, other]) await moveClock(page, 59.5 * minute)
      await wake(other)
      await expect.poll(async () => [undefined, before].includes(await peek(other))).toBe(false)
      expect(grants(server)).toEqual([login, refresh])
    })

    it("goes with a sign-out in the other tab", async () => {
      await using scenario = await startScenario(browser, { options: { storage: "local" } })
      const keeper = await scenario.signIn()
      const other = await scenario.open()
      await statusIs(other, "ready")
      await expire(other)
      await other.evaluate(() => window.client.logout())
      await statusIs(keeper, "signedOut")
      await keeper.reload()
      await statusIs(keeper, "signedOut")
    })
  },
)
