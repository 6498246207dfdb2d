import { readFileSync } from "node:fs"
import { afterAll, describe, expect, it } from "vitest"
import { launchChromium } from "./chromium.js"
import { serveWebPage } from "./serveWebPage.js"

const browser = await launchChromium()
afterAll(() => browser?.close())

const worker = new URL(import.meta.resolve("msw/mockServiceWorker.js"))

describe.skipIf(browser === undefined)("MSW in Chromium", () => {
  it("runs the server in the page, network faults included", async () => {
    await using site = await serveWebPage("mswPage.ts", {
      "/mockServiceWorker.js": readFileSync(worker, "utf8"),
    })
    const page = await browser?.newPage()
    await page?.goto(site.origin)
    const failed = "TypeError"
    expect(await page?.evaluate("outcome")).toEqual({
      responses: [200, failed, failed, failed, 200, failed, 200, "AbortError", "0123456789".repeat(5)],
      decisions: [
        "granted",
        "granted",
        "skipped",
        "skipped",
        "granted",
        "granted",
        "granted",
        "skipped",
        "skipped",
      ],
    })
    await page?.close()
  })
})
