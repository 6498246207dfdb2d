/** The token store over web storage, in Chromium: the contract of all stores, and tabs that write at the same time. */
import { afterAll, describe, expect, it } from "vitest"
import { launchChromium } from "../../../mock-server/test/chromium.js"
import { startScenario } from "./scenario.js"

const browser = await launchChromium()
afterAll(() => browser?.close())

describe.skipIf(browser === undefined)("the store over web storage, in Chromium", () => {
  it.each(["memory", "session", "local"] as const)("keeps the contract of stores: %s", async (storage) => {
    await using scenario = await startScenario(browser)
    const page = await scenario.open()
    const results = await page.evaluate(async (kind) => {
      const make = () =>
        window.webTokenStore({ storage: kind, persistRefreshToken: true, onFallback: () => {} })
      const shared = make()
      const open = () => (kind === "memory" ? shared : make())
      const tests: [string, () => Promise<void>][] = []
      window.testTokenStore({
        test: (name, run) => tests.push([name, run]),
        open: () => shared,
        // What a tab has for itself has no second store.
        openSecond: () => (kind === "local" ? open() : shared),
      })
      const outcomes: string[] = []
      for (const [name, run] of tests) {
        outcomes.push(
          await run().then(
            () => "passed",
            (error) => `${name}: ${error}`,
          ),
        )
      }
      return outcomes
    }, storage)
    expect(results.length).toBeGreaterThan(14)
    expect(results.filter((result) => result !== "passed")).toEqual([])
  })

  it("loses no write of tabs that write at the same time", async () => {
    await using scenario = await startScenario(browser)
    const pages = await Promise.all(Array.from({ length: 6 }, () => scenario.open()))
    const count = 100
    const write = async (writes: number) => {
      const store = window.webTokenStore({
        storage: "local",
        persistRefreshToken: true,
        onFallback: () => {},
      })
      for (let done = 0; done < writes; ) {
        const found = await store.read("key")
        const record = { value: String(Number(found?.value ?? 0) + 1), version: crypto.randomUUID() }
        if (await store.write("key", record, found?.version ?? null)) done++
      }
      return (await store.read("key"))?.value
    }
    const values = await Promise.all(pages.map((page) => page.evaluate(write, count)))
    expect(values).toContain(String(pages.length * count))
  })

  it("writes no refresh token down that it is not asked to", async () => {
    await using scenario = await startScenario(browser)
    const page = await scenario.open()
    const outcome = await page.evaluate(async () => {
      const store = window.webTokenStore({
        storage: "local",
        persistRefreshToken: false,
        onFallback: () => {},
      })
      const token = JSON.stringify({ accessToken: "a", refreshToken: "secret" })
      const record = { value: JSON.stringify({ format: 1, token }), version: "1" }
      await store.write("key", record, null)
      const here = await store.read("key")
      const other = window.webTokenStore({
        storage: "local",
        persistRefreshToken: false,
        onFallback: () => {},
      })
      return {
        isWhole: here?.value === record.value,
        elsewhere: await other.read("key"),
        stored: localStorage.getItem("key"),
      }
    })
    expect(outcome.isWhole).toBe(true)
    expect(outcome.elsewhere).toMatchObject({ version: "1" })
    expect(JSON.stringify(outcome)).not.toContain("secret")
  })

  it.each([
    ["memory", false],
    ["memory", true],
    ["session", false],
    ["session", true],
    ["local", false],
    ["local", true],
  ] as const)(
    "has of a login what was asked for: storage %s, persistRefreshToken %s",
    async (storage, persistRefreshToken) => {
      await using scenario = await startScenario(browser, { options: { storage, persistRefreshToken } })
      const page = await scenario.signIn()
      const stored = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))
      const [login] = scenario.server.families.flatMap(({ refreshTokens }) => refreshTokens)
      expect({
        refreshToken: stored.includes(login?.token ?? "no login"),
        accessToken: stored.includes(login?.accessTokens[0]?.token ?? "no login"),
      }).toEqual({
        refreshToken: storage !== "memory" && persistRefreshToken,
        accessToken: storage !== "memory",
      })
    },
  )
})
