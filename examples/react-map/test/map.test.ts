/** The example in Chromium, as a developer would try it. */
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { AccessTokenNode, MockServer, RefreshTokenNode } from "@ellipsis-oauth/mock-server"
import { buildApp, type RunningMap, startMap } from "example-map-app/server"
import { approve, grantsAre, MapPage } from "example-map-app/testing"
import type { BrowserContext } from "playwright-core"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { axeViolations } from "../../../packages/mock-server/test/axeViolations.js"
import { launchChromium } from "../../../packages/mock-server/test/chromium.js"
import { options } from "../options.js"

const browser = await launchChromium()
afterAll(() => browser?.close())

const login = "authorization_code granted"
const refreshed = "refresh_token granted"

const viewport = { width: 960, height: 600 }
const polling = { timeout: 20_000, interval: 50 }

const screenshot = (map: MapPage, name: string) =>
  map.page.screenshot({ path: join(import.meta.dirname, "screenshots", `${name}.png`) })

describe.skipIf(browser === undefined)("a map over the browser client", { timeout: 120_000 }, () => {
  let map: RunningMap
  let context: BrowserContext
  const errors: string[] = []

  beforeAll(async () => {
    map = await startMap(options)
  }, 60_000)
  afterAll(() => map?.[Symbol.asyncDispose]())

  beforeEach(async () => {
    if (browser === undefined) return
    context = await browser.newContext({ viewport })
    context.on("weberror", (error) => errors.push(String(error.error())))
  })
  afterEach(async () => {
    await context.close()
    map.mock.reset()
    map.mapData.log.length = 0
    expect(errors.splice(0)).toEqual([])
  })

  it("shows a layer after a login, leaves it alone at a refresh and offline, and signs all tabs out", async () => {
    const { mapData } = map
    const first = await MapPage.open(context, map)
    await first.signIn.waitFor()
    await first.isComplete()
    await screenshot(first, "signed-out")
    const outlines = await first.sea()
    expect(mapData.log).toEqual([])

    await first.signInByRedirect()
    expect(first.page.url()).toBe(`${map.origin}/`)
    const layer = await first.sea()
    expect(layer).not.toBe(outlines)
    expect(mapData.log).toContainEqual(expect.stringMatching(/^200 \/tiles\//))
    await screenshot(first, "light")

    const loaded = [...mapData.log]
    const canvas = await first.page.locator("canvas").elementHandle()
    await first.sleep(70_000)
    await grantsAre(map, [login, refreshed])
    await expect.poll(() => first.clock.textContent(), polling).toMatch(/^(2:00|1:5)/)
    expect(await canvas?.evaluate((element) => element.isConnected)).toBe(true)
    expect(await first.sea()).toBe(layer)
    expect(mapData.log).toEqual(loaded)
    await first.goElsewhere()
    expect(refused(map)).toEqual([])

    await context.setOffline(true)
    await first.page.getByText("You are offline.").waitFor()
    expect(await first.signOut.isVisible()).toBe(true)
    await context.setOffline(false)
    await first.page.getByText("You are offline.").waitFor({ state: "hidden" })

    const second = await MapPage.open(context, map)
    await second.signOut.click()
    await first.page.getByText("You signed out in another tab.").waitFor()
    await second.page.getByText("You signed out.", { exact: true }).waitFor()
    expect(await first.page.getByText("Dogger Bank").count()).toBe(0)
    await grantsAre(map, [login, refreshed])
  })

  it("signs in by a window of its own, fills holes with another token, and shows itself and its devtools", async () => {
    const { mock, mapData } = map
    const surface = await MapPage.open(context, map)
    const opened = surface.page.waitForEvent("popup")
    await surface.page.evaluate(() => Object.assign(window, { isTheSame: true }))
    await surface.page.getByRole("button", { name: "In a window" }).click()
    const popup = await opened
    await Promise.all([popup.waitForEvent("close"), approve(popup)])
    await surface.isSignedIn()
    expect(await surface.page.evaluate(() => "isTheSame" in window)).toBe(true)

    mapData.log.length = 0
    for (const { token } of accessTokens(mock)) mock.revoke(token)
    await surface.page.setViewportSize({ width: 960, height: 1000 })
    await grantsAre(map, [login, refreshed])
    await expect.poll(() => holes(map), polling).toEqual([])
    expect(refused(map)).toContainEqual(expect.stringContaining("/tiles/4/"))
    await surface.page.setViewportSize(viewport)

    const background = () =>
      surface.page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
    const light = await background()
    await surface.page.emulateMedia({ colorScheme: "dark" })
    await expect.poll(background, polling).not.toBe(light)
    await surface.isComplete()
    await screenshot(surface, "dark")
    await surface.page.getByRole("button", { name: "Light", exact: true }).click()
    await expect.poll(background, polling).toBe(light)

    await surface.page.getByRole("button", { name: "Devtools" }).click()
    const panel = surface.page.getByRole("region", { name: "Token devtools" })
    await panel.getByText("Tabs with this panel").waitFor()
    await screenshot(surface, "devtools")
    const shown = (await panel.textContent()) ?? ""
    for (const { token } of accessTokens(mock)) expect(shown).not.toContain(token)

    // A token that is refused within ten seconds of the last refusal is not dead.
    await surface.sleep(11_000)
    // One more token is tried on tiles that none opens, and that is all.
    const asked: string[] = []
    await surface.page.route(`${mapData.origin}/tiles/**`, async (route) => {
      asked.push(route.request().url())
      await route.fulfill({ status: 401, headers: { "access-control-allow-origin": "*" } })
    })
    await surface.page.getByRole("button", { name: "Ionian Sea" }).click()
    await grantsAre(map, [login, refreshed, refreshed])
    await surface.isComplete()
    await surface.page.getByRole("button", { name: "Iceland Basin" }).click()
    await surface.isComplete()
    const [first] = asked
    expect(asked.filter((url) => url === first).length).toBeLessThanOrEqual(3)
    await grantsAre(map, [login, refreshed, refreshed])
  })

  it("takes a user from a login by the drive's picker to a layer that stays on the map when the token rotates", async () => {
    const { mock } = map
    const surface = await MapPage.open(context, map)
    const { page } = surface
    const drive = page.locator(".drive")
    const button = (name: string) => drive.getByRole("button", { name })
    const opened = page.waitForEvent("popup")
    await button("Log in").click()
    const popup = await opened
    await Promise.all([popup.waitForEvent("close"), approve(popup)])
    await surface.isSignedIn()
    const without = await surface.sea()

    await button("My Drive").click()
    await button("Demo raster layer").click()
    await drive.getByText("On the map: Demo raster layer").waitFor()
    await expect.poll(() => surface.sea(), polling).not.toBe(without)
    await surface.isComplete()
    const layer = await surface.sea()
    await screenshot(surface, "drive-raster")

    // The token rotates; the layer stays, and what the map needs next comes with the new token.
    await surface.sleep(70_000)
    await grantsAre(map, [login, refreshed])
    await surface.isComplete()
    expect(await surface.sea()).toBe(layer)
    const before = tilesOf(mock).length
    await page.getByRole("button", { name: "Ionian Sea" }).click()
    await expect.poll(() => tilesOf(mock).length, polling).toBeGreaterThan(before)
    await surface.isComplete()

    // A vector layer, in a folder that is listed with the new token, and once more after the next rotation.
    await button("Demo folder").click()
    await button("Demo vector layer").click()
    await drive.getByText("On the map: Demo vector layer").waitFor()
    await expect.poll(() => featureRequests(mock).length, polling).toBeGreaterThan(0)
    await surface.sleep(70_000)
    await grantsAre(map, [login, refreshed, refreshed])
    const requests = featureRequests(mock).length
    await button("Remove").click()
    await button("Demo vector layer").click()
    await expect.poll(() => featureRequests(mock).length, polling).toBeGreaterThan(requests)
    await surface.isComplete()

    const drives = mock.log.filter(({ endpoint, method }) => endpoint === "path" && method === "GET")
    expect(drives.filter(({ status }) => status !== 200)).toEqual([])
    expect(drives.filter(({ parameters }) => "token" in parameters)).toEqual([])
    expect(mock.lint()).toEqual([])
    await button("Remove").click()
    await surface.signOut.click()
    await button("Log in").waitFor()
    expect(await button("My Drive").count()).toBe(0)
  })

  it("has nothing for axe to find: signed out and in, wide and narrow, light and dark", async () => {
    const surface = await MapPage.open(context, map)
    const { page } = surface
    await surface.signIn.waitFor()
    await surface.isComplete()
    await surface.inEveryLook(async (name) => {
      await screenshot(surface, `signed-out-${name}`)
      expect(await axeViolations(page), name).toEqual([])
    })
    await surface.signInByRedirect()
    await page.getByRole("button", { name: "My Drive" }).click()
    await page.getByRole("button", { name: "Demo folder" }).click()
    await page.getByRole("button", { name: "Demo raster layer" }).click()
    await page.getByRole("button", { name: "Demo vector layer" }).waitFor()
    await surface.inEveryLook(async (name) => {
      await screenshot(surface, `signed-in-${name}`)
      expect(await axeViolations(page), name).toEqual([])
    })
  })

  it("is built for publishing with MapLibre's worker", async () => {
    const folder = await mkdtemp(join(tmpdir(), "react-map-"))
    try {
      const env = { VITE_DRIVE_URL: map.mock.url, VITE_MAP_DATA_URL: map.mapData.origin }
      await buildApp({ root: options.root, env }, folder)
      const page = await context.newPage()
      await context.route("http://localhost:1/**", async (route) => {
        const { pathname } = new URL(route.request().url())
        await route.fulfill({ path: join(folder, pathname === "/" ? "index.html" : pathname) })
      })
      await page.goto("http://localhost:1/")
      // The outlines are drawn by the worker.
      await page.locator('.map[aria-busy="false"]').waitFor({ timeout: 60_000 })
      await page.getByRole("button", { name: "Sign in", exact: true }).waitFor()
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

/** Requests for the drive's tiles. */
const tilesOf = ({ log }: MockServer) => log.filter(({ path }) => path.includes("/tile/"))

/** Requests for the drive's features. */
const featureRequests = ({ log }: MockServer) => log.filter(({ path }) => path.endsWith("/featuresByTiles"))

const accessTokens = ({ families }: MockServer): readonly AccessTokenNode[] => {
  const below = ({ accessTokens, children }: RefreshTokenNode): readonly AccessTokenNode[] => [
    ...accessTokens,
    ...children.flatMap(below),
  ]
  return families.flatMap(({ refreshTokens }) => refreshTokens.flatMap(below))
}

const refused = ({ mapData }: RunningMap): readonly string[] =>
  mapData.log.filter((entry) => entry.startsWith("401 "))

/** The tiles that were refused and have not come since. Those of other levels only stood in for them. */
const holes = ({ mapData: { log } }: RunningMap): readonly string[] =>
  log.filter(
    (entry, index) =>
      entry.startsWith("401 /tiles/4/") && !log.slice(index).includes(entry.replace("401", "200")),
  )
