/** A client at module level that is made anew, as hot reload does: its provider unmounts the old one and mounts the new. In Chromium. */
import { afterAll, describe, expect, it } from "vitest"
import { launchChromium } from "../../../mock-server/test/chromium.js"
import { grants, snapshot, startScenario, statusIs } from "./scenario.js"

const browser = await launchChromium()
afterAll(() => browser?.close())

/** Counts what is open in a page: listeners, channels, timers and locks. */
const countOpen = () => {
  const open = { listeners: 0, channels: 0 }
  Object.assign(window, { open })
  for (const target of [EventTarget.prototype]) {
    const { addEventListener } = target
    target.addEventListener = function (type: string, listener: never, options?: unknown) {
      open.listeners++
      const { signal } = Object(options) as { signal?: AbortSignal }
      if (signal !== undefined && this !== signal) signal.onabort = () => open.listeners--
      return addEventListener.call(this, type, listener, options as never)
    }
  }
  window.BroadcastChannel = class extends BroadcastChannel {
    constructor(name: string) {
      super(name)
      open.channels++
    }
    override close() {
      super.close()
      open.channels--
    }
  }
}

const kept = [
  { storage: "session", persistRefreshToken: true },
  { storage: "local", persistRefreshToken: true },
] as const

describe.skipIf(browser === undefined)("hot reload, in Chromium", { timeout: 60_000 }, () => {
  it.each(kept)(
    "keeps the user signed in, and leaves nothing of the old client behind: %j",
    async (options) => {
      await using scenario = await startScenario(browser, { options })
      const { server } = scenario
      await scenario.context.addInitScript(countOpen)
      const page = await scenario.signIn()
      const channels = () => page.evaluate<number>("window.open.channels")
      await expect.poll(channels).toBe(1)
      const token = await page.evaluate(() => window.client.getAccessToken())
      for (let edit = 0; edit < 20; edit++) {
        await page.evaluate(() => {
          window.unmount()
          window.client = window.makeClient()
          window.unmount = window.client.mount()
        })
        await statusIs(page, "ready")
      }
      expect(await page.evaluate(() => window.client.getAccessToken())).toBe(token)
      // One of the new client's, and none of the twenty before.
      await expect.poll(channels).toBe(1)
      const hours = 2 * 3_600_000
      server.clock.advance(hours)
      await page.evaluate((ahead) => {
        window.ahead = ahead
        for (const type of ["focus", "online"]) dispatchEvent(new Event(type))
      }, hours)
      await statusIs(page, "ready")
      expect(await page.evaluate(() => window.client.getAccessToken())).not.toBe(token)
      expect(grants(server)).toEqual(["authorization_code granted", "refresh_token granted"])
      expect(server.lint()).toEqual([])
    },
  )

  it.each(kept)(
    "signs a client in that is made in the middle of a login of the old one: %j",
    async (options) => {
      await using scenario = await startScenario(browser, { options })
      const { server } = scenario
      const page = await scenario.open("/map")
      await statusIs(page, "signedOut")
      for (const method of ["redirect", "popup"]) {
        const exchange = server.faults.hold(1)
        await page.getByRole("button", { name: method }).click()
        await exchange.full
        await page.waitForFunction("window.client")
        await page.evaluate(() => {
          window.unmount()
          window.client = window.makeClient()
          window.unmount = window.client.mount()
        })
        await statusIs(page, "signedOut")
        exchange.release()
        await statusIs(page, "ready")
        expect(page.url()).toBe(`${scenario.origin}/map`)
        await page.evaluate(() => window.client.logout())
        await statusIs(page, "signedOut")
      }
      expect(grants(server)).toEqual(["authorization_code granted", "authorization_code granted"])
    },
  )

  it.each(kept)("clients that nobody unmounts refresh once all the same: %j", async (options) => {
    await using scenario = await startScenario(browser, { options })
    const { server } = scenario
    const page = await scenario.signIn()
    const hours = 2 * 3_600_000
    server.clock.advance(hours)
    const tokens = await page.evaluate(async (ahead) => {
      window.ahead = ahead
      const clients = [window.client, ...Array.from({ length: 5 }, window.makeClient)]
      for (const client of clients) client.mount()
      return Promise.all(clients.map((client) => client.getAccessToken()))
    }, hours)
    expect(new Set(tokens).size).toBe(1)
    expect(grants(server)).toEqual(["authorization_code granted", "refresh_token granted"])
    await page.evaluate(() => window.client.logout())
    await statusIs(page, "signedOut")
  })

  it("with storage in memory, a client that is made anew is signed out, and the kept one is not", async () => {
    await using scenario = await startScenario(browser, { options: { storage: "memory" } })
    const page = await scenario.signIn()
    // What the guide says: the client of the module's last run is taken.
    await page.evaluate(() => {
      window.unmount()
      window.unmount = window.client.mount()
    })
    await statusIs(page, "ready")
    await page.evaluate(() => {
      window.unmount()
      window.client = window.makeClient()
      window.unmount = window.client.mount()
    })
    await statusIs(page, "signedOut")
    expect(await snapshot(page)).toEqual({ status: "signedOut", reason: "initial" })
    expect(grants(scenario.server)).toEqual(["authorization_code granted"])
  })
})
