/** Login by redirect, in Chromium: the callback, and everything that can happen to its URL. */
import { afterAll, describe, expect, it } from "vitest"
import { launchChromium } from "../../../mock-server/test/chromium.js"
import { grants, snapshot, startScenario, statusIs } from "./scenario.js"

const browser = await launchChromium()
afterAll(() => browser?.close())

const login = "authorization_code granted"

describe.skipIf(browser === undefined)("login by redirect, in Chromium", () => {
  it("signs in, once, and comes back to where the user was", async () => {
    await using scenario = await startScenario(browser)
    const page = await scenario.open("/maps/7?zoom=3&q=a%20b#layer")
    await statusIs(page, "signedOut")
    await page.getByRole("button", { name: "redirect" }).click()
    await statusIs(page, "ready")
    expect(page.url()).toBe(`${scenario.origin}/maps/7?zoom=3&q=a%20b#layer`)
    expect(await page.evaluate(() => window.states)).toEqual(["restoring", "exchanging", "ready"])
    expect(grants(scenario.server)).toEqual([login])
    expect(scenario.server.lint()).toEqual([])
  })

  it("removes only the authorization response from the URL, before the exchange, and keeps history.state", async () => {
    await using scenario = await startScenario(browser, { options: { storage: "session" } })
    const { server, origin, context } = scenario
    await context.addInitScript(() => {
      window.options = { navigate: () => {} }
      // As a router has it at the callback.
      if (location.pathname === "/callback") history.replaceState({ router: 7 }, "")
    })
    const page = await scenario.open()
    await statusIs(page, "signedOut")
    const exchange = server.faults.hold(1)
    // The provider adds what it likes; the app's own parameters and fragment are on the URL as well.
    await page.route("**/oauth/authorize?*", async (route) => {
      const reply = await route.fetch({ maxRedirects: 0 })
      const location = `${reply.headers()["location"]}&iss=https%3A%2F%2Fx&session_state=1&tab=a%20b&q=%7e#part`
      await route.fulfill({ response: reply, headers: { ...reply.headers(), location } })
    })
    await page.getByRole("button", { name: "redirect" }).click()
    await exchange.full
    expect(page.url()).toBe(`${origin}/callback?tab=a%20b&q=%7e#part`)
    expect(await page.evaluate(() => history.state)).toEqual({ router: 7 })
    exchange.release()
    await statusIs(page, "ready")
    await page.reload()
    await statusIs(page, "ready")
    expect(grants(server)).toEqual([login])
  })

  it("exchanges once, however often the client is mounted and asked in the meantime", async () => {
    await using scenario = await startScenario(browser)
    const { server, context } = scenario
    const page = await scenario.signIn()
    await page.evaluate(() => window.client.logout())
    await context.addInitScript(() => {
      window.manual = true
    })
    const exchange = server.faults.hold(1)
    await page.getByRole("button", { name: "redirect" }).click()
    await page.waitForURL("**/callback*")
    await page.waitForFunction("window.client")
    const results = page.evaluate(async () => {
      const url = location.href
      window.client.mount()() // as StrictMode does
      const unmount = window.client.mount()
      const calls = [
        window.client.handleCallback(url),
        window.client.handleCallback(url),
        window.client.handleCallback(),
      ]
      unmount()
      window.client.mount()
      return Promise.all(calls)
    })
    await exchange.full
    exchange.release()
    expect((await results).filter(({ handled }) => handled).length).toBeLessThanOrEqual(1)
    await statusIs(page, "ready")
    expect(grants(server)).toEqual([login, login])
  })

  it.each(["memory", "local"] as const)(
    "exchanges once where two tabs have the same callback URL, storage %s",
    async (storage) => {
      await using scenario = await startScenario(browser, { options: { storage } })
      const { server, context } = scenario
      const first = await scenario.open()
      await statusIs(first, "signedOut")
      const second = await context.newPage()
      const third = await context.newPage()
      let callback = ""
      await first.route("**/oauth/authorize?*", async (route) => {
        const reply = await route.fetch({ maxRedirects: 0 })
        callback = reply.headers()["location"] ?? ""
        // The URL itself, in three tabs at once.
        await Promise.all([second.goto(callback), third.goto(callback), route.fulfill({ response: reply })])
      })
      await first.getByRole("button", { name: "redirect" }).click()
      const statuses = async () =>
        (await Promise.all([first, second, third].map(snapshot))).map((state) => state?.status).sort()
      const expected = storage === "local" ? ["ready", "ready", "ready"] : ["ready", "signedOut", "signedOut"]
      await expect.poll(statuses).toEqual(expected)
      expect(grants(server)).toEqual([login])
      for (const page of [first, second, third]) expect(page.url()).not.toContain("code=")
    },
  )

  it("takes a stale callback for what it is: reload and back button, with a session and without", async () => {
    await using scenario = await startScenario(browser, { options: { storage: "local" } })
    const { server, origin } = scenario
    const page = await scenario.open("/map")
    await statusIs(page, "signedOut")
    const urls: string[] = []
    page.on("framenavigated", (frame) => urls.push(frame.url()))
    await page.getByRole("button", { name: "redirect" }).click()
    await statusIs(page, "ready")
    const callback = urls.find((url) => url.includes("code=")) ?? ""
    expect(callback).toContain(`${origin}/callback?`)

    await page.goto(callback)
    await statusIs(page, "ready")
    await expect.poll(() => page.url()).toBe(`${origin}/map`)
    expect(await page.evaluate(() => window.states)).not.toContain("signedOut")
    await page.goBack()
    await statusIs(page, "ready")
    await page.goForward()
    await statusIs(page, "ready")

    await page.evaluate(() => window.client.logout())
    await page.goto(callback)
    await statusIs(page, "signedOut")
    expect(await snapshot(page)).toMatchObject({ error: { _tag: "InvalidAuthorizationResponse" } })
    await expect.poll(() => page.url()).toBe(`${origin}/map`)
    await page.reload()
    await statusIs(page, "signedOut")
    expect(await snapshot(page)).not.toHaveProperty("error")
    expect(grants(server)).toEqual([login])
  })

  it("sends no code for a state that it did not start, and ignores the responses of other libraries", async () => {
    await using scenario = await startScenario(browser)
    const { origin, server } = scenario
    const forged = `${origin}/callback?code=stolen&state=${"A-z0".repeat(8)}`
    const page = await scenario.open(forged.slice(origin.length))
    await statusIs(page, "signedOut")
    expect(await snapshot(page)).toMatchObject({ error: { _tag: "InvalidAuthorizationResponse" } })
    expect(page.url()).toBe(`${origin}/callback`)
    for (const path of [
      "/callback?code=theirs&state=0123456789abcdef0123456789abcdef",
      "/callback?code=theirs",
      `/elsewhere?code=theirs&state=${"A-z0".repeat(8)}`,
    ]) {
      const other = await scenario.open(path)
      await statusIs(other, "signedOut")
      expect(other.url()).toBe(origin + path)
      expect(await snapshot(other)).not.toHaveProperty("error")
    }
    expect(grants(server)).toEqual([])
  })

  it("shows the provider's refusal in the state, and nobody is sent there again", async () => {
    await using scenario = await startScenario(browser)
    const { server, origin } = scenario
    const page = await scenario.open()
    await statusIs(page, "signedOut")
    server.authorize.deny()
    // Before the click, because the page leaves this URL at once.
    const refused = page.waitForURL(`${origin}/callback`)
    await page.getByRole("button", { name: "redirect" }).click()
    await refused
    await statusIs(page, "signedOut")
    expect(await snapshot(page)).toMatchObject({ error: { error: "access_denied", action: "login" } })
    expect(server.log.filter(({ endpoint }) => endpoint === "authorize")).toHaveLength(1)
  })

  it("a refused login does not end the session that is there", async () => {
    await using scenario = await startScenario(browser, { options: { storage: "local" } })
    const page = await scenario.signIn()
    scenario.server.authorize.deny()
    // Before the click, because the page leaves this URL at once.
    const refused = page.waitForURL(`${scenario.origin}/callback`)
    await page.getByRole("button", { name: "redirect" }).click()
    await refused
    await statusIs(page, "ready")
  })

  it("is not stuck where the user comes back by the back button", async () => {
    await using scenario = await startScenario(browser, { server: { autoApprove: false } })
    const page = await scenario.open()
    await statusIs(page, "signedOut")
    await page.getByRole("button", { name: "redirect" }).click()
    await page.waitForURL("**/oauth/authorize?*")
    await page.goBack()
    await statusIs(page, "signedOut")
    await page.getByRole("button", { name: "redirect" }).click()
    await page.waitForURL("**/oauth/authorize?*")
  })

  it("keeps logins of several tabs apart", async () => {
    await using scenario = await startScenario(browser, { server: { autoApprove: false } })
    const pages = [await scenario.open("/one"), await scenario.open("/two")]
    for (const page of pages) {
      await statusIs(page, "signedOut")
      await page.getByRole("button", { name: "redirect" }).click()
      await page.waitForURL("**/oauth/authorize?*")
    }
    for (const page of pages.toReversed()) {
      await page.getByRole("button", { name: /approve/i }).click()
      await statusIs(page, "ready")
    }
    expect(pages.map((page) => page.url())).toEqual([`${scenario.origin}/one`, `${scenario.origin}/two`])
  })

  it("goes nowhere else afterwards, and starts nothing at another origin than the registered one", async () => {
    await using scenario = await startScenario(browser)
    const page = await scenario.open()
    await statusIs(page, "signedOut")
    const failure = (returnTo: string) =>
      page.evaluate((to) => window.client.login({ returnTo: to }).catch(({ message }) => message), returnTo)
    for (const returnTo of [
      "https://evil.example/",
      "//evil.example",
      "javascript:alert(1)",
      `blob:${scenario.origin}/x`,
    ]) {
      expect(await failure(returnTo)).toContain('Option "returnTo"')
    }
    await page.goto(scenario.origin.replace("localhost", "127.0.0.1"))
    await page.waitForFunction("window.client")
    expect(await failure("/")).toContain('Option "redirectUri"')
    expect(await snapshot(page)).toMatchObject({ status: "signedOut" })
  })

  it("tells routers where to go, and survives a path that looks like another origin", async () => {
    await using scenario = await startScenario(browser)
    const page = await scenario.open()
    await statusIs(page, "signedOut")
    await page.context().addInitScript(() => {
      window.addEventListener("popstate", () => window.events.push(location.pathname))
    })
    await page.evaluate(() => window.client.login({ returnTo: `${location.origin}//evil.example/x` }))
    await statusIs(page, "ready")
    await expect.poll(() => page.evaluate(() => window.events)).toContain("//evil.example/x")
    expect(page.url()).toBe(`${scenario.origin}//evil.example/x`)
  })

  it("finishes a login whose redirect URI the router left before the client was mounted", async () => {
    await using scenario = await startScenario(browser)
    const { server, context, origin } = scenario
    const page = await scenario.open("/map")
    await statusIs(page, "signedOut")
    await context.addInitScript(() => {
      window.manual = true
    })
    await page.getByRole("button", { name: "redirect" }).click()
    await page.waitForURL("**/callback*")
    await page.waitForFunction("window.client")
    await page.evaluate(() => {
      history.replaceState(null, "", "/welcome")
      window.unmount = window.client.mount()
    })
    await statusIs(page, "ready")
    await expect.poll(() => page.url()).toBe(`${origin}/map`)
    // Once: the next mount has nothing to finish.
    await page.evaluate(() => {
      window.unmount()
      window.client.mount()
    })
    await statusIs(page, "ready")
    expect(grants(server)).toEqual([login])
  })

  it("takes the code that the page was loaded with, and clears the URL that a router made of it", async () => {
    await using scenario = await startScenario(browser)
    const { server, context, origin } = scenario
    const page = await scenario.open("/map")
    await statusIs(page, "signedOut")
    await context.addInitScript(() => {
      window.manual = true
    })
    const exchange = server.faults.hold(1)
    await page.getByRole("button", { name: "redirect" }).click()
    await page.waitForURL("**/callback*")
    await page.waitForFunction("window.client")
    await page.evaluate(() => {
      // A router that takes parameters for numbers writes 1e21 for a code of 22 digits.
      const search = location.search.replace(/code=[^&]*/, "code=1e21")
      history.replaceState({ router: 7 }, "", `/callback${search}&tab=1`)
      window.client.mount()
    })
    await exchange.full
    expect(page.url()).toBe(`${origin}/callback?tab=1`)
    expect(await page.evaluate(() => history.state)).toEqual({ router: 7 })
    exchange.release()
    await statusIs(page, "ready")
    expect(grants(server)).toEqual([login])
  })

  it("finishes nothing twice: a second client in the page that the user came back to", async () => {
    await using scenario = await startScenario(browser)
    const page = await scenario.signIn()
    await page.evaluate(() => window.client.logout())
    await page.evaluate(() => {
      // As hot module replacement does.
      window.unmount()
      window.client = window.makeClient()
      window.client.mount()
    })
    await statusIs(page, "signedOut")
    expect(await snapshot(page)).toEqual({ status: "signedOut", reason: "initial" })
    expect(grants(scenario.server)).toEqual([login])
  })

  it("leaves the authorization response of another client with the same redirect URI to that one", async () => {
    await using scenario = await startScenario(browser)
    const { server, origin } = scenario
    const page = await scenario.open("/map")
    await statusIs(page, "signedOut")
    const mountAnother = () => {
      const { library, site } = window
      const drive = library.ellipsisDrive({ baseUrl: site.baseUrl })
      window.options = { server: { ...drive, tokenEndpoint: `${drive.tokenEndpoint}?another` } }
      const another = window.makeClient()
      Object.assign(window, { another })
      another.mount()
      return another
    }
    await page.evaluate(`window.another = (${mountAnother})(); void window.another.login()`)
    await page.waitForURL("**/callback?*")
    await statusIs(page, "signedOut")
    expect(await snapshot(page)).not.toHaveProperty("error")
    expect(page.url()).toContain("code=")
    await page.evaluate(`void (${mountAnother})()`)
    await expect
      .poll(() => page.evaluate<string>("window.another.getSnapshot().status"), { timeout: 10_000 })
      .toBe("ready")
    await expect.poll(() => page.url()).toBe(`${origin}/map`)
    await statusIs(page, "signedOut")
    expect(grants(server)).toEqual([login])
  })

  it("refuses a returnTo whose host only begins like its own", async () => {
    await using scenario = await startScenario(browser)
    const page = await scenario.open()
    await statusIs(page, "signedOut")
    const message = await page.evaluate(() =>
      window.client.login({ returnTo: `${location.origin}@evil.example/` }).catch((error) => error.message),
    )
    expect(message).toContain('Option "returnTo"')
  })

  it("goes nowhere else afterwards, whatever a script has made of the browser's storage", async () => {
    await using scenario = await startScenario(browser)
    const { context, origin } = scenario
    await context.addInitScript(() => {
      const visited: string[] = []
      Object.assign(window, { visited, options: { navigate: (url: string) => visited.push(url) } })
      if (location.pathname !== "/callback") return
      for (const storage of [localStorage, sessionStorage]) {
        for (const [key, text] of Object.entries(storage)) {
          storage.setItem(key, text.replaceAll(`${location.origin}/map`, "https://evil.example/map"))
        }
      }
    })
    const page = await scenario.open("/map")
    await statusIs(page, "signedOut")
    await page.getByRole("button", { name: "redirect" }).click()
    await page.waitForURL("**/callback*")
    await statusIs(page, "ready")
    await expect.poll(() => page.evaluate("window.visited")).toEqual([`${origin}/`])
  })

  it("requests the scope of the client's options, unless the login has one", async () => {
    await using scenario = await startScenario(browser, {
      options: { scope: "maps" },
      server: { scopes: ["projects", "maps", "files"] },
    })
    const page = await scenario.signIn()
    await page.evaluate(() => window.client.login({ scope: "files" }))
    const scopes = () =>
      scenario.server.log.flatMap(({ endpoint, parameters }) =>
        endpoint === "authorize" ? [parameters["scope"]] : [],
      )
    await expect.poll(scopes).toEqual(["maps", "files"])
  })
})
