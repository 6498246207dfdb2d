/** Pages that need a login, and what becomes of logins that fail or are left, in Chromium. */
import type { Page } from "playwright-core"
import { afterAll, describe, expect, it } from "vitest"
import { launchChromium } from "../../../mock-server/test/chromium.js"
import { bundle, grants, type Scenario, snapshot, startScenario, statusIs } from "./scenario.js"

const browser = await launchChromium()
const withCache = await launchChromium({ ownDefaults: true })
afterAll(() => Promise.all([browser?.close(), withCache?.close()]))

const script = await bundle("requireLoginPage.tsx")

const consent = { autoApprove: false }

/** How often a page of the provider's login was asked for. */
const logins = ({ server }: Scenario) => server.log.filter(({ endpoint }) => endpoint === "authorize").length

/** A tab at a page that needs a login, with nothing awaited: it may be on its way to the provider. */
const visit = async ({ context, origin }: Scenario, path = "/maps/7") => {
  const page = await context.newPage()
  await page.goto(origin + path, { waitUntil: "commit" })
  return page
}

const offer = (page: Page) => page.getByRole("button", { name: "Sign in" })

/** Lets a page run for a while, so that what must not happen would have happened. */
const elapsed = async (page: Page, milliseconds: number) => {
  const end = (await page.evaluate(() => performance.now())) + milliseconds
  await page.waitForFunction((time) => performance.now() > time, end)
}

const isOffered = async (page: Page, scenario: Scenario, path = "/maps/7") => {
  await offer(page).waitFor()
  await expect.poll(() => page.url()).toBe(scenario.origin + path)
  const before = logins(scenario)
  await elapsed(page, 700)
  expect(logins(scenario)).toBe(before)
}

