/** React around the real browser client, in Chromium: StrictMode, remounts, and how often a refresh renders. */
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import { afterAll, describe, expect, it } from "vitest"
import { launchChromium } from "../../../mock-server/test/chromium.js"
import { grants, startScenario, statusIs } from "../browser/scenario.js"

/** In development, where StrictMode does everything twice. */
const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL("strictModePage.tsx", import.meta.url))],
  bundle: true,
  write: false,
  jsx: "automatic",
  conditions: ["@ellipsis-oauth/source"],
  define: { "process.env.NODE_ENV": '"development"' },
})
const content = outputFiles[0]?.text ?? ""

const browser = await launchChromium()
afterAll(() => browser?.close())

const login = "authorization_code granted"

describe.skipIf(browser === undefined)("React around createBrowserTokenClient", { timeout: 60_000 }, () => {
  it("exchanges the code once, under StrictMode and if it is mounted again during the exchange", async () => {
    await using scenario = await startScenario(browser)
    const { server, context } = scenario
    const page = await scenario.open()
    await statusIs(page, "signedOut")
    await context.addInitScript(() => {
      window.manual = true
    })
    const exchange = server.faults.hold(1)
    await page.getByRole("button", { name: "redirect" }).click()
    await page.waitForURL("**/callback?*")
    await page.waitForFunction("window.client")
    await page.addScriptTag({ content })
    await page.evaluate(() => window.mountReact())
    await exchange.full
    await page.evaluate(() => {
      window.unmountReact()
      window.mountReact()
    })
    expect(await page.locator("output").textContent()).toMatch(/restoring|exchanging/)
    exchange.release()
    await statusIs(page, "ready")
    await expect.poll(() => page.locator("output").textContent()).toBe("ready")
    expect(grants(server)).toEqual([login])
    expect(server.lint()).toEqual([])
  })

  it("does not render readers of the status in a silent refresh, and renders readers of the token once", async () => {
    await using scenario = await startScenario(browser)
    const page = await scenario.signIn()
    await page.addScriptTag({ content })
    await page.evaluate(() => window.mountReact())
    await expect.poll(() => page.getByText("a token").isVisible()).toBe(true)
    const counts = async () => ({ ...(await page.evaluate(() => window.renders)) })
    const before = await counts()
    const states = await page.evaluate(async () => {
      window.states.length = 0
      const seen: string[] = []
      const stop = window.client.subscribe(() => seen.push(JSON.stringify(window.client.getSnapshot())))
      await window.client.getAccessToken({ force: true })
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
      stop()
      return seen
    })
    // There was something to render.
    expect(states.length).toBeGreaterThan(1)
    expect(grants(scenario.server)).toEqual([login, "refresh_token granted"])
    const { status, actions, accessToken } = await counts()
    expect(status - before.status).toBe(0)
    expect(actions - before.actions).toBe(0)
    // StrictMode calls a component twice for each render.
    expect(accessToken - before.accessToken).toBe(2)
  })
})
