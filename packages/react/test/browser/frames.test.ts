/** The app in a frame of another site, in a Chromium that keeps its storage and its channels apart, as users have it. */
import type { Frame, Page } from "playwright-core"
import { afterAll, describe, expect, it } from "vitest"
import { launchChromium } from "../../../mock-server/test/chromium.js"
import { grants, listen, type Scenario, startScenario } from "./scenario.js"

const browser = await launchChromium({ ownDefaults: true })
afterAll(() => browser?.close())

const consent = { server: { autoApprove: false } }

const state = (frame: Frame) =>
  frame.evaluate(() => {
    const snapshot = window.client.getSnapshot()
    return "error" in snapshot ? { ...snapshot, error: { ...snapshot.error } } : snapshot
  })

const statusIs = (frame: Frame, status: string) =>
  expect.poll(() => state(frame).then((shown) => shown.status), { interval: 20 }).toBe(status)

interface Embedded {
  readonly page: Page
  readonly frames: readonly [Frame, Frame]
}

/** A page of another site, with the app in two frames. */
const embed = async (scenario: Scenario, host: string): Promise<Embedded> => {
  const page = await scenario.context.newPage()
  await page.goto(`${host.replace("localhost", "127.0.0.1")}/?${scenario.origin}`)
  const found = () => page.frames().filter((frame) => frame.url().startsWith(scenario.origin))
  await expect.poll(() => found().length).toBe(2)
  const frames = found() as [Frame, Frame]
  for (const frame of frames) {
    await frame.waitForFunction("window.client")
    await statusIs(frame, "signedOut")
  }
  return { page, frames }
}

const openPopup = async ({ context }: Scenario, frame: Frame) => {
  const [popup] = await Promise.all([
    context.waitForEvent("page"),
    frame.getByRole("button", { name: "popup" }).click(),
  ])
  return popup
}

const embedding = () =>
  listen((request, response) => {
    const app = new URL(request.url ?? "/", "http://host").search.slice(1)
    response.setHeader("content-type", "text/html")
    response.end(`<!doctype html><iframe src="${app}/one"></iframe><iframe src="${app}/two"></iframe>`)
  })

describe.skipIf(browser === undefined)("in a frame of another site", { timeout: 60_000 }, () => {
  it.each(["memory", "session", "local"] as const)(
    "signs in by popup and out again, without a word to the app in a tab of its own, storage %s",
    async (storage) => {
      await using host = await embedding()
      await using scenario = await startScenario(browser, {
        ...consent,
        options: { storage, persistRefreshToken: true },
      })
      const { frames } = await embed(scenario, host.origin)
      const [one, two] = frames
      const tab = await scenario.open()
      await statusIs(tab.mainFrame(), "signedOut")
      // Otherwise this would test nothing.
      await tab.evaluate(() => localStorage.setItem("seen", "by tabs"))
      expect(await one.evaluate(() => localStorage.getItem("seen"))).toBe(null)

      const popup = await openPopup(scenario, one)
      await popup.waitForURL("**/oauth/authorize?*")
      expect(await state(one)).toEqual({ status: "signingIn", method: "popup" })
      await Promise.all([
        popup.waitForEvent("close"),
        popup.getByRole("button", { name: /approve/i }).click(),
      ])
      await statusIs(one, "ready")
      await expect.poll(() => one.evaluate(() => window.events)).toEqual(["tokenIssued", "loggedIn"])
      // Frames of one page share what is stored there.
      await statusIs(two, storage === "local" ? "ready" : "signedOut")
      expect((await state(tab.mainFrame())).status).toBe("signedOut")

      await one.evaluate(() => window.client.logout())
      await statusIs(two, "signedOut")
      expect(await state(one)).toEqual({ status: "signedOut", reason: "logout" })
      expect(await state(two)).toEqual({ status: "signedOut", reason: "elsewhere" })
      expect(await one.evaluate(() => window.client.hasLoggedOut?.())).toBe(true)
      expect(await tab.evaluate(() => window.client.hasLoggedOut?.())).toBe(false)
      expect(grants(scenario.server)).toEqual(["authorization_code granted"])
    },
  )

  it("stays signed in when the app signs out in a tab of its own, and after a reload", async () => {
    await using host = await embedding()
    await using scenario = await startScenario(browser, { options: { storage: "local" } })
    const { page, frames } = await embed(scenario, host.origin)
    await frames[0].getByRole("button", { name: "popup" }).click()
    for (const frame of frames) await statusIs(frame, "ready")
    const tab = await scenario.signIn()
    await tab.evaluate(() => window.client.logout())
    await page.reload()
    const reloaded = () => page.frames().filter((frame) => frame.url().startsWith(scenario.origin))
    await expect.poll(() => reloaded().length).toBe(2)
    for (const frame of reloaded()) {
      await frame.waitForFunction("window.client")
      await statusIs(frame, "ready")
    }
  })

  it("tells of a refusal, also of one without a state, and of a popup that the user closes", async () => {
    await using host = await embedding()
    await using scenario = await startScenario(browser, consent)
    const [frame] = (await embed(scenario, host.origin)).frames
    const refused = await openPopup(scenario, frame)
    await Promise.all([
      refused.waitForEvent("close"),
      refused.getByRole("button", { name: /refuse|deny/i }).click(),
    ])
    await statusIs(frame, "signedOut")
    expect(await state(frame)).toMatchObject({ error: { error: "access_denied" } })

    const closed = await openPopup(scenario, frame)
    await closed.waitForURL("**/oauth/authorize?*")
    await closed.close()
    await statusIs(frame, "signedOut")
    expect(await state(frame)).toMatchObject({ error: { _tag: "PopupError", reason: "closed" } })

    const stateless = await openPopup(scenario, frame)
    await stateless.waitForURL("**/oauth/authorize?*")
    await Promise.all([
      stateless.waitForEvent("close"),
      stateless.goto(`${scenario.origin}/callback?error=invalid_scope`).catch(() => {}),
    ])
    await expect
      .poll(() => state(frame))
      .toMatchObject({ status: "signedOut", error: { error: "invalid_scope" } })
  })
})
