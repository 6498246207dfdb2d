/** Whatever stands in the keys that this library writes, the app starts, and a login works. In Chromium. */
import type { Page } from "playwright-core"
import { afterAll, describe, expect, it } from "vitest"
import { launchChromium } from "../../../mock-server/test/chromium.js"
import { grants, type Scenario, snapshot, startScenario, statusIs } from "./scenario.js"

const browser = await launchChromium()
afterAll(() => browser?.close())

const record = (value: unknown) => JSON.stringify([3, "version", value])

/** A record as this version writes it, with another member in place of one. */
const recordWith = (change: object) =>
  record(
    JSON.stringify({
      format: 1,
      clientId: "spa",
      tokenEndpoint: "TOKEN_ENDPOINT",
      login: "x",
      sequence: 1,
      token: JSON.stringify({
        version: 1,
        accessToken: "a",
        refreshToken: "r",
        tokenType: "Bearer",
        issuedAt: 1,
        scope: [],
        extra: {},
      }),
      ...change,
    }),
  )

const damaged = [
  "",
  "null",
  "true",
  "0",
  "-1",
  "1e999",
  '"text"',
  "{}",
  '{"0":1,"1":"v","2":"x"}',
  "[]",
  "[null]",
  '["1"]',
  "[1e308,1,2]",
  "[9007199254740991]",
  '[-5,"version","value"]',
  '[3,"version"]',
  "[3,null,{}]",
  "[[[[]]]]",
  "not JSON",
  '{"unfinished":',
  "\u0000\ud800",
  record("null"),
  record("5"),
  record("[]"),
  record("{}"),
  record("not JSON"),
  recordWith({ format: 0 }),
  recordWith({ format: 2, token: { kept: "elsewhere" } }),
  recordWith({ clientId: "another" }),
  recordWith({ token: null }),
  recordWith({ token: "{}" }),
  recordWith({ token: JSON.stringify({ version: 2, accessToken: "a" }) }),
] as const

/** Without those that differ in the record alone, which only a store of tokens reads. */
const damagedItems = damaged.slice(0, 20)

const nameOf = ({ server }: Scenario) => `ellipsis-oauth spa ${server.url}/oauth/token default`

const watchErrors = (page: Page): readonly string[] => {
  const errors: string[] = []
  page.on("pageerror", (error) => errors.push(String(error)))
  return errors
}

/** A page of the site on which nothing runs. */
const blank = async ({ context, origin }: Scenario) => {
  const page = await context.newPage()
  await page.goto(`${origin}/page.js`)
  return page
}

const logIn = async (page: Page) => {
  await page.getByRole("button", { name: "redirect" }).click()
  await statusIs(page, "ready")
}

const places = [
  ["local", true],
  ["local", false],
  ["session", true],
] as const

