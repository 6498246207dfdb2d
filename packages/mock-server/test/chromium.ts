/** A real browser for tests: the one that is installed, else the one that an npm package brings along. */
import { existsSync } from "node:fs"
import { env } from "node:process"
import sparticuz from "@sparticuz/chromium"
import { type Browser, chromium } from "playwright-core"

const installed = [
  "/usr/bin/chromium",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
]

const installedChromium = (): string | undefined =>
  env["CHROMIUM_PATH"] ?? installed.find((path) => existsSync(path))

const launch = async () =>
  chromium.launch({ executablePath: installedChromium() ?? (await sparticuz.executablePath()) })

/** In CI a missing browser is a failure. */
const explain = (error: unknown): undefined => {
  if (env["CI"] !== undefined) throw error
  const [reason] = String(error).split("\n")
  console.warn(`No Chromium to test with, so these tests are skipped (set CHROMIUM_PATH): ${reason}`)
}

/** The path of a browser, or `undefined` with the reason printed: one that npm brought along is tried first. */
export const findChromium = async (): Promise<string | undefined> => {
  const path = installedChromium()
  if (path !== undefined) return path
  try {
    await (await launch()).close()
    return await sparticuz.executablePath()
  } catch (error) {
    return explain(error)
  }
}

/**
 * A headless browser, or `undefined` with the reason printed: for `describe.skipIf(browser === undefined)`.
 * In CI a missing browser is a failure.
 */
export const launchChromium = async (): Promise<Browser | undefined> => {
  try {
    return await launch()
  } catch (error) {
    return explain(error)
  }
}
