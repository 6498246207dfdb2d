/** A real browser for tests: `CHROMIUM_PATH`, else the headless one that npm brings along, else an installed one. */
import { existsSync, mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { env } from "node:process"
import sparticuz from "@sparticuz/chromium"
import { type Browser, chromium } from "playwright-core"

const inPath = ["chromium", "chromium-browser", "google-chrome"].flatMap((name) =>
  (env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, name)),
)

const installed = [
  ...inPath,
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
]

interface ChromiumOptions {
  /** Only a full Chromium has this. The headless one from npm needs a third of the processor time, and opens every popup. */
  readonly popupBlocker?: boolean
  /**
   * As users have it: Playwright switches off the partitions of storage and the cache that the back button shows pages
   * from. A full Chromium too.
   */
  readonly ownDefaults?: boolean
}

const needsFull = ({ popupBlocker = false, ownDefaults = false }: ChromiumOptions): boolean =>
  popupBlocker || ownDefaults

const pathsFor = async (options: ChromiumOptions): Promise<readonly string[]> => {
  const given = env["CHROMIUM_PATH"]
  const found = installed.filter((path) => existsSync(path))
  if (needsFull(options)) return given === undefined ? found : [given, ...found]
  // A browser that is set explicitly must be used: an error says if it does not start.
  return given === undefined ? [await sparticuz.executablePath(), ...found] : [given]
}

const isFull = async (browser: Browser): Promise<boolean> => {
  const { product } = await (await browser.newBrowserCDPSession()).send("Browser.getVersion")
  return !product.startsWith("HeadlessChrome")
}

const argumentsOf = ({ popupBlocker = false, ownDefaults = false }: ChromiumOptions) =>
  ownDefaults
    ? {
        ignoreDefaultArgs: true,
        args: [
          "--headless",
          "--no-sandbox",
          "--remote-debugging-pipe",
          "--no-first-run",
          `--user-data-dir=${mkdtempSync(join(tmpdir(), "ellipsis-oauth-chromium-"))}`,
        ],
      }
    : { ignoreDefaultArgs: popupBlocker ? ["--disable-popup-blocking"] : [] }

interface Launched {
  readonly path: string
  readonly browser: Browser
}

const launch = async (options: ChromiumOptions): Promise<Launched> => {
  const failures: string[] = []
  for (const path of await pathsFor(options)) {
    try {
      const browser = await chromium.launch({ executablePath: path, ...argumentsOf(options) })
      if (!needsFull(options) || (await isFull(browser))) return { path, browser }
      await browser.close()
      failures.push(`${path} is a headless one, without a popup blocker and a cache of pages`)
    } catch (error) {
      failures.push(`${path}: ${String(error).split("\n")[0]}`)
    }
  }
  const what = needsFull(options) ? "full Chromium or Chrome" : "Chromium"
  throw new Error(
    `No ${what} to test with. Install one, or set CHROMIUM_PATH. ${failures.join("; ")}`.trimEnd(),
  )
}

/** Says why the tests are skipped; in CI that is a failure. */
const orSay = async <A>(launching: Promise<A>): Promise<A | undefined> => {
  try {
    return await launching
  } catch (error) {
    if (env["CI"] !== undefined) throw error
    console.warn(`Skipped: ${(error as Error).message}`)
    return undefined
  }
}

/** The path of a browser that starts, or `undefined` with the reason printed. In CI a missing browser is a failure. */
export const findChromium = async (): Promise<string | undefined> => {
  const launched = await orSay(launch({}))
  await launched?.browser.close()
  return launched?.path
}

/**
 * A browser without a window, or `undefined` with the reason printed: for `describe.skipIf(browser === undefined)`.
 * In CI a missing browser is a failure.
 */
export const launchChromium = async (options: ChromiumOptions = {}): Promise<Browser | undefined> =>
  (await orSay(launch(options)))?.browser
