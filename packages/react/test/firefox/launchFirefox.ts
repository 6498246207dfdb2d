/** A real Firefox for tests: `FIREFOX_PATH`, else an installed one, driven over WebDriver BiDi. */
import { existsSync } from "node:fs"
import { delimiter, join } from "node:path"
import { env } from "node:process"
import { type Browser, launch } from "puppeteer-core"

const installed = [
  ...["firefox", "firefox-esr"].flatMap((name) =>
    (env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, name)),
  ),
  "/Applications/Firefox.app/Contents/MacOS/firefox",
]

/** Without a window; `undefined` with the reason printed where there is none. In CI a missing browser is a failure. */
export const launchFirefox = async (): Promise<Browser | undefined> => {
  const path = env["FIREFOX_PATH"] ?? installed.find((each) => existsSync(each))
  try {
    if (path === undefined) throw new Error("No Firefox is installed. Install one, or set FIREFOX_PATH.")
    return await launch({ browser: "firefox", executablePath: path, headless: true })
  } catch (error) {
    if (env["CI"] !== undefined) throw error
    console.warn(`Skipped: ${String(error).split("\n")[0]}`)
    return undefined
  }
}
