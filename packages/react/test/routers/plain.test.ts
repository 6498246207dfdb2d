/** Pages without a library for routes, in Chromium, that leave the redirect URI at once. */
import { afterAll, describe, it } from "vitest"
import { launchChromium } from "../../../mock-server/test/chromium.js"
import { bundle } from "../browser/scenario.js"
import { logInAndComeBack } from "./routerScenario.js"

const browser = await launchChromium()
afterAll(() => browser?.close())

describe.skipIf(browser === undefined)("without a router, login by redirect", async () => {
  const script = await bundle(new URL("plain.ts", import.meta.url))

  it.each(["the History API", "history.pushState and replaceState, changed"])("%s", async (variant) => {
    await Promise.all(
      ["/", "/callback"].map((redirectPath) =>
        logInAndComeBack(browser, { script, variant, redirectPath, returnTo: "/maps/7?layer=2#legend" }),
      ),
    )
  })
})
