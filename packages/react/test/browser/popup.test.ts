/** Login in a popup, in Chromium: with its popup blocker where one has to block. */
import type { Page } from "playwright-core"
import { afterAll, describe, expect, it } from "vitest"
import { launchChromium } from "../../../mock-server/test/chromium.js"
import { bundle, grants, listen, type Scenario, snapshot, startScenario, statusIs } from "./scenario.js"

const browser = await launchChromium()
const blocking = await launchChromium({ popupBlocker: true })
afterAll(() => Promise.all([browser?.close(), blocking?.close()]))

const openPopup = async (scenario: Scenario) => {
  await scenario.context.addInitScript(() => {
    const open = window.open.bind(window)
    window.open = (...args) => {
      const popup = open(...args)
      Object.assign(window, { opened: popup })
      return popup
    }
  })
  const page = await scenario.open("/map?zoom=3")
  await statusIs(page, "signedOut")
  const [popup] = await Promise.all([
    scenario.context.waitForEvent("page"),
    page.getByRole("button", { name: "popup" }).click(),
  ])
  return { page, popup }
}

/** Lets the page look at its popup more than once. */
const elapsed = async (page: Page, milliseconds: number) => {
  const end = (await page.evaluate(() => performance.now())) + milliseconds
  await page.waitForFunction((time) => performance.now() > time, end)
}

const app = await bundle("gate-page.tsx")

const consent = { server: { autoApprove: false } }

