/** Sign-outs that other tabs may miss: of a page that is left at once, of an app that clears the storage. In Chromium. */
import type { Page } from "playwright-core"
import { afterAll, describe, expect, it } from "vitest"
import { launchChromium } from "../../../mock-server/test/chromium.js"
import { bundle, type Scenario, snapshot, startScenario, statusIs } from "./scenario.js"

const browser = await launchChromium()
const withCache = await launchChromium({ ownDefaults: true })
afterAll(() => Promise.all([browser?.close(), withCache?.close()]))

const script = await bundle("requireLoginPage.tsx")

const visit = async ({ context, origin }: Scenario, path = "/maps/7") => {
  const page = await context.newPage()
  await page.goto(origin + path, { waitUntil: "commit" })
  await map(page).waitFor()
  return page
}

const offer = (page: Page) => page.getByRole("button", { name: "Sign in" })
const map = (page: Page) => page.getByRole("heading", { name: "A map" })
const logins = ({ server }: Scenario) => server.log.filter(({ endpoint }) => endpoint === "authorize").length
const isCleared = (page: Page) => expect.poll(() => page.evaluate(() => localStorage.length)).toBe(0)
const hasLoggedOut = (page: Page) => page.evaluate(() => window.client.hasLoggedOut?.())

const storages = ["memory", "session", "local"] as const

describe.skipIf(browser === undefined)("a sign-out", { timeout: 60_000 }, () => {
  it.each(storages)(
    "is known in its tab where the app clears all of the storage, storage %s",
    async (storage) => {
      await using scenario = await startScenario(browser, { script, options: { storage } })
      const page = await visit(scenario)
      const before = logins(scenario)
      await page.evaluate(async () => {
        await window.client.logout()
        localStorage.clear()
        sessionStorage.clear()
      })
      await page.reload()
      await offer(page).waitFor()
      expect(logins(scenario)).toBe(before)
      await offer(page).click()
      await map(page).waitFor()
      await page.reload()
      await map(page).waitFor()
      expect(await hasLoggedOut(page)).toBe(false)
    },
  )
})

describe.skipIf(browser === undefined)("a sign-out in another tab", { timeout: 60_000 }, () => {
  it.each(storages)(
    "is known after a reload where the app clears localStorage, storage %s",
    async (storage) => {
      await using scenario = await startScenario(browser, { script, options: { storage } })
      const page = await visit(scenario)
      const other = await visit(scenario)
      const before = logins(scenario)
      await page.evaluate(() => window.client.logout().then(() => localStorage.clear()))
      await offer(other).waitFor()
      expect(await snapshot(other)).toMatchObject({ status: "signedOut", reason: "elsewhere" })
      await isCleared(other)
      for (const tab of [page, other]) {
        await tab.reload()
        await offer(tab).waitFor()
        expect(await hasLoggedOut(tab)).toBe(true)
      }
      expect(logins(scenario)).toBe(before)
      await offer(other).click()
      await map(other).waitFor()
      expect(await hasLoggedOut(other)).toBe(false)
    },
  )

  it.each(storages)("arrives where its page is left at once, storage %s", async (storage) => {
    await using scenario = await startScenario(browser, {
      script,
      options: { storage, persistRefreshToken: true },
    })
    const page = await visit(scenario)
    const other = await visit(scenario)
    await page.evaluate(() => {
      void window.client.logout()
      localStorage.clear()
      location.href = "/goodbye"
    })
    await offer(other).waitFor()
    await isCleared(other)
    await other.reload()
    await offer(other).waitFor()
  })

  it.each(storages)("is known where the client was not mounted, storage %s", async (storage) => {
    await using scenario = await startScenario(browser, { options: { storage, persistRefreshToken: true } })
    const page = await scenario.signIn()
    const other = storage === "local" ? await scenario.open() : await scenario.signIn()
    await statusIs(other, "ready")
    await other.evaluate(() => window.unmount())
    await page.evaluate(() => window.client.logout())
    await other.evaluate(() => {
      window.unmount = window.client.mount()
    })
    await statusIs(other, "signedOut")
    expect(await snapshot(other)).toMatchObject({ reason: "elsewhere" })
  })

  it.each([
    ["session", "without a cache of pages", browser],
    ["session", "with the browser's cache of pages", withCache],
    ["memory", "with the browser's cache of pages", withCache],
  ] as const)("is known where the tab was at another site, storage %s, %s", async (storage, _, used) => {
    await using scenario = await startScenario(used, {
      script,
      options: { storage, persistRefreshToken: true },
    })
    const page = await visit(scenario)
    const other = await visit(scenario)
    await other.goto(scenario.origin.replace("localhost", "127.0.0.1"), { waitUntil: "commit" })
    await page.evaluate(() => window.client.logout())
    await other.goBack({ waitUntil: "commit" })
    await offer(other).waitFor()
    await statusIs(other, "signedOut")
  })
})
