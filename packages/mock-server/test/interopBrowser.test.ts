import { afterAll, describe, expect, it } from "vitest"
import { createMockServer } from "../src/index.js"
import "../src/vitest.js"
import { launchChromium } from "./chromium.js"
import { serveWebPage } from "./serveWebPage.js"

const browser = await launchChromium()
afterAll(() => browser?.close())

describe.skipIf(browser === undefined)("react-oauth2-code-pkce, in Chromium", () => {
  it.each(["off", "always"] as const)("logs in and refreshes, rotation %s", async (rotation) => {
    await using site = await serveWebPage("reactPage.jsx")
    await using server = await createMockServer({
      codeParameter: "code",
      rotation,
      clients: [{ clientId: "spa", redirectUris: [`${site.origin}/callback`] }],
      cors: [site.origin],
    }).listen()
    const context = await browser?.newContext()
    const page = await context?.newPage()
    if (page === undefined) throw new Error("no browser")
    const tokenOtherThan = async (previous: string) => {
      const shown = async () => (await page.locator("output").textContent()) ?? ""
      const isAnother = (text: string) => text !== previous && /^[\w-]{40}$/.test(text)
      await expect.poll(shown).toSatisfy(isAnother)
      return shown()
    }
    await page.clock.install()
    await page.goto(`${site.origin}/#${server.url}`)
    await page.getByRole("button", { name: "Log in" }).click()
    const first = await tokenOtherThan("")

    // The client refreshes by itself, at most 30 seconds before the end.
    server.clock.advance("59.6 minutes")
    await page.clock.fastForward("59:36")
    await tokenOtherThan(first)
    await context?.close()

    expect(server).toHaveIssuedCode("spa")
    expect(server).toHaveRefreshedOnce()
    expect(server).toHaveCleanLint()
    expect(new URL(page.url()).pathname).toBe("/callback")
  })
})