describe.skipIf(browser === undefined)("login in a popup, in Chromium", () => {
  it.each([
    ["no policy", {}, undefined],
    ["Cross-Origin-Opener-Policy: same-origin", { "cross-origin-opener-policy": "same-origin" }, undefined],
    ["no BroadcastChannel", {}, "delete window.BroadcastChannel"],
    // As in a frame of another site, whose storage and channels a browser keeps apart.
    ["a channel that reaches nobody", {}, "BroadcastChannel.prototype.postMessage = () => {}"],
  ] as const)("signs in, once, and closes: %s", async (_, headers, script) => {
    await using scenario = await startScenario(browser, { ...consent, headers })
    if (script !== undefined) await scenario.context.addInitScript(script)
    const { page, popup } = await openPopup(scenario)
    await popup.waitForURL("**/oauth/authorize?*")
    expect(await snapshot(page)).toEqual({ status: "signingIn", method: "popup" })
    await elapsed(page, 600)
    expect(await snapshot(page)).toEqual({ status: "signingIn", method: "popup" })
    expect(await page.evaluate("opened.closed")).toBe("cross-origin-opener-policy" in headers)
    const exchange = scenario.server.faults.hold(1)
    await Promise.all([popup.waitForEvent("close"), popup.getByRole("button", { name: /approve/i }).click()])
    await exchange.full
    await elapsed(page, 600)
    exchange.release()
    await statusIs(page, "ready")
    await expect.poll(() => page.evaluate(() => window.events)).toEqual(["tokenIssued", "loggedIn"])
    expect(page.url()).toBe(`${scenario.origin}/map?zoom=3`)
    expect(grants(scenario.server)).toEqual(["authorization_code granted"])
    expect(scenario.server.lint()).toEqual([])
  })

  it("tells of a popup that the user closes, and another click works", async () => {
    await using scenario = await startScenario(browser, consent)
    const { page, popup } = await openPopup(scenario)
    await popup.waitForURL("**/oauth/authorize?*")
    await elapsed(page, 400)
    await popup.close()
    await expect.poll(() => page.evaluate(() => window.events)).toEqual(["PopupError closed"])
    await statusIs(page, "signedOut")
    const [again] = await Promise.all([
      scenario.context.waitForEvent("page"),
      page.getByRole("button", { name: "popup" }).click(),
    ])
    await again.getByRole("button", { name: /approve/i }).click()
    await statusIs(page, "ready")
  })

  it.each([
    ["no policy", {}],
    ["Cross-Origin-Opener-Policy: same-origin", { "cross-origin-opener-policy": "same-origin" }],
  ])("notices one that is closed before its page has loaded: %s", async (_, headers) => {
    await using scenario = await startScenario(browser, { ...consent, headers })
    const end = scenario.server.faults.always("authorize", { wire: "hang" })
    const { page, popup } = await openPopup(scenario)
    await expect
      .poll(() => scenario.server.log.filter(({ endpoint }) => endpoint === "authorize").length)
      .toBe(1)
    expect(await snapshot(page)).toEqual({ status: "signingIn", method: "popup" })
    await popup.close()
    await expect.poll(() => page.evaluate(() => window.events)).toEqual(["PopupError closed"])
    const error = { _tag: "PopupError", reason: "closed", action: "login" }
    expect(await snapshot(page)).toMatchObject({ status: "signedOut", reason: "initial", error })
    end()
    const [again] = await Promise.all([
      scenario.context.waitForEvent("page"),
      page.getByRole("button", { name: "popup" }).click(),
    ])
    await again.getByRole("button", { name: /approve/i }).click()
    await statusIs(page, "ready")
  })

  it("notices one that the provider cut off when the user is back at the page, and still welcomes it", async () => {
    await using scenario = await startScenario(browser, consent)
    await scenario.context.route("**/oauth/authorize?*", async (route) => {
      if (route.request().method() !== "GET") return route.continue()
      const response = await route.fetch()
      const headers = { ...response.headers(), "cross-origin-opener-policy": "same-origin" }
      await route.fulfill({ response, headers })
    })
    const { page, popup } = await openPopup(scenario)
    await popup.waitForURL("**/oauth/authorize?*")
    await expect.poll(() => page.evaluate("opened.closed")).toBe(true)
    await elapsed(page, 600)
    expect(await snapshot(page)).toEqual({ status: "signingIn", method: "popup" })
    await page.evaluate(() => dispatchEvent(new Event("focus")))
    await expect.poll(() => page.evaluate(() => window.events)).toEqual(["PopupError closed"])
    await statusIs(page, "signedOut")
    await popup.getByRole("button", { name: /approve/i }).click()
    await statusIs(page, "ready")
    expect(await snapshot(page)).not.toHaveProperty("error")
  })

  it("gives the popup to the later of two logins, and tells the earlier one", async () => {
    await using scenario = await startScenario(browser, consent)
    const { page, popup } = await openPopup(scenario)
    await popup.waitForURL("**/oauth/authorize?*")
    const first = popup.url()
    await page.getByRole("button", { name: "popup" }).click()
    await expect.poll(() => page.evaluate(() => window.events)).toEqual(["PopupError replaced"])
    expect(await snapshot(page)).toEqual({ status: "signingIn", method: "popup" })
    await expect.poll(() => popup.url()).not.toBe(first)
    await popup.getByRole("button", { name: /approve/i }).click()
    await statusIs(page, "ready")
    expect(await page.evaluate(() => window.events)).toContain("loggedIn")
    expect(scenario.context.pages()).toHaveLength(1)
  })

  it("closes the popup of a page that is reloaded, and of one that signs out", async () => {
    await using scenario = await startScenario(browser, consent)
    const { page, popup } = await openPopup(scenario)
    await popup.waitForURL("**/oauth/authorize?*")
    await Promise.all([popup.waitForEvent("close"), page.reload()])
    await statusIs(page, "signedOut")
    expect(await snapshot(page)).toEqual({ status: "signedOut", reason: "initial" })
    const [again] = await Promise.all([
      scenario.context.waitForEvent("page"),
      page.getByRole("button", { name: "popup" }).click(),
    ])
    await again.waitForURL("**/oauth/authorize?*")
    await Promise.all([again.waitForEvent("close"), page.evaluate(() => window.client.logout())])
    await expect.poll(() => page.evaluate(() => window.events)).toContain("PopupError closed")
    expect(await snapshot(page)).toEqual({ status: "signedOut", reason: "logout" })
  })

  it("tells of one that went elsewhere and is closed there", async () => {
    await using scenario = await startScenario(browser, consent)
    const { page, popup } = await openPopup(scenario)
    await popup.waitForURL("**/oauth/authorize?*")
    await popup.evaluate((url) => location.assign(url), `${scenario.origin}/elsewhere`)
    await popup.waitForURL("**/elsewhere")
    await elapsed(page, 400)
    expect(await snapshot(page)).toEqual({ status: "signingIn", method: "popup" })
    await popup.close()
    await expect.poll(() => page.evaluate(() => window.events)).toEqual(["PopupError closed"])
  })

  it.skipIf(blocking === undefined)("tells of a popup that the browser blocks", async () => {
    await using scenario = await startScenario(blocking, consent)
    // Without a click: what Playwright itself runs in a page counts as one.
    await scenario.context.addInitScript(() => {
      addEventListener("load", () => {
        window.client.login({ method: "popup" }).catch(({ _tag, reason, action, message }) => {
          window.events.push(_tag, reason, action, message)
        })
      })
    })
    const page = await scenario.open()
    const events = () => page.evaluate(() => window.events)
    const advice = expect.stringContaining("in the click itself")
    await expect.poll(events).toEqual(["PopupError", "blocked", "login", advice])
    await statusIs(page, "signedOut")
  })

  it("tells of a popup that takes too long, and of a login that the app gives up", async () => {
    await using scenario = await startScenario(browser, { ...consent, options: { popup: { timeout: 500 } } })
    const { page, popup } = await openPopup(scenario)
    await popup.waitForEvent("close")
    await expect.poll(() => page.evaluate(() => window.events)).toEqual(["PopupError timeout"])
    await statusIs(page, "signedOut")
    await page.evaluate(() => {
      const button = document.createElement("button")
      button.textContent = "abort"
      button.onclick = () => {
        const controller = new AbortController()
        window.client
          .login({ method: "popup", signal: controller.signal })
          .catch((error) => window.events.push(String(error)))
        controller.abort("gave up")
      }
      document.body.append(button)
    })
    await page.getByRole("button", { name: "abort" }).click()
    await expect.poll(() => page.evaluate(() => window.events)).toContain("gave up")
    await statusIs(page, "signedOut")
  })

  it("signs in where a listener of the app throws", async () => {
    await using scenario = await startScenario(browser)
    const page = await scenario.open()
    await statusIs(page, "signedOut")
    await page.evaluate(() => {
      window.client.subscribe(() => {
        throw new Error("a mistake of the app")
      })
    })
    await page.getByRole("button", { name: "popup" }).click()
    await statusIs(page, "ready")
    await expect.poll(() => page.evaluate(() => window.events.length)).toBe(2)
    expect(await page.evaluate(() => window.events)).toEqual(["tokenIssued", "loggedIn"])
  })

  it("tells of a refusal, in the page that opened it", async () => {
    await using scenario = await startScenario(browser, consent)
    const { page, popup } = await openPopup(scenario)
    await popup.waitForURL("**/oauth/authorize?*")
    await Promise.all([
      popup.waitForEvent("close"),
      popup.getByRole("button", { name: /refuse|deny/i }).click(),
    ])
    await expect.poll(() => page.evaluate(() => window.events.at(-1))).toContain("AuthorizationErrorResponse")
    await statusIs(page, "signedOut")
  })

  it("welcomes a popup that was given up because it could not be seen", async () => {
    await using scenario = await startScenario(browser, consent)
    // The provider's second page cuts the popup off, as an identity provider behind it may.
    await scenario.context.route("**/v3/cut-off*", (route) =>
      route.fulfill({
        headers: { "content-type": "text/html", "cross-origin-opener-policy": "same-origin" },
        body: "<!doctype html>",
      }),
    )
    const { page, popup } = await openPopup(scenario)
    await popup.waitForURL("**/oauth/authorize?*")
    const authorize = popup.url()
    await elapsed(page, 400)
    await popup.goto(`${scenario.server.url.replace("127.0.0.1", "localhost")}/cut-off`)
    await expect.poll(() => page.evaluate(() => window.events)).toEqual(["PopupError closed"])
    await popup.goto(authorize)
    await popup.getByRole("button", { name: /approve/i }).click()
    await statusIs(page, "ready")
  })

  it("leaves an app on the page whose user is signed in already", async () => {
    await using scenario = await startScenario(browser, { script: app })
    const { context, server } = scenario
    const page = await scenario.signIn()
    const input = page.getByLabel("name")
    await input.fill("Ada")
    await page.evaluate(() => window.states.splice(0))
    const loginIsHeld = async (hold: Promise<void>, during: string) => {
      await hold
      await expect.poll(() => page.locator("output").textContent()).toBe(during)
      expect(await snapshot(page)).toMatchObject({ status: "ready", login: "popup" })
      expect(await input.inputValue()).toBe("Ada")
    }
    const exchange = server.faults.hold(1)
    await page.getByRole("button", { name: "popup" }).click()
    await loginIsHeld(exchange.full, "popup")
    exchange.release()
    await expect.poll(() => page.evaluate(() => window.events)).toContain("loggedIn")
    expect(await snapshot(page)).not.toHaveProperty("login")
    expect(await page.evaluate(() => window.states.filter((status) => status !== "ready"))).toEqual([])
    expect(await input.inputValue()).toBe("Ada")

    server.authorize.deny()
    await page.getByRole("button", { name: "popup" }).click()
    await expect.poll(() => page.evaluate(() => window.events.at(-1))).toContain("AuthorizationErrorResponse")
    expect(await snapshot(page)).not.toHaveProperty("login")
    expect(await input.inputValue()).toBe("Ada")
    expect(grants(server)).toHaveLength(2)
    expect(context.pages()).toContain(page)
  })

  it("sends its callback to no page of another site that opened it", async () => {
    await using scenario = await startScenario(browser)
    await using other = await listen((_, response) => {
      const script = "messages = []; onmessage = ({ data }) => messages.push(data)"
      response.setHeader("content-type", "text/html").end(`<script>${script}</script>`)
    })
    const opener = await scenario.context.newPage()
    await opener.goto(other.origin)
    const opened = opener.waitForEvent("popup")
    const query = new URLSearchParams({ code: "stolen", state: "s".repeat(32) })
    await opener.evaluate((url) => void window.open(url), `${scenario.origin}/callback?${query}`)
    // It has waited for a page that takes the callback.
    await statusIs(await opened, "signedOut")
    expect(await opener.evaluate("messages")).toEqual([])
  })
})