describe.skipIf(browser === undefined)("damaged storage, in Chromium", { timeout: 120_000 }, () => {
  it.each(places)("in place of a record signs out, and a login replaces it: %s, %s", async (...place) => {
    const [storage, persistRefreshToken] = place
    await using scenario = await startScenario(browser, { options: { storage, persistRefreshToken } })
    const name = nameOf(scenario)
    const page = await blank(scenario)
    const errors = watchErrors(page)
    const put = (value: string) =>
      page.evaluate(
        ([key, item, area]) => (area === "local" ? localStorage : sessionStorage).setItem(key, item),
        [name, value.replaceAll("TOKEN_ENDPOINT", `${scenario.server.url}/oauth/token`), storage] as const,
      )
    for (const value of damaged) {
      await put(value)
      await page.goto(`${scenario.origin}/`)
      await page.waitForFunction("window.client")
      await statusIs(page, "signedOut")
      expect([value, await snapshot(page)]).toMatchObject([value, { reason: "initial" }])
      const tag = await page.evaluate(() => window.client.getAccessToken().catch(({ _tag }) => _tag))
      // Where a record seems to be there, the error says that it is damaged.
      expect(["LoginRequired", "TokenStoreError"]).toContain(tag)
    }
    await logIn(page)
    await page.reload()
    await statusIs(page, "ready")
    for (const value of damaged.slice(0, 12)) {
      await page.evaluate(() => window.client.logout())
      await put(value)
      await page.reload()
      await page.waitForFunction("window.client")
      await statusIs(page, "signedOut")
      await logIn(page)
      await page.reload()
      await statusIs(page, "ready")
      await page.evaluate(() => window.client.getAccessToken())
    }
    expect(errors).toEqual([])
    expect(scenario.server.log.filter(({ decision }) => decision === "refused")).toEqual([])
  })

  it("that another tab writes under an open page breaks nothing, and a login works", async () => {
    await using scenario = await startScenario(browser, {
      options: { storage: "local", persistRefreshToken: true },
    })
    const name = nameOf(scenario)
    const page = await scenario.signIn()
    const errors = watchErrors(page)
    const other = await blank(scenario)
    for (const value of damaged) {
      await other.evaluate(
        ([key, item]) => {
          for (const each of [key, `${key}?`]) localStorage.setItem(each, item)
          const channel = new BroadcastChannel(key)
          for (const message of [item, null, 5, [], { type: item }, { state: 5 }, { type: 7, state: {} }]) {
            channel.postMessage(message)
          }
          channel.close()
        },
        [name, value] as const,
      )
    }
    await expect.poll(async () => (await snapshot(page))?.status).toMatch(/signedOut|ready/)
    await page.reload()
    await page.waitForFunction("window.client")
    await statusIs(page, "signedOut")
    await logIn(page)
    await page.reload()
    await statusIs(page, "ready")
    expect(errors).toEqual([])
  })

  it("in place of what a login left behind is no login, and the next one works", async () => {
    await using scenario = await startScenario(browser, { options: { storage: "local" } })
    const { origin } = scenario
    const name = nameOf(scenario)
    const page = await scenario.open()
    const errors = watchErrors(page)
    const state = `${"A".repeat(31)}-`
    for (const value of damagedItems.slice(3)) {
      await page.evaluate(
        ([key, item]) => {
          for (const area of [localStorage, sessionStorage]) area.setItem(key, item)
        },
        [`${name}#${state}`, value] as const,
      )
      await page.goto(`${origin}/callback?code=x&state=${state}`)
      await page.waitForFunction("window.client")
      await statusIs(page, "signedOut")
      expect([value, await snapshot(page)]).toMatchObject([
        value,
        { error: { _tag: "InvalidAuthorizationResponse", action: "login" } },
      ])
    }
    await logIn(page)
    const left = await page.evaluate(() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)])
    expect(left.filter((key) => key.endsWith(`#${state}`))).toEqual([])
    expect(errors).toEqual([])
    expect(grants(scenario.server)).toEqual(["authorization_code granted"])
  })

  it("as the page to go to after a login leads to this app's own start", async () => {
    await using scenario = await startScenario(browser, { options: { storage: "local" } })
    const { origin } = scenario
    const page = await scenario.open("/maps")
    const errors = watchErrors(page)
    await scenario.context.addInitScript(() => {
      for (const [key, value] of Object.entries(localStorage)) {
        const entry = key.includes("#") ? JSON.parse(value) : []
        if (entry.length === 3) {
          localStorage.setItem(key, JSON.stringify([entry[0], entry[1], "https://evil.example/"]))
        }
      }
    })
    await logIn(page)
    await page.waitForURL(`${origin}/`)
    expect(errors).toEqual([])
  })

  it("that is full, or denied, keeps the tokens in memory", async () => {
    for (const script of [
      "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }",
      "for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, { get() { throw new DOMException('denied', 'SecurityError') } })",
    ]) {
      await using scenario = await startScenario(browser, {
        options: { storage: "local", persistRefreshToken: true },
      })
      await scenario.context.addInitScript(script)
      const page = await scenario.open()
      const errors = watchErrors(page)
      await statusIs(page, "signedOut")
      const popup = page.waitForEvent("popup")
      await page.getByRole("button", { name: "popup" }).click()
      await popup
      await statusIs(page, "ready")
      expect(await page.evaluate(() => window.client.getStorage())).toBe("memory")
      await page.evaluate(() => window.client.getAccessToken({ force: true }))
      await page.evaluate(() => window.client.logout())
      await statusIs(page, "signedOut")
      expect(errors).toEqual([])
    }
  })
})
