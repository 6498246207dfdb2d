/** The example on a real Next.js server, in Chromium. */
import { dirname, join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { axeViolationsInEveryLook } from "../../../packages/mock-server/test/axeViolations.js"
import { launchChromium } from "../../../packages/mock-server/test/chromium.js"
import { buildPackages, complaintsOf, startNext } from "./NextServer.js"

const browser = await launchChromium()
afterAll(() => browser?.close())

/** Milliseconds. Next.js compiles each page and each route when it is asked for first. */
const patience = 120_000

const app = {
  folder: dirname(import.meta.dirname),
  redirectPath: "/auth/callback",
  client: { clientId: "demo-app", clientSecret: "demo-secret" },
}

describe.skipIf(browser === undefined)("Next.js, App Router", { timeout: 3 * patience }, () => {
  beforeAll(buildPackages, 2 * patience)

  it.each(["dev", "start"] as const)(
    "next %s: hydrates without a complaint, and the login works",
    async (mode) => {
      if (browser === undefined) return
      await using next = await startNext({ ...app, mode })
      const { origin, mock } = next
      await using context = await browser.newContext()
      context.setDefaultTimeout(patience)
      const page = await context.newPage()
      const complaints = complaintsOf(page)

      const first = await (await page.goto(origin))?.text()
      expect(first).toContain("<section><p>One moment…</p></section>")
      await page.getByRole("button", { name: "Sign in" }).waitFor()
      const screenshots = join(import.meta.dirname, "screenshots")
      // Next.js sets the title of a page some time after it is shown.
      await expect.poll(() => page.title()).not.toBe("")
      expect(await axeViolationsInEveryLook(page, screenshots, "signed-out")).toEqual([])
      await page.getByRole("button", { name: "Sign in" }).click()
      await page.getByText("Signed in as demo").waitFor()
      await expect.poll(() => page.title()).not.toBe("")
      expect(await axeViolationsInEveryLook(page, screenshots, "signed-in")).toEqual([])
      expect(page.url()).toBe(`${origin}/`)

      const second = await (await page.reload())?.text()
      expect(second).toContain("The server rendered this page for <!-- -->a user")
      expect(second).toContain("<section><p>One moment…</p></section>")
      await page.getByText("Signed in as demo").waitFor()
      for (const { token, accessTokens } of mock.families.flatMap(({ refreshTokens }) => refreshTokens)) {
        for (const secret of [token, ...accessTokens.map(({ token }) => token)])
          expect(second).not.toContain(secret)
      }

      await page.getByRole("button", { name: "Sign out" }).click()
      await page.getByRole("button", { name: "Sign in" }).waitFor()
      const third = await (await page.reload())?.text()
      expect(third).toContain("someone who is not signed in")

      // A page that the server renders for users alone.
      await page.goto(`${origin}/maps/7?layer=2`)
      await page.getByRole("heading", { name: "Map 7" }).waitFor()
      expect(page.url()).toBe(`${origin}/maps/7?layer=2`)
      await page.getByText("Signed in as demo").waitFor()
      expect(complaints).toEqual([])
      expect(mock.lint()).toEqual([])
    },
  )
})
