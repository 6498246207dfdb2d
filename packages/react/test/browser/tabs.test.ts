/** Several tabs of one app, in Chromium, against a server that rotates refresh tokens and punishes their reuse. */
import { storeKey } from "@ellipsis-oauth/core/promise"
import type { Page } from "playwright-core"
import { afterAll, describe, expect, it } from "vitest"
import { launchChromium } from "../../../mock-server/test/chromium.js"
import { bundle, grants, type Scenario, snapshot, startScenario, statusIs } from "./scenario.js"

const browser = await launchChromium()
afterAll(() => browser?.close())

const app = await bundle("gate-page.tsx")

const login = "authorization_code granted"
const refresh = "refresh_token granted"

const shared = { storage: "local", persistRefreshToken: true } as const

/** Moves the clocks of the server and of the pages that are opened from now on. */
const elapse = async ({ server, context }: Scenario, milliseconds: number) => {
  server.clock.advance(milliseconds)
  await context.addInitScript((ahead) => {
    window.options = { ...window.options, now: () => Date.now() + ahead }
  }, milliseconds)
}

const accessToken = (page: Page) => page.evaluate(() => window.client.getAccessToken())

const hour = 3_600_000

/** Moves the clocks of the server and of pages that are open. */
const pass = async ({ server }: Scenario, pages: readonly Page[], milliseconds: number) => {
  server.clock.advance(milliseconds)
  const jump = (ahead: number) => {
    window.ahead = (window.ahead ?? 0) + ahead
  }
  await Promise.all(pages.map((page) => page.evaluate(jump, milliseconds)))
}

/** Counts what a page tells the others. */
const countMessages = () => {
  const { postMessage } = BroadcastChannel.prototype
  const messages: unknown[] = []
  BroadcastChannel.prototype.postMessage = function (message) {
    messages.push(message)
    postMessage.call(this, message)
  }
  Object.assign(window, { messages })
}

/** Lets a page run for a while, so that what must not happen would have happened. */
const elapsed = async (page: Page, milliseconds: number) => {
  const end = (await page.evaluate(() => performance.now())) + milliseconds
  await page.waitForFunction((time) => performance.now() > time, end)
}

const signedOutEvents = (page: Page) =>
  page.evaluate(() => window.events.filter((event) => event === "signedOut").length)

/** Milliseconds: less than a lease's 60 seconds, so that a test that waits for a lease to run out fails. */
const timeout = 45_000

