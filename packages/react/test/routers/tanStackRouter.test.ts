/** TanStack Router, in Chromium: it leaves the redirect URI, or takes its parameters away. */
import { afterAll, describe, it } from "vitest"
import { launchChromium } from "../../../mock-server/test/chromium.js"
import { bundle } from "../browser/scenario.js"
import { logInAndComeBack } from "./routerScenario.js"

const browser = await launchChromium()
afterAll(() => browser?.close())

describe.skipIf(browser === undefined)("TanStack Router", async () => {
  const script = await bundle(new URL("tanStackRouter.tsx", import.meta.url), {
    define: { "process.env.NODE_ENV": '"development"' },
  })

  const guards = ["a guard that waits", "a guard that waits and goes on"]
  const late = "a guard that takes longer than the login"
  const variants = [
    "strict search",
    "validateSearch",
    "beforeLoad",
    ...guards,
    late,
    "basepath",
    "hash history",
  ]

  it.each(
    ["client first", "router first"].flatMap((order) => variants.map((name) => [order, name] as const)),
  )("%s: %s", async (order, name) => {
    const basepath = name === "basepath" ? "/app" : ""
    const hash = name === "hash history" ? "/#" : ""
    await Promise.all(
      ["/", "/callback"].map((path) =>
        logInAndComeBack(browser, {
          script,
          variant: `${order}: ${name}`,
          redirectPath: basepath + path,
          returnTo: `${basepath}${hash}/maps/7?layer=2#legend`,
          ...([...guards, late].includes(name) ? { meanwhile: [] } : {}),
          isLate: name === late,
        }),
      ),
    )
  })
})
