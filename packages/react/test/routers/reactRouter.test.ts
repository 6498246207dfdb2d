/** React Router, in Chromium: it leaves the redirect URI before the client has read it. */
import { fileURLToPath } from "node:url"
import { afterAll, describe, it } from "vitest"
import { launchChromium } from "../../../mock-server/test/chromium.js"
import { bundle } from "../browser/scenario.js"
import { logInAndComeBack } from "./routerScenario.js"

const browser = await launchChromium()
afterAll(() => browser?.close())

const development = { "process.env.NODE_ENV": '"development"' }

describe.skipIf(browser === undefined).each(["react-router-7", "react-router"])("%s", async (name) => {
  const script = await bundle(new URL("reactRouter.tsx", import.meta.url), {
    define: development,
    alias: name === "react-router" ? {} : { "react-router": name },
    absWorkingDir: fileURLToPath(new URL("../..", import.meta.url)),
  })

  it.each([
    ["<Navigate>", "", "/maps/7?layer=2#legend"],
    ["<Navigate> in a HashRouter", "", "/#/maps/7?layer=2"],
    ["<Navigate> under a basename", "/app", "/app/maps/7?layer=2#legend"],
    ["a loader's redirect", "", "/maps/7?layer=2#legend"],
    ["a loader's redirect in a hash router", "", "/#/maps/7?layer=2"],
    ["a loader's redirect under a basename", "/app", "/app/maps/7?layer=2#legend"],
    ["a loader's redirect that keeps the search parameters", "", "/maps/7?layer=2#legend"],
    ["a lazy part that brings the client", "", "/maps/7?layer=2#legend"],
    ["a provider that the redirect URI has not", "", "/maps/7?layer=2#legend"],
  ])("%s", async (variant, basename, returnTo) => {
    await Promise.all(
      ["/", "/callback"].map((path) =>
        logInAndComeBack(browser, { script, variant, redirectPath: basename + path, returnTo }),
      ),
    )
  })
})