describe.skipIf(browser === undefined)("a page that needs a login, in Chromium", { timeout: 60_000 }, () => {
  it("sends a new user to it, once, and is shown afterwards", async () => {
    await using scenario = await startScenario(browser, { script })
    const page = await visit(scenario, "/maps/7?zoom=3#north")
    await page.getByRole("heading", { name: "A map" }).waitFor()
    expect(page.url()).toBe(`${scenario.origin}/maps/7?zoom=3#north`)
    expect(logins(scenario)).toBe(1)
    expect(grants(scenario.server)).toEqual(["authorization_code granted"])
  })

  it.each([
    ["access_denied", "Access was not allowed", "login"],
    ["temporarily_unavailable", "cannot be reached right now", "retry"],
    ["invalid_scope", "not set up correctly", "fix"],
  ])("shows what the provider refused, and a way on: %s", async (code, message, action) => {
    await using scenario = await startScenario(browser, { script })
    const { server, context } = scenario
    server.authorize.deny()
    if (code !== "access_denied") {
      await context.route("**/oauth/authorize?*", async (route) => {
        const response = await route.fetch({ maxRedirects: 0 })
        const location = response.headers()["location"]?.replace("access_denied", code) ?? ""
        await route.fulfill({ response, headers: { ...response.headers(), location } })
      })
    }
    const page = await visit(scenario)
    await isOffered(page, scenario)
    expect(await page.getByRole("alert").textContent()).toContain(message)
    expect(await snapshot(page)).toMatchObject({ reason: "initial", error: { error: code, action } })
    expect(logins(scenario)).toBe(1)
    await page.reload()
    await isOffered(page, scenario)
    await context.unrouteAll()
    await offer(page).click()
    await page.getByRole("heading", { name: "A map" }).waitFor()
  })

  it.each([
    ["without a cache of pages", browser, false],
    ["with the browser's cache of pages", withCache, true],
  ] as const)(
    "is not left by itself again where the user comes back by the back button, %s",
    async (_, used, isCached) => {
      await using scenario = await startScenario(used, { script, server: consent })
      const page = await visit(scenario)
      await page.waitForURL("**/oauth/authorize?*")
      await page.goBack({ waitUntil: "commit" })
      await expect
        .poll(() => page.evaluate<boolean>("window.persisted").catch(() => undefined))
        .toBe(isCached)
      await isOffered(page, scenario)
      expect(await page.getByRole("alert").textContent()).toContain("was not finished")
      expect(await snapshot(page)).toMatchObject({
        status: "signedOut",
        error: { _tag: "LoginAbandoned", action: "login" },
      })
      await offer(page).click()
      await page.getByRole("button", { name: /approve/i }).click()
      await page.getByRole("heading", { name: "A map" }).waitFor()
      expect(await snapshot(page)).toMatchObject({ status: "ready" })
    },
  )

  it("says so where the user stops the way to the provider, or where nothing comes from there", async () => {
    await using scenario = await startScenario(browser, { script })
    const { context } = scenario
    await context.clock.install()
    await context.route("**/oauth/authorize?*", (route) => route.fulfill({ status: 204 }))
    const page = await visit(scenario)
    await statusIs(page, "signingIn")
    await page.clock.runFor(11_000)
    await offer(page).waitFor()
    expect(await page.getByRole("alert").textContent()).toContain("was not finished")
  })

  it("says so where the browser's storage hangs, and the login still works", async () => {
    await using scenario = await startScenario(browser, { script, options: { storage: "local" } })
    const { context } = scenario
    await context.clock.install()
    await context.addInitScript(() => {
      const never = () => new Promise<never>(() => {})
      Object.assign(LockManager.prototype, { query: never, request: never })
    })
    const page = await visit(scenario)
    await statusIs(page, "restoring")
    await page.clock.runFor(11_000)
    await offer(page).waitFor()
    expect(await snapshot(page)).toMatchObject({
      status: "signedOut",
      error: { _tag: "TokenStoreError", reason: "unavailable" },
    })
    await offer(page).click()
    await statusIs(page, "restoring")
    // Each call of the storage takes its time, and the exchange between them takes real time.
    await expect
      .poll(async () => {
        await page.clock.runFor(12_000)
        return (await snapshot(page))?.status
      })
      .toBe("ready")
    await page.getByRole("heading", { name: "A map" }).waitFor()
    expect(grants(scenario.server)).toEqual(["authorization_code granted"])
  })

  it("begins beside a client whose backend does not respond", async () => {
    const beside = await bundle("besideBackendPage.tsx")
    await using scenario = await startScenario(browser, { script: beside })
    const { context } = scenario
    await context.clock.install()
    await context.route("**/auth/token", () => {})
    const page = await visit(scenario)
    await statusIs(page, "signedOut")
    await page.clock.runFor(15_000)
    await statusIs(page, "ready")
    expect(logins(scenario)).toBe(1)
  })

  it("shows an error that comes without a state, where a login was begun, and leaves those of others alone", async () => {
    await using scenario = await startScenario(browser, { script })
    const { context, origin } = scenario
    await context.route("**/oauth/authorize?*", (route) =>
      route.fulfill({
        status: 302,
        headers: { location: `${origin}/callback?error=access_denied&error_description=no` },
      }),
    )
    const page = await visit(scenario)
    await isOffered(page, scenario)
    expect(await snapshot(page)).toMatchObject({ error: { error: "access_denied" } })
    const other = await visit(scenario, "/callback?error=access_denied")
    await statusIs(other, "signedOut")
    expect(other.url()).toBe(`${origin}/callback?error=access_denied`)
    expect(await snapshot(other)).not.toHaveProperty("error")
  })

  it("never takes a code that comes without a state", async () => {
    await using scenario = await startScenario(browser, { script })
    const { context, origin, server } = scenario
    await context.route("**/oauth/authorize?*", (route) =>
      route.fulfill({ status: 302, headers: { location: `${origin}/callback?code=stolen` } }),
    )
    const page = await visit(scenario)
    await page.waitForURL(`${origin}/callback?code=stolen`)
    await statusIs(page, "signedOut")
    expect(grants(server)).toEqual([])
  })

  it("is where the user is again after a reload in the middle of the exchange", async () => {
    await using scenario = await startScenario(browser, { script })
    const { server } = scenario
    const exchange = server.faults.hold(1)
    const page = await visit(scenario)
    await exchange.full
    await page.reload({ waitUntil: "commit" })
    await isOffered(page, scenario)
    expect(await snapshot(page)).toMatchObject({ error: { _tag: "LoginAbandoned" } })
  })

  it("is where the user is again who opens the callback URL once more", async () => {
    await using scenario = await startScenario(browser, { script })
    const { context } = scenario
    let callback = ""
    context.on("request", (request) => {
      if (request.url().includes("/callback?")) callback = request.url()
    })
    const page = await visit(scenario)
    await page.getByRole("heading", { name: "A map" }).waitFor()
    const other = await context.newPage()
    await other.goto(callback)
    await isOffered(other, scenario)
    expect(await snapshot(other)).toMatchObject({ error: { _tag: "InvalidAuthorizationResponse" } })
  })

  it("is where a login leads that is begun at the redirect URI again", async () => {
    await using scenario = await startScenario(browser, { script, server: consent })
    const { context, server } = scenario
    await context.addInitScript(() => {
      window.options = { navigate: () => {} }
    })
    const page = await visit(scenario)
    await page.getByRole("button", { name: /refuse|deny/i }).click()
    await page.waitForURL("**/callback")
    await statusIs(page, "signedOut")
    await context.addInitScript(() => {
      delete window.options
    })
    await page.getByRole("button", { name: "redirect" }).click()
    await page.getByRole("button", { name: /approve/i }).click()
    await page.getByRole("heading", { name: "A map" }).waitFor()
    expect(page.url()).toBe(`${scenario.origin}/maps/7`)
    // Nobody knows of a page there.
    const other = await visit(scenario, "/callback")
    await other.getByRole("button", { name: "redirect" }).click()
    await other.getByRole("button", { name: /approve/i }).click()
    await other.getByRole("heading", { name: "Welcome" }).waitFor()
    expect(other.url()).toBe(`${scenario.origin}/`)
    expect(grants(server)).toHaveLength(2)
  })

  it.each(["memory", "session", "local"] as const)(
    "starts no login by itself after a sign-out, in no tab and after no reload, storage %s",
    async (storage) => {
      await using scenario = await startScenario(browser, {
        script,
        options: { storage, persistRefreshToken: true },
      })
      const page = await visit(scenario)
      await page.getByRole("heading", { name: "A map" }).waitFor()
      const other = await visit(scenario)
      await other.getByRole("heading", { name: "A map" }).waitFor()
      const before = logins(scenario)
      await page.getByRole("button", { name: "Sign out" }).click()
      for (const tab of [page, other]) await isOffered(tab, scenario)
      expect(await snapshot(page)).toEqual({ status: "signedOut", reason: "logout" })
      expect(await snapshot(other)).toEqual({ status: "signedOut", reason: "elsewhere" })
      for (const tab of [page, other]) {
        await tab.reload()
        await isOffered(tab, scenario)
      }
      expect(logins(scenario)).toBe(before)
      await offer(other).click()
      await other.getByRole("heading", { name: "A map" }).waitFor()
      expect(logins(scenario)).toBe(before + 1)
      // That is over: the next session that ends sends to the login again.
      await other.evaluate(() => window.client.hasLoggedOut?.()).then((out) => expect(out).toBe(false))
    },
  )

  it("begins a login where a session ends, once, and comes back to this page", async () => {
    await using scenario = await startScenario(browser, { script, options: { storage: "local" } })
    const { server } = scenario
    const page = await visit(scenario)
    await page.getByRole("heading", { name: "A map" }).waitFor()
    await page.reload()
    await page.getByRole("heading", { name: "A map" }).waitFor()
    const before = logins(scenario)
    server.clock.advance("2 hours")
    await page.evaluate(() => {
      window.ahead = 2 * 3_600_000
      window.client.getSnapshot()
    })
    await expect.poll(() => logins(scenario)).toBe(before + 1)
    await page.getByRole("heading", { name: "A map" }).waitFor()
    expect(page.url()).toBe(`${scenario.origin}/maps/7`)
  })

  it("stops where an API refuses the token of each login", async () => {
    await using scenario = await startScenario(browser, { script })
    const { context } = scenario
    await context.route("**/oauth/token", async (route) => {
      const response = await route.fetch()
      const { refresh_token: _, ...json } = await response.json()
      await route.fulfill({ response, json })
    })
    await context.route("**/account", (route) => route.fulfill({ status: 401 }))
    await context.addInitScript(() => {
      addEventListener("load", () => {
        window.client.subscribe(() => {
          if (window.client.peekAccessToken() !== undefined)
            void window.client.fetch(`${window.site.baseUrl}/account`)
        })
      })
    })
    const page = await visit(scenario)
    await isOffered(page, scenario)
    expect(logins(scenario)).toBe(3)
  })

  it("leads to where the user has gone since, also where the redirect URI is the root", async () => {
    await using scenario = await startScenario(browser, { script, server: consent })
    const { context } = scenario
    await context.addInitScript(() => {
      window.options = { redirectUri: `${location.origin}/` }
    })
    const page = await visit(scenario)
    await page.getByRole("button", { name: /refuse|deny/i }).click()
    await isOffered(page, scenario)
    await page.evaluate(() => {
      history.pushState(null, "", "/")
      dispatchEvent(new PopStateEvent("popstate"))
    })
    await page.getByRole("heading", { name: "Welcome" }).waitFor()
    await page.getByRole("button", { name: "redirect" }).click()
    await page.getByRole("button", { name: /approve/i }).click()
    await statusIs(page, "ready")
    await elapsed(page, 300)
    expect(page.url()).toBe(`${scenario.origin}/`)
  })

  it("takes nobody back there who left the login for the root, where the redirect URI is the root", async () => {
    await using scenario = await startScenario(browser, { script, server: consent })
    const { context } = scenario
    await context.addInitScript(() => {
      window.options = { redirectUri: `${location.origin}/` }
    })
    const page = await visit(scenario)
    await page.waitForURL("**/oauth/authorize?*")
    await page.goto(`${scenario.origin}/`)
    await statusIs(page, "signedOut")
    await elapsed(page, 300)
    expect(page.url()).toBe(`${scenario.origin}/`)
    expect(await snapshot(page)).toMatchObject({ error: { _tag: "LoginAbandoned" } })
    await page.getByRole("button", { name: "redirect" }).click()
    await page.getByRole("button", { name: /approve/i }).click()
    await statusIs(page, "ready")
    await elapsed(page, 300)
    expect(page.url()).toBe(`${scenario.origin}/`)
  })

  it("signs in to two clients on one page, one after the other", async () => {
    const pair = await bundle("twoClientsPage.tsx")
    await using scenario = await startScenario(browser, {
      script: pair,
      options: { storage: "session", persistRefreshToken: true },
    })
    const { server } = scenario
    const page = await visit(scenario)
    await page.getByRole("heading", { name: "First" }).waitFor()
    await page.getByRole("heading", { name: "Second" }).waitFor()
    expect(logins(scenario)).toBe(2)
    expect(grants(server)).toEqual(["authorization_code granted", "authorization_code granted"])
    expect(page.url()).toBe(`${scenario.origin}/maps/7`)
  })

  it("is signed in where login is pressed again and again, and the last one counts", async () => {
    await using scenario = await startScenario(browser, { script })
    const page = await visit(scenario, "/")
    await page.getByRole("button", { name: "redirect" }).waitFor()
    await page.evaluate(() => {
      for (const returnTo of ["/one", "/two", "/maps/3"])
        void window.client.login({ returnTo }).catch(() => {})
    })
    await page.getByRole("heading", { name: "A map" }).waitFor()
    expect(page.url()).toBe(`${scenario.origin}/maps/3`)
    expect(grants(scenario.server)).toEqual(["authorization_code granted"])
  })

  it("is signed in where login is pressed while a code is exchanged", async () => {
    await using scenario = await startScenario(browser, { script })
    const { server } = scenario
    const exchange = server.faults.hold(1)
    const page = await visit(scenario)
    await exchange.full
    await page.getByRole("button", { name: "redirect" }).click({ noWaitAfter: true })
    await expect.poll(() => logins(scenario)).toBe(2)
    exchange.release()
    await page.getByRole("heading", { name: "A map" }).waitFor()
    expect(page.url()).toBe(`${scenario.origin}/maps/7`)
    expect(await snapshot(page)).not.toHaveProperty("error")
  })

  it("leads to where the user has gone since, also by a router that keeps its routes in the hash", async () => {
    await using scenario = await startScenario(browser, { server: consent })
    const { context, origin } = scenario
    await context.addInitScript(() => {
      window.options = { redirectUri: `${location.origin}/` }
    })
    const page = await visit(scenario, "/#/maps/7")
    await page.getByRole("button", { name: "redirect" }).click()
    await page.getByRole("button", { name: /refuse|deny/i }).click()
    await expect.poll(() => page.url()).toBe(`${origin}/#/maps/7`)
    await statusIs(page, "signedOut")
    await page.evaluate(() => {
      location.hash = "#/other"
    })
    await page.getByRole("button", { name: "redirect" }).click()
    await page.getByRole("button", { name: /approve/i }).click()
    await statusIs(page, "ready")
    await expect.poll(() => page.url()).toBe(`${origin}/#/other`)
  })

  it.each(["before its code comes", "during its exchange"])(
    "agrees with the other tab where that one signs out while a login is under way here: %s",
    async (when) => {
      await using scenario = await startScenario(browser, {
        script,
        server: consent,
        options: { storage: "local", persistRefreshToken: true },
      })
      const { server } = scenario
      const first = await visit(scenario)
      await first.getByRole("button", { name: /approve/i }).click()
      await first.getByRole("heading", { name: "A map" }).waitFor()
      const page = await visit(scenario, "/")
      await page.getByRole("button", { name: "redirect" }).click()
      const approve = page.getByRole("button", { name: /approve/i })
      const signOut = async () => {
        await first.getByRole("button", { name: "Sign out" }).click()
        await offer(first).waitFor()
      }
      if (when === "before its code comes") {
        await signOut()
        await approve.click()
      } else {
        const exchange = server.faults.hold(1)
        await approve.click()
        await exchange.full
        await signOut()
        exchange.release()
      }
      await page.getByRole("heading", { name: "Welcome" }).waitFor()
      for (const tab of [page, first]) await statusIs(tab, "ready")
      expect(await page.evaluate(() => window.client.hasLoggedOut?.())).toBe(false)
      for (const tab of [page, first]) {
        await tab.reload()
        await statusIs(tab, "ready")
      }
    },
  )

  it("has a way on in both tabs where an error comes with the state of another tab's login", async () => {
    await using scenario = await startScenario(browser, { script, server: consent })
    const { origin } = scenario
    const page = await visit(scenario)
    await page.waitForURL("**/oauth/authorize?*")
    const state = new URL(page.url()).searchParams.get("state")
    const other = await visit(scenario, `/callback?error=access_denied&state=${state}`)
    await isOffered(other, scenario)
    expect(await snapshot(other)).toMatchObject({ error: { error: "access_denied" } })
    await page.getByRole("button", { name: /approve/i }).click()
    await isOffered(page, scenario)
    expect(page.url()).toBe(`${origin}/maps/7`)
    expect(await snapshot(page)).toMatchObject({ error: { action: "login" } })
    await offer(page).click()
    await page.getByRole("button", { name: /approve/i }).click()
    await page.getByRole("heading", { name: "A map" }).waitFor()
  })
})
