/** React Router, in Chromium: it leaves the redirect URI before the client has read it. */
import { fileURLToPath } from "node:url"
import { afterAll, describe, expect, it } from "vitest"
import { launchChromium } from "../../../mock-server/test/chromium.js"
import { bundle, grants, startScenario } from "../browser/scenario.js"
import { logInAndComeBack, type RouterCase } from "./routerScenario.js"

const browser = await launchChromium()
afterAll(() => browser?.close())

const development = { "process.env.NODE_ENV": '"development"' }

describe.skipIf(browser === undefined).each(["react-router-7", "react-router"])("%s", async (name) => {
  const script = await bundle(new URL("reactRouter.tsx", import.meta.url), {
    define: development,
    alias: name === "react-router" ? {} : { "react-router": name },
    absWorkingDir: fileURLToPath(new URL("../..", import.meta.url)),
  })

  const returnTo = "/maps/7?layer=2#legend"
  const inHash = { returnTo: "/#/maps/7?layer=2" }
  const underBasename = { basename: "/app", returnTo: `/app${returnTo}` }
  const waiting = { meanwhile: [] }
  const late = { meanwhile: [], isLate: true }

  it.each<[variant: string, where?: Partial<RouterCase> & { basename?: string }]>([
    ["<Navigate>"],
    ["<Navigate>, twice"],
    ["<Navigate> in a HashRouter", inHash],
    ["<Navigate> under a basename", underBasename],
    ["a loader's redirect"],
    ["a loader's redirect in a hash router", inHash],
    ["a loader's redirect under a basename", underBasename],
    ["a loader's redirect that keeps the search parameters"],
    ["a loader that waits and sends everybody on", waiting],
    ["a loader that takes longer than the login", late],
    ["a lazy route that takes longer than the login", late],
    ["a lazy part that brings the client"],
    ["a page that waits and sends everybody on", waiting],
    ["a provider that the redirect URI has not"],
  ])("%s", async (variant, { basename = "", ...where } = {}) => {
    await Promise.all(
      ["/", "/callback"].map((path) =>
        logInAndComeBack(browser, { script, variant, redirectPath: basename + path, returnTo, ...where }),
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
