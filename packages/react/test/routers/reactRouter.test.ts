/** React Router, in Chromium: it leaves the redirect URI before the client has read it. */
import { fileURLToPath } from "node:url"
import { afterAll, describe, expect, it } from "vitest"
import { launchChromium } from "../../../mock-server/test/chromium.js"
import { bundle, grants, startScenario } from "../browser/scenario.js"
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

  it.each(["<Navigate>", "a lazy part that brings the client"])(
    "%s, in the popup of a login",
    async (variant) => {
      await using scenario = await startScenario(browser, { script })
      const { server, context, origin } = scenario
      await context.addInitScript((data) => Object.assign(window, data), { variant, redirectPath: "/" })
      const page = await context.newPage()
      await page.goto(`${origin}/maps/7`)
      const [popup] = await Promise.all([
        page.waitForEvent("popup"),
        page.getByRole("button", { name: "Popup" }).click(),
      ])
      if (!popup.isClosed()) await popup.waitForEvent("close")
      await page.getByText("signed in").waitFor()
      expect(grants(server)).toEqual(["authorization_code granted"])
    },
  )
})
