/** The map as a person sees it in a browser, for the tests of the examples. */
import type { BrowserContext, Page } from "playwright-core"
import { expect } from "vitest"
import type { RunningMap } from "../server/index.js"

/** Milliseconds. Generous: the machine may have other things to do. */
const timeout = 20_000

export class MapPage {
  readonly page: Page
  readonly #map: RunningMap

  private constructor(page: Page, map: RunningMap) {
    this.page = page
    this.#map = map
    page.setDefaultTimeout(timeout)
  }

  /** A new tab with the map. Its clock runs, and can be put forward. */
  static async open(context: BrowserContext, map: RunningMap): Promise<MapPage> {
    const page = await context.newPage()
    await page.clock.install()
    await page.goto(map.origin)
    return new MapPage(page, map)
  }

  get signIn() {
    return this.page.getByRole("button", { name: "Sign in", exact: true })
  }

  get signOut() {
    return this.page.getByRole("button", { name: "Sign out", exact: true })
  }

  get clock() {
    return this.page.getByRole("timer")
  }

  /** From the sign-in button over the mock server's page and back. */
  async signInByRedirect(): Promise<void> {
    await this.signIn.click()
    await approve(this.page)
    await this.isSignedIn()
  }

  /** Until the protected layer and its points are on the map. */
  async isSignedIn(): Promise<void> {
    await this.page.getByText("marie").waitFor()
    await this.page.getByText("Dogger Bank").waitFor()
    await this.isComplete()
  }

  /** Until the map has every tile that it asked for. */
  async isComplete(): Promise<void> {
    await this.page.locator('.map[aria-busy="false"]').waitFor()
  }

  /** Some sea west of Ireland, as it looks now: PNG. */
  async sea(): Promise<string> {
    const image = await this.page.screenshot({ clip: { x: 370, y: 300, width: 60, height: 60 } })
    return image.toString("base64")
  }

  /** Calls `look` in light and dark, wide and narrow; ends as it began. */
  async inEveryLook(look: (name: string) => Promise<void>): Promise<void> {
    const viewport = this.page.viewportSize()
    for (const colorScheme of ["light", "dark"] as const) {
      await this.page.emulateMedia({ colorScheme })
      for (const [width, height] of [
        [1280, 800],
        [390, 844],
      ] as const) {
        await this.page.setViewportSize({ width, height })
        await this.isComplete()
        await look(`${colorScheme}-${width}`)
      }
    }
    await this.page.emulateMedia({ colorScheme: null })
    if (viewport !== null) await this.page.setViewportSize(viewport)
    await this.isComplete()
  }

  /** The map moves, and needs other tiles. */
  async goElsewhere(): Promise<void> {
    const before = this.#map.mapData.log.length
    await this.page.getByRole("button", { name: "Ionian Sea" }).click()
    await expect.poll(() => this.#map.mapData.log.length, { timeout }).toBeGreaterThan(before)
    await this.isComplete()
  }

  /** Puts the clocks of this tab and of the mock server forward. */
  async sleep(milliseconds: number): Promise<void> {
    this.#map.mock.clock.advance(milliseconds)
    await this.page.clock.fastForward(milliseconds)
  }
}

/** On the page of the mock server that asks the user. */
export const approve = (page: Page): Promise<void> =>
  page.getByRole("button", { name: "Approve" }).click({ timeout })

/** The grants that reached the token endpoint, with what became of each. */
export const grants = ({ mock }: RunningMap): readonly string[] =>
  mock.log
    .filter(({ endpoint }) => endpoint === "token")
    .map(({ grantType, decision }) => `${grantType} ${decision}`)

/** Waits until the token endpoint has seen these. */
export const grantsAre = (map: RunningMap, expected: readonly string[]): Promise<void> =>
  expect.poll(() => grants(map), { timeout, interval: 50 }).toEqual(expected)
