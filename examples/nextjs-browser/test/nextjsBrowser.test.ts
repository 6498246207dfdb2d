/** The example on real Next.js servers, in Chromium: logins that come back to a page which the router leaves, or not. */
import { dirname, join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { axeViolationsInEveryLook } from "../../../packages/mock-server/test/axeViolations.js"
import { launchChromium } from "../../../packages/mock-server/test/chromium.js"
import { buildPackages, complaintsOf, startNext } from "../../nextjs/test/NextServer.js"

const browser = await launchChromium()
afterAll(() => browser?.close())

/** Milliseconds. Next.js compiles each page when it is asked for first. */
const patience = 120_000

const folder = dirname(import.meta.dirname)

describe.skipIf(browser === undefined)("Next.js without a backend", { timeout: 3 * patience }, () => {
  beforeAll(buildPackages, 2 * patience)

  it.each([
    ["dev", "/"],
    ["dev", "/callback"],
    ["start", "/"],
    ["start", "/callback"],
  ] as const)(
    "next %s, back at %s: signed in, where the user was, by Next.js's router",
    async (mode, redirectPath) => {
      if (browser === undefined) return
      await using next = await startNext({ folder, mode, redirectPath, client: { clientId: "demo-spa" } })
      const { origin, mock } = next
      await using context = await browser.newContext()
      context.setDefaultTimeout(patience)
      const page = await context.newPage()
      const complaints = complaintsOf(page)
      const documents: string[] = []
      page.on("request", (request) => {
        if (request.isNavigationRequest() && request.url().startsWith(origin)) documents.push(request.url())
      })

      // A page for everybody, with a button.
      const first = await (await page.goto(`${origin}/home?tab=1`))?.text()
      expect(first).toContain("<h1>Home</h1><p>One moment…</p>")
      await page.getByRole("button", { name: "Sign in" }).click()
      await page.getByText("Signed in.").waitFor()
      await expect.poll(() => page.url()).toBe(`${origin}/home?tab=1`)
      await expect.poll(() => page.getByRole("heading").textContent()).toBe("Home")
      expect(documents).toEqual([
        `${origin}/home?tab=1`,
        expect.stringContaining(`${origin}${redirectPath}?code=`),
      ])

      // Next.js goes on from there, and the token stays.
      await page.getByRole("link", { name: "A map" }).click()
      await page.getByRole("heading", { name: "Map 8" }).waitFor()
      await page.getByText("Signed in.").waitFor()
      await page.goBack()
      await page.getByRole("heading", { name: "Home" }).waitFor()
      expect(page.url()).toBe(`${origin}/home?tab=1`)
      expect(documents).toHaveLength(2)

      // A page that needs a login begins it.
      documents.length = 0
      const second = await (await context.request.get(`${origin}/maps/7`)).text()
      expect(second).toContain("<p>One moment…</p>")
      expect(second).not.toContain("Signed in.")
      await page.goto(`${origin}/maps/7?layer=2#legend`)
      await page.getByText("Signed in.").waitFor()
      await expect.poll(() => page.url()).toBe(`${origin}/maps/7?layer=2#legend`)
      await expect.poll(() => page.getByRole("heading").textContent()).toBe("Map 7")
      expect(documents).toHaveLength(2)
      // Next.js sets the title of a page some time after it is shown.
      await expect.poll(() => page.title()).not.toBe("")
      const screenshots = join(import.meta.dirname, "screenshots")
      expect(await axeViolationsInEveryLook(page, screenshots, "signed-in")).toEqual([])
      await page.getByRole("button", { name: "Sign out" }).click()
      await page.getByRole("button", { name: "Sign in" }).waitFor()
      expect(await axeViolationsInEveryLook(page, screenshots, "signed-out")).toEqual([])

      expect(complaints).toEqual([])
      expect(mock.lint()).toEqual([])
    },
  )
})
