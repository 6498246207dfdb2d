/** Sleep, lost networks, hidden tabs and storage that is not to be had, in Chromium. */
import type { Page } from "playwright-core"
import { afterAll, describe, expect, it } from "vitest"
import { launchChromium } from "../../../mock-server/test/chromium.js"
import { grants, snapshot, startScenario, statusIs } from "./scenario.js"

const browser = await launchChromium()
afterAll(() => browser?.close())

const login = "authorization_code granted"
const refresh = "refresh_token granted"
const shared = { storage: "local", persistRefreshToken: true } as const
const hour = 3_600_000

/** What a browser does when the user turns to another tab, or back; headless ones show every tab at all times. */
const setHidden = (page: Page, hidden: boolean) =>
  page.evaluate((value) => {
    Object.defineProperty(document, "hidden", { configurable: true, value })
    document.dispatchEvent(new Event("visibilitychange"))
  }, hidden)

describe.skipIf(browser === undefined)("real life, in Chromium", () => {
  it("renews the token of a visible page shortly before its end, and not earlier", async () => {
    await using scenario = await startScenario(browser)
    const { server, context } = scenario
    await context.clock.install()
    const page = await scenario.signIn()
    server.clock.advance("58 minutes")
    await page.clock.runFor("58:00")
    expect(grants(server)).toEqual([login])
    // No longer than this: otherwise the page's clock would also end the wait for the response.
    server.clock.advance("62 seconds")
    await page.clock.runFor(62_000)
    await expect.poll(() => grants(server)).toEqual([login, refresh])
    expect(server.lint()).toEqual([])
  })

  it("renews it after eight hours of sleep, before anybody asks", async () => {
    await using scenario = await startScenario(browser)
    const { server, context } = scenario
    await context.clock.install()
    const page = await scenario.signIn()
    server.clock.advance("8 hours")
    // Timers that are due fire once, as after a lid was closed.
    await page.clock.fastForward("08:00:00")
    await expect.poll(() => grants(server)).toEqual([login, refresh])
    await statusIs(page, "ready")
  })

  it("never returns an expired token after eight hours of sleep", async () => {
    await using scenario = await startScenario(browser)
    const { server, context } = scenario
    await context.clock.install()
    const page = await scenario.signIn()
    const before = await page.evaluate(() => window.client.peekAccessToken())
    server.clock.advance("8 hours")
    await page.clock.setSystemTime(Date.now() + 8 * hour)
    const [peeked, token] = await page.evaluate(async () => [
      window.client.peekAccessToken(),
      await window.client.getAccessToken(),
    ])
    expect(peeked).toBe(undefined)
    expect(token).not.toBe(before)
    expect(grants(server)).toEqual([login, refresh])
  })

  it("renews at once what a look finds expired after a sleep, before the page's own timer has run", async () => {
    await using scenario = await startScenario(browser)
    const { server, context } = scenario
    await context.clock.install()
    const page = await scenario.signIn()
    server.clock.advance("8 hours")
    await page.clock.setSystemTime(Date.now() + 8 * hour)
    expect(await snapshot(page)).toMatchObject({ status: "stale" })
    await page.clock.runFor(2000)
    await expect.poll(() => grants(server)).toEqual([login, refresh])
    await statusIs(page, "ready")
  })

  it("lets a hidden page be, and looks when it is shown", async () => {
    await using scenario = await startScenario(browser)
    const { server, context } = scenario
    await context.clock.install()
    const page = await scenario.signIn()
    await setHidden(page, true)
    server.clock.advance("8 hours")
    await page.clock.runFor("08:00:00")
    expect(grants(server)).toEqual([login])
    expect(await snapshot(page)).toMatchObject({ status: "stale" })
    await setHidden(page, false)
    await expect.poll(() => grants(server)).toEqual([login, refresh])
    await statusIs(page, "ready")
  })

  it("asks for nothing once it is unmounted", async () => {
    await using scenario = await startScenario(browser)
    const { server, context } = scenario
    await context.clock.install()
    const page = await scenario.signIn()
    await page.evaluate(() => window.unmount())
    server.clock.advance("8 hours")
    await page.clock.runFor("08:00:00")
    await page.evaluate(() => {
      for (const type of ["focus", "online", "pageshow"]) dispatchEvent(new Event(type))
    })
    await setHidden(page, false)
    expect(grants(server)).toEqual([login])
  })

  it("a page that starts without a network signs nobody out and sends nobody to log in", async () => {
    await using scenario = await startScenario(browser, { options: shared })
    const { server, context } = scenario
    await (await scenario.signIn()).close()
    server.clock.advance("2 hours")
    await context.addInitScript((ahead) => {
      window.options = { now: () => Date.now() + ahead }
      window.manual = true
    }, 2 * hour)
    const page = await scenario.open()
    const requests: string[] = []
    page.on("request", (request) => requests.push(request.url()))
    await context.setOffline(true)
    await page.evaluate(() => {
      window.unmount = window.client.mount()
    })
    await expect.poll(() => snapshot(page)).toEqual({ status: "stale", refresh: { phase: "offline" } })
    const error = await page.evaluate(() => window.client.getAccessToken().catch(({ reason }) => reason))
    expect(error).toBe("offline")
    expect(await page.evaluate(() => window.client.login().catch(({ reason }) => reason))).toBe("offline")
    expect(requests).toEqual([])
    await context.setOffline(false)
    await statusIs(page, "ready")
    expect(grants(server)).toEqual([login, refresh])
  })

  it("a network that fails in mid-refresh signs nobody out either", async () => {
    await using scenario = await startScenario(browser, { options: { deadline: 500 } })
    const { server } = scenario
    const page = await scenario.signIn()
    const end = server.faults.always("token", { wire: "reset" })
    const error = await page.evaluate(() =>
      window.client.getAccessToken({ force: true }).catch(({ _tag }) => _tag),
    )
    expect(error).toBe("TransportError")
    expect(await snapshot(page)).toMatchObject({ status: "ready", refresh: { phase: "failed" } })
    end()
    await page.evaluate(() => window.client.getAccessToken({ force: true }))
    expect(await snapshot(page)).toMatchObject({ status: "ready", refresh: { phase: "idle" } })
  })

  it("follows no redirect of the token endpoint", async () => {
    await using scenario = await startScenario(browser)
    const { server } = scenario
    const page = await scenario.signIn()
    server.faults.next("token", {
      reply: { status: 307, headers: { location: `${server.url}/oauth/token` } },
    })
    const error = await page.evaluate(() =>
      window.client
        .getAccessToken({ force: true })
        .catch(({ _tag, reason, action }) => [_tag, reason, action]),
    )
    expect(error).toEqual(["TransportError", "redirect", "fix"])
    expect(grants(server)).toHaveLength(2)
  })

  it.each([
    [
      "blocked",
      `for (const name of ["localStorage", "sessionStorage"])
        Object.defineProperty(window, name, { get() { throw new DOMException("denied", "SecurityError") } })`,
    ],
    ["full", `Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError") }`],
  ])("works from memory where storage is %s, and says so", async (_, script) => {
    await using scenario = await startScenario(browser, { options: shared })
    const { server, context } = scenario
    await context.addInitScript(script)
    const page = await scenario.open()
    const warnings: string[] = []
    page.on("console", (message) => warnings.push(message.text()))
    await statusIs(page, "signedOut")
    const advice = await page.evaluate(() => window.client.login().catch(({ message }) => message))
    expect(advice).toContain("popup")
    await statusIs(page, "signedOut")
    await page.getByRole("button", { name: "popup" }).click()
    await statusIs(page, "ready")
    expect(await page.evaluate(() => window.client.getStorage())).toBe("memory")
    expect(warnings).toEqual([expect.stringContaining("storage is blocked or full")])
    await page.evaluate(() => window.client.getAccessToken({ force: true }))
    expect(grants(server)).toEqual([login, refresh])
    await page.evaluate(() => window.client.logout())
    await statusIs(page, "signedOut")
    expect(warnings).toHaveLength(1)
  })

  it("a damaged store is a sign-out with a reason, and the next login repairs it", async () => {
    await using scenario = await startScenario(browser, { options: shared })
    const page = await scenario.signIn()
    await page.evaluate(() => {
      const key = Object.keys(localStorage).find((name) => !name.includes("#")) ?? ""
      localStorage.setItem(key, JSON.stringify([9, "version", "no record"]))
    })
    await page.reload()
    await statusIs(page, "signedOut")
    expect(await snapshot(page)).toMatchObject({ error: { _tag: "TokenStoreError", reason: "corrupt" } })
    await page.getByRole("button", { name: "redirect" }).click()
    await statusIs(page, "ready")
  })

  it("reads no more of a token response than a token can have", async () => {
    await using scenario = await startScenario(browser)
    await scenario.context.addInitScript(() => {
      const chunk = new TextEncoder().encode("x".repeat(65_536))
      let chunks = 0
      const body = new ReadableStream({
        pull: (controller) => {
          chunks++
          controller.enqueue(chunk)
        },
        cancel: () => {
          Object.assign(window, { cancelledAfter: chunks })
        },
      })
      const send: typeof fetch = async (input, init) =>
        Object.hasOwn(window, "endless") ? new Response(body) : fetch(input, init)
      Object.assign(window, { options: { fetch: send } })
    })
    const page = await scenario.signIn()
    const error = await page.evaluate(() => {
      Object.assign(window, { endless: true })
      return window.client.getAccessToken({ force: true }).catch(({ _tag }) => _tag)
    })
    expect(error).toBe("InvalidTokenResponse")
    const read = () => page.evaluate<number>("window.cancelledAfter")
    await expect.poll(read).toBeGreaterThan(0)
    expect(await read()).toBeLessThan(64)
  })

  it("logs an error that only the developer can remove, once", async () => {
    await using scenario = await startScenario(browser, { options: shared })
    const errors: string[] = []
    scenario.context.on("console", (message) => {
      if (message.type() === "error") errors.push(message.text())
    })
    await scenario.context.addInitScript(() => {
      const send: typeof fetch = async (input, init) =>
        Object.hasOwn(window, "moved") ? new Response("<!doctype html>") : fetch(input, init)
      Object.assign(window, { options: { fetch: send } })
    })
    const page = await scenario.signIn()
    const refresh = () => window.client.getAccessToken({ force: true }).catch(({ message }) => message)
    await page.evaluate(() => Object.assign(window, { moved: true }))
    const message = await page.evaluate(refresh)
    await page.evaluate(refresh)
    await expect.poll(() => errors).toEqual([`InvalidTokenResponse: ${message}`])
  })

  it("reads the system's clock at each use", async () => {
    await using scenario = await startScenario(browser, { options: shared })
    await scenario.context.addInitScript(() => {
      window.options = { now: undefined }
    })
    const page = await scenario.signIn()
    const [before, after] = await page.evaluate(() => {
      const states = [window.client.getSnapshot().status]
      const start = Date.now()
      Date.now = () => start + 7_200_000
      states.push(window.client.getSnapshot().status)
      return states
    })
    expect([before, after]).toEqual(["ready", "stale"])
  })
})
