/** The example with its backend in Chromium: the same map, and nothing in the browser that lasts. */
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { RefreshTokenNode } from "@ellipsis-oauth/mock-server"
import { type RunningMap, startMap } from "example-map-app/server"
import { approve, grantsAre, MapPage } from "example-map-app/testing"
import type { BrowserContext } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { axeViolations } from "../../../packages/mock-server/test/axeViolations.js"
import { launchChromium } from "../../../packages/mock-server/test/chromium.js"
import { optionsFor } from "../options.js"

const browser = await launchChromium()
afterAll(() => browser?.close())

const login = "authorization_code granted"
const refreshed = "refresh_token granted"

/** All that comes into the browser: URLs, headers, and the bodies of what is neither code nor an image. */
const watch = async (context: BrowserContext): Promise<() => Promise<string>> => {
  const seen: Array<Promise<string>> = []
  context.on("response", (response) => {
    const headers = response.allHeaders().then((all) => JSON.stringify(all))
    seen.push(
      Promise.resolve(response.url()),
      headers.catch(() => ""),
    )
    const isAsset = ["script", "stylesheet", "image"].includes(response.request().resourceType())
    if (!isAsset) seen.push(response.text().catch(() => ""))
  })
  // Chromium does not keep for Playwright what a page reads as a stream.
  await context.route("**/auth/*", async (route) => {
    if (route.request().method() !== "POST") return route.fallback()
    const response = await route.fetch()
    seen.push(response.text())
    await route.fulfill({ response })
  })
  return async () => (await Promise.all(seen)).join("\n")
}

describe.skipIf(browser === undefined)("a map over its backend", { timeout: 120_000 }, () => {
  let map: RunningMap
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "backend-map-"))
    map = await startMap(optionsFor(folder))
  }, 60_000)
  afterAll(async () => {
    await map?.[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })

  it("signs in, refreshes, signs out in another tab, and never shows the browser a refresh token", async () => {
    if (browser === undefined) return
    const { mock, mapData, origin } = map
    await using context = await browser.newContext({ viewport: { width: 960, height: 600 } })
    const seen = await watch(context)
    const first = await MapPage.open(context, map)
    await first.signIn.waitFor()
    await first.isComplete()
    const outlines = await first.sea()
    await first.signInByRedirect()
    expect(first.page.url()).toBe(`${origin}/`)
    expect(await first.sea()).not.toBe(outlines)
    await first.page.screenshot({ path: join(import.meta.dirname, "screenshots", "signed-in.png") })

    const second = await MapPage.open(context, map)
    await second.isSignedIn()
    await grantsAre(map, [login])

    const loaded = mapData.log.length
    await first.sleep(70_000)
    await grantsAre(map, [login, refreshed])
    expect(mapData.log).toHaveLength(loaded)
    await first.goElsewhere()
    expect(mapData.log.filter((entry) => !entry.startsWith("200"))).toEqual([])

    await second.signOut.click()
    await second.page.getByText("You signed out.", { exact: true }).waitFor()
    await first.page.getByText("You signed out in another tab.").waitFor()
    await first.page.reload()
    await first.signIn.waitFor()

    const refreshTokens = mock.families.flatMap((family) => family.refreshTokens.flatMap(all))
    expect(refreshTokens).toHaveLength(2)
    const everything = await seen()
    expect(everything).toContain(refreshTokens[1]?.accessTokens[0]?.token)
    for (const { token } of refreshTokens) expect(everything).not.toContain(token)
    // That the user signed out, and that the backend need not be asked.
    expect(
      await first.page.evaluate(() => [{ ...localStorage }, { ...sessionStorage }, document.cookie]),
    ).toEqual([{ "ellipsis-oauth /auth": "1", "ellipsis-oauth /auth signed-out": '""' }, {}, ""])
    expect(mock.lint()).toEqual([])
  })

  it("shows a layer of the drive, and has nothing for axe to find, signed out and in", async () => {
    if (browser === undefined) return
    const { mock } = map
    await using context = await browser.newContext({ viewport: { width: 960, height: 600 } })
    const surface = await MapPage.open(context, map)
    const { page } = surface
    const look = (state: string) => async (name: string) => {
      await page.screenshot({ path: join(import.meta.dirname, "screenshots", `${state}-${name}.png`) })
      expect(await axeViolations(page), `${state}-${name}`).toEqual([])
    }
    await surface.signIn.waitFor()
    await surface.isComplete()
    await surface.inEveryLook(look("signed-out"))

    // The picker's button leads to the backend's login.
    await page.getByRole("button", { name: "Log in" }).click()
    await approve(page)
    await surface.isSignedIn()
    await page.getByRole("button", { name: "My Drive" }).click()
    await page.getByRole("button", { name: "Demo raster layer" }).click()
    await page.getByText("On the map: Demo raster layer").waitFor()
    const tiles = () => mock.log.filter(({ path }) => path.includes("/tile/"))
    await expect.poll(() => tiles().length, { timeout: 20_000 }).toBeGreaterThan(0)
    await surface.inEveryLook(look("signed-in"))
    const drives = mock.log.filter(({ endpoint, method }) => endpoint === "path" && method === "GET")
    expect(drives.filter(({ status }) => status !== 200)).toEqual([])
    expect(drives.filter(({ parameters }) => "token" in parameters)).toEqual([])
  })
})

const all = (node: RefreshTokenNode): readonly RefreshTokenNode[] => [node, ...node.children.flatMap(all)]
