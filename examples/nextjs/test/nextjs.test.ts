/** The example on a real Next.js server, in Chromium. */
import { join } from "node:path"
import type { Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { axeViolations } from "../../../packages/mock-server/test/axeViolations.js"
import { launchChromium } from "../../../packages/mock-server/test/chromium.js"
import { type NextServer, startNext } from "./NextServer.js"

const browser = await launchChromium()
afterAll(() => browser?.close())

/** Milliseconds. Next.js compiles each page and each route when it is asked for first. */
const patience = 120_000

/** What goes wrong in the page, a failed hydration among it. */
const complaintsOf = (page: Page): readonly string[] => {
  const complaints: string[] = []
  page.on("pageerror", (error) => complaints.push(String(error)))
  page.on("console", (message) => {
    const isExpected = message.text().includes("401") // whether somebody is signed in: nobody is
    if (["warning", "error"].includes(message.type()) && !isExpected) complaints.push(message.text())
  })
  return complaints
}

describe.skipIf(browser === undefined)("Next.js, App Router", { timeout: 2 * patience }, () => {
  let next: NextServer

  beforeAll(async () => {
    next = await startNext()
  }, patience)
  afterAll(() => next?.[Symbol.asyncDispose]())

  it("renders what is not known yet on the server, and hydrates it without a complaint; the login works", async () => {
    if (browser === undefined) return
    const { origin, mock } = next
    await using context = await browser.newContext()
    context.setDefaultTimeout(patience)
    const page = await context.newPage()
    const complaints = complaintsOf(page)

    const first = await (await page.goto(origin))?.text()
    expect(first).toContain("<section><p>One moment…</p></section>")
    await page.getByRole("button", { name: "Sign in" }).click()
    await page.getByText("Signed in as demo").waitFor()
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
    expect(third).toContain("somebody who is not signed in")
    expect(complaints).toEqual([])
    expect(mock.lint()).toEqual([])
  })

  it("has nothing for axe to find, signed out and in, wide and narrow, light and dark", async () => {
    if (browser === undefined) return
    await using context = await browser.newContext()
    context.setDefaultTimeout(patience)
    const page = await context.newPage()
    const inEveryLook = async (state: string) => {
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme })
        for (const width of [1280, 390]) {
          await page.setViewportSize({ width, height: 700 })
          const name = `${state}-${colorScheme}-${width}`
          await page.screenshot({ path: join(import.meta.dirname, "screenshots", `${name}.png`) })
          expect(await axeViolations(page), name).toEqual([])
        }
      }
    }
    await page.goto(next.origin)
    const signIn = page.getByRole("button", { name: "Sign in" })
    await signIn.waitFor()
    await inEveryLook("signed-out")
    await signIn.click()
    await page.getByText("Signed in as demo").waitFor()
    await inEveryLook("signed-in")
  })
})