describe.skipIf(browser === undefined)("tabs, in Chromium", { timeout }, () => {
  it("ten that open together on an expired token make one refresh", async () => {
    await using scenario = await startScenario(browser, { options: shared })
    const { server } = scenario
    await (await scenario.signIn()).close()
    await elapse(scenario, 2 * hour)
    const pages = await Promise.all(Array.from({ length: 10 }, () => scenario.open()))
    const tokens = await Promise.all(pages.map(accessToken))
    expect(new Set(tokens).size).toBe(1)
    expect(grants(server)).toEqual([login, refresh])
    expect(server.lint()).toEqual([])
  })

  it("never present a refresh token twice, however many refreshes they want at once", async () => {
    await using scenario = await startScenario(browser, { options: shared })
    const { server } = scenario
    const first = await scenario.signIn()
    const pages = [first, await scenario.open(), await scenario.open(), await scenario.open()]
    await Promise.all(pages.map((page) => statusIs(page, "ready")))
    await Promise.all(
      pages.map((page) =>
        page.evaluate(async () => {
          for (let i = 0; i < 25; i++) await window.client.getAccessToken({ force: true })
        }),
      ),
    )
    expect(server.log.filter(({ decision }) => decision === "refused")).toEqual([])
    await Promise.all(pages.map((page) => statusIs(page, "ready")))
    const tokens = await Promise.all(pages.map(accessToken))
    expect(new Set(tokens).size).toBe(1)
  })

  it("one that is killed in mid-refresh delays the others less than its lease", async () => {
    await using scenario = await startScenario(browser, {
      options: shared,
      server: { rotation: { grace: "1 minute" } },
    })
    const { server } = scenario
    await (await scenario.signIn()).close()
    await elapse(scenario, 2 * hour)
    const held = server.faults.hold(1)
    const victim = await scenario.open()
    await held.full
    const others = await Promise.all([scenario.open(), scenario.open()])
    const waiting = async () => (await snapshot(others[0] as Page)) as unknown
    await expect.poll(waiting).toMatchObject({ refresh: { phase: "waiting" } })
    await victim.close()
    // The request of the victim stays where it is; a new one goes through.
    server.faults.clear()
    const tokens = await Promise.all(others.map(accessToken))
    expect(new Set(tokens).size).toBe(1)
  })

  it.each([true, false])(
    "sleep during the refresh of one, and all have its token then, persistRefreshToken %s",
    async (persistRefreshToken) => {
      await using scenario = await startScenario(browser, {
        options: { storage: "local", persistRefreshToken },
      })
      const { server } = scenario
      const first = await scenario.signIn()
      const pages = [first, await scenario.open(), await scenario.open()]
      await Promise.all(pages.map((page) => statusIs(page, "ready")))
      await pass(scenario, pages, 59.5 * 60_000)
      const held = server.faults.hold(1)
      const request = (page: Page) =>
        page.evaluate(() => window.client.getAccessToken({ force: true }).catch(({ message }) => message))
      const tokens = [request(first)]
      await held.full
      tokens.push(...pages.slice(1).map(request))
      for (const page of pages.slice(1)) {
        await expect.poll(() => snapshot(page)).toMatchObject({ refresh: { phase: "waiting" } })
      }
      await pass(scenario, pages, 10 * 60_000)
      await elapsed(first, 1000)
      held.release()
      expect(new Set(await Promise.all(tokens))).toEqual(new Set([await accessToken(first)]))
      expect(grants(server)).toEqual([login, refresh])
    },
  )

  it.each(["memory", "session", "local"] as const)(
    "a sign-out shows in the others, storage %s",
    async (storage) => {
      await using scenario = await startScenario(browser, { options: { storage, persistRefreshToken: true } })
      const pages = [await scenario.signIn(), await scenario.open()] as const
      if (storage !== "local") await pages[1].evaluate(() => window.client.login())
      await Promise.all(pages.map((page) => statusIs(page, "ready")))
      await pages[0].evaluate(() => window.client.logout())
      await statusIs(pages[1], "signedOut")
      expect(await snapshot(pages[0])).toEqual({ status: "signedOut", reason: "logout" })
      expect(await snapshot(pages[1])).toEqual({ status: "signedOut", reason: "elsewhere" })
      for (const page of pages) {
        await page.reload()
        await statusIs(page, "signedOut")
        await expect(accessToken(page)).rejects.toThrow("Log in first")
      }
    },
  )

  it("a sign-in and a refresh show in the others at once", async () => {
    await using scenario = await startScenario(browser, { options: shared })
    const other = await scenario.open()
    await statusIs(other, "signedOut")
    const page = await scenario.signIn()
    await statusIs(other, "ready")
    const token = await page.evaluate(() => window.client.getAccessToken({ force: true }))
    await expect.poll(() => other.evaluate(() => window.client.peekAccessToken())).toBe(token)
    expect(grants(scenario.server)).toEqual([login, refresh])
  })

  it.each([
    ["Web Locks", "Object.defineProperty(navigator, 'locks', { value: undefined })"],
    ["BroadcastChannel", "delete window.BroadcastChannel"],
  ])("work without %s", async (_, script) => {
    await using scenario = await startScenario(browser, {
      options: shared,
      server: { rotation: { grace: "1 minute", reuse: "reject" } },
    })
    const { server } = scenario
    await scenario.context.addInitScript(script)
    const pages = [await scenario.signIn(), await scenario.open()] as const
    await Promise.all(pages.map((page) => statusIs(page, "ready")))
    // One page makes one refresh, however many callers ask there.
    await pages[0].evaluate(() =>
      Promise.all(Array.from({ length: 10 }, () => window.client.getAccessToken({ force: true }))),
    )
    expect(grants(server)).toEqual([login, refresh])
    const tokens = async () => Promise.all(pages.map(accessToken))
    await expect.poll(async () => new Set(await tokens()).size).toBe(1)
    await pages[1].evaluate(() => window.client.logout())
    await statusIs(pages[0], "signedOut")
  })

  it("without Web Locks, a tab whose refresh token was used by another takes the other's", async () => {
    await using scenario = await startScenario(browser, {
      options: shared,
      server: { rotation: { grace: 0, reuse: "reject" } },
    })
    const { server, context } = scenario
    await context.addInitScript("Object.defineProperty(navigator, 'locks', { value: undefined })")
    await (await scenario.signIn()).close()
    await elapse(scenario, 2 * hour)
    const held = server.faults.hold(2)
    const pages = await Promise.all([scenario.open(), scenario.open()])
    await held.full
    held.release()
    const tokens = await Promise.all(pages.map(accessToken))
    expect(new Set(tokens).size).toBe(1)
    expect(grants(server).toSorted()).toEqual([login, refresh, "refresh_token refused"])
  })

  it("two clients of one origin do not meet", async () => {
    await using scenario = await startScenario(browser, { options: shared })
    const { origin } = scenario
    const page = await scenario.signIn()
    const [status, names] = await page.evaluate(async () => {
      window.options = { clientId: "another" }
      const another = window.makeClient()
      another.mount()
      await another.handleCallback()
      await another.logout()
      return [another.getSnapshot().status, Object.keys(localStorage)] as const
    })
    expect(status).toBe("signedOut")
    await statusIs(page, "ready")
    const name = storeKey({ clientId: "spa", tokenEndpoint: `${scenario.server.url}/oauth/token` }, "default")
    expect(names.filter((key) => !key.includes("#"))).toEqual([name])
    expect(origin).not.toBe("")
  })

  it("a duplicated tab never presents a refresh token that the other one has used, nor waits for it", async () => {
    await using scenario = await startScenario(browser, {
      options: { storage: "session", persistRefreshToken: true },
    })
    const { server, context } = scenario
    const page = await scenario.signIn()
    const [copy] = await Promise.all([
      context.waitForEvent("page"),
      page.evaluate(() => void window.open(location.href)),
    ])
    await statusIs(copy, "ready")
    const both = [page, copy]
    const refreshed = await Promise.all(
      both.map((tab) =>
        tab.evaluate(() =>
          window.client.getAccessToken({ force: true }).then(
            () => true,
            () => false,
          ),
        ),
      ),
    )
    expect(refreshed.toSorted()).toEqual([false, true])
    expect(grants(server)).toEqual([login, refresh])
    // The access token is good until it expires.
    for (const tab of both) await statusIs(tab, "ready")
    const kept = both[refreshed.indexOf(true)]
    await kept?.evaluate(() => window.client.getAccessToken({ force: true }))
    expect(grants(server)).toEqual([login, refresh, refresh])
  })

  it("a reload keeps the access token alone, unless the refresh token is to be persisted", async () => {
    await using scenario = await startScenario(browser, { options: { storage: "local" } })
    const { server } = scenario
    const page = await scenario.signIn()
    const stored = () => page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))
    expect(await stored()).not.toContain("refreshToken")
    // In memory it is still there.
    await page.evaluate(() => window.client.getAccessToken({ force: true }))
    expect(await stored()).not.toContain("refreshToken")
    expect(grants(server)).toEqual([login, refresh])
    await page.reload()
    await statusIs(page, "ready")
    await elapse(scenario, 2 * hour)
    await page.reload()
    await statusIs(page, "signedOut")
    expect(await snapshot(page)).toMatchObject({ reason: "expired" })
    expect(grants(server)).toEqual([login, refresh])
  })

  it("whose token ends without a refresh token are signed out once each, and are silent then", async () => {
    await using scenario = await startScenario(browser, {
      options: { storage: "local" },
      server: { accessTokenLifetime: "12 seconds" },
      script: app,
    })
    const { server, context } = scenario
    await context.addInitScript(countMessages)
    const pages = [await scenario.signIn(), await scenario.open()]
    for (const page of pages) {
      await page.reload()
      await statusIs(page, "ready")
      await page.evaluate(() => window.states.splice(0))
    }
    await pass(scenario, pages, 13_000)
    for (const page of pages) await statusIs(page, "signedOut")
    const sent = () => Promise.all(pages.map((page) => page.evaluate<number>("messages.length")))
    await Promise.all(pages.map((page) => elapsed(page, 1500)))
    const before = await sent()
    await Promise.all(pages.map((page) => elapsed(page, 1500)))
    expect(await sent()).toEqual(before)
    for (const page of pages) {
      expect(await page.evaluate(() => window.states)).toEqual(["signedOut"])
      expect(await signedOutEvents(page)).toBe(1)
      await expect.poll(() => page.getByText("signed out").isVisible()).toBe(true)
    }
    const reasons = await Promise.all(pages.map(snapshot))
    expect(reasons).toEqual([
      expect.objectContaining({ reason: "expired" }),
      expect.objectContaining({ reason: "expired" }),
    ])
    expect(grants(server)).toEqual([login])
  })

  it("do not take a refused token from the store again, which forgets it", async () => {
    await using scenario = await startScenario(browser, { options: { storage: "local" }, script: app })
    const { server } = scenario
    const page = await scenario.signIn()
    await page.reload()
    await statusIs(page, "ready")
    const token = (await page.evaluate(() => window.client.peekAccessToken())) ?? ""
    server.revoke(token)
    const status = await page.evaluate(
      async (url) => (await window.client.fetch(`${url}/account`)).status,
      server.url,
    )
    expect(status).toBe(401)
    await statusIs(page, "signedOut")
    const stored = () => page.evaluate(() => JSON.stringify({ ...localStorage }))
    await expect.poll(stored).not.toContain(token)
    const other = await scenario.open()
    await statusIs(other, "signedOut")
    await page.evaluate(() => {
      window.states.splice(0)
      for (let focus = 0; focus < 5; focus++) dispatchEvent(new Event("focus"))
    })
    await elapsed(page, 500)
    expect(await page.evaluate(() => window.states)).toEqual([])
    expect(await signedOutEvents(page)).toBe(1)
  })
})
