/** Further ways in which a user comes back from a login, or does not, in Chromium. */
import type { Page } from "playwright-core"
import { afterAll, describe, expect, it } from "vitest"
import { launchChromium } from "../../../mock-server/test/chromium.js"
import {
  bundle,
  grants,
  type Scenario,
  type ScenarioOptions,
  snapshot,
  startScenario,
  statusIs,
} from "./scenario.js"

const browser = await launchChromium()
afterAll(() => browser?.close())

const script = await bundle("requireLoginPage.tsx")

const login = "authorization_code granted"
const refresh = "refresh_token granted"

/** A site whose provider asks the user. */
const startConsent = (what: ScenarioOptions = {}) =>
  startScenario(browser, { script, ...what, server: { autoApprove: false } })

const visit = async ({ context, origin }: Scenario, path = "/maps/7") => {
  const page = await context.newPage()
  await page.goto(origin + path, { waitUntil: "commit" })
  return page
}

const openPopup = async ({ context }: Scenario, page: Page) => {
  const [popup] = await Promise.all([
    context.waitForEvent("page"),
    page.getByRole("button", { name: "popup" }).click(),
  ])
  return popup
}

const isClosed = (popup: Page) => expect.poll(() => popup.isClosed()).toBe(true)
const approve = (page: Page) => page.getByRole("button", { name: /approve/i })
const refuse = (page: Page) => page.getByRole("button", { name: /refuse|deny/i })
const offer = (page: Page) => page.getByRole("button", { name: "Sign in" })
const map = (page: Page) => page.getByRole("heading", { name: "A map" })

/** Sets the redirect URI of the pages that are opened from now on. */
const redirectTo = ({ context }: Scenario, path: string) =>
  context.addInitScript((path) => {
    window.options = { redirectUri: location.origin + path }
  }, path)

/** As a page that adds the language to the path, and keeps the query. */
const addLanguage = ({ context, origin }: Scenario) =>
  context.route(`${origin}/callback?*`, (route) =>
    route.fulfill({
      contentType: "text/html",
      body: "<script>location.replace('/en/callback' + location.search)</script>",
    }),
  )

/** Lets the page look at its popup more than once. */
const elapsed = async (page: Page, milliseconds: number) => {
  const end = (await page.evaluate(() => performance.now())) + milliseconds
  await page.waitForFunction((time) => performance.now() > time, end)
}

describe.skipIf(browser === undefined)("a user who comes back from a login", { timeout: 60_000 }, () => {
  it("is signed in where a page has added a language to the path", async () => {
    await using scenario = await startConsent()
    await addLanguage(scenario)
    const page = await visit(scenario)
    await approve(page).click()
    await map(page).waitFor()
    expect(page.url()).toBe(`${scenario.origin}/maps/7`)
    await page.evaluate(() => window.client.logout())
    const popup = await openPopup(scenario, page)
    await approve(popup).click()
    await isClosed(popup)
    await map(page).waitFor()
    expect(grants(scenario.server)).toEqual([login, login])
  })

  it.each(["/callback/", "/index.html", "/?page=callback"])(
    "is back where they were, approved or refused, with the redirect URI %s",
    async (redirectUri) => {
      await using scenario = await startConsent()
      await redirectTo(scenario, redirectUri)
      const page = await visit(scenario, "/maps/7?page=1#north")
      await approve(page).click()
      await map(page).waitFor()
      expect(page.url()).toBe(`${scenario.origin}/maps/7?page=1#north`)
      const other = await visit(scenario, "/maps/8?page=2")
      await refuse(other).click()
      await offer(other).waitFor()
      expect(other.url()).toBe(`${scenario.origin}/maps/8?page=2`)
    },
  )

  it("is signed in where other code has cleared the storage in the meantime", async () => {
    await using scenario = await startConsent({ options: { storage: "local" } })
    const other = await visit(scenario, "/")
    await statusIs(other, "signedOut")
    const page = await visit(scenario)
    await approve(page).waitFor()
    await other.evaluate(() => localStorage.clear())
    await approve(page).click()
    await map(page).waitFor()
    expect(grants(scenario.server)).toEqual([login])
  })

  it("after hours, in which another tab has begun a login, is back with the error", async () => {
    await using scenario = await startConsent({ options: { storage: "local" } })
    const page = await visit(scenario)
    await approve(page).waitFor()
    await scenario.context.addInitScript(() => {
      window.ahead = 2 * 3_600_000
    })
    await approve(await visit(scenario, "/maps/8")).waitFor()
    await approve(page).click()
    await offer(page).waitFor()
    expect(page.url()).toBe(`${scenario.origin}/maps/7`)
    expect(await snapshot(page)).toMatchObject({ error: { reason: "expired", action: "login" } })
  })

  it.each([
    ["error=login_required&state=STATE", { error: "login_required" }],
    ["error=access_denied&code=x&state=STATE", { error: "access_denied" }],
    [
      "error=access_denied&error_description=%E2%80%AEno%E2%80%8B%0Away&state=STATE",
      { errorDescription: "no way" },
    ],
    ["code=&state=STATE", { reason: "codeMissing" }],
    ["code=x&code=y&state=STATE", { reason: "duplicateParameter" }],
    ["code=x&state=STATE&state=z", { reason: "duplicateParameter" }],
    ["code=x&state=z&state=STATE", { reason: "duplicateParameter" }],
    ["state=STATE", { _tag: "LoginAbandoned" }],
    ["error=access_denied&state=UNKNOWN", { reason: "invalidTransaction" }],
  ])("with %s is where they were, with the error", async (query, error) => {
    await using scenario = await startConsent()
    const page = await visit(scenario)
    await approve(page).waitFor()
    const state = new URL(page.url()).searchParams.get("state") ?? ""
    const response = query.replace("STATE", state).replace("UNKNOWN", state.split("").reverse().join(""))
    await page.goto(`${scenario.origin}/callback?${response}`, { waitUntil: "commit" })
    await offer(page).waitFor()
    expect(page.url()).toBe(`${scenario.origin}/maps/7`)
    expect(await snapshot(page)).toMatchObject({ status: "signedOut", error })
    expect(grants(scenario.server)).toEqual([])
  })

  it("with the response of another library is told that the login was left, and that response stays", async () => {
    await using scenario = await startConsent()
    const page = await visit(scenario)
    await approve(page).waitFor()
    const theirs = `${scenario.origin}/callback?code=theirs&state=theirs`
    await page.goto(theirs, { waitUntil: "commit" })
    await statusIs(page, "signedOut")
    expect(await snapshot(page)).toMatchObject({ error: { _tag: "LoginAbandoned" } })
    expect(page.url()).toBe(theirs)
  })

  it("may go to the root after a refusal, where that is the redirect URI", async () => {
    await using scenario = await startConsent()
    await redirectTo(scenario, "/")
    const page = await visit(scenario)
    await refuse(page).click()
    await offer(page).waitFor()
    await page.goto(`${scenario.origin}/`)
    await statusIs(page, "signedOut")
    await page.getByRole("heading", { name: "Welcome" }).waitFor()
    expect(page.url()).toBe(`${scenario.origin}/`)
  })

  it("is told to routers that only listen to hashchange", async () => {
    await using scenario = await startScenario(browser)
    await redirectTo(scenario, "/")
    const page = await scenario.open("/#/maps/7")
    await page.context().addInitScript(() => {
      addEventListener("hashchange", ({ oldURL, newURL }) => window.events.push(oldURL, newURL))
    })
    await page.getByRole("button", { name: "redirect" }).click()
    await statusIs(page, "ready")
    const { origin } = scenario
    await expect
      .poll(() => page.evaluate(() => window.events))
      .toEqual(["tokenIssued", `${origin}/`, `${origin}/#/maps/7`])
  })

  it("keeps the parameters of the app, whatever their names are", async () => {
    await using scenario = await startScenario(browser)
    await redirectTo(scenario, "/")
    const page = await scenario.open()
    for (const path of [
      "/?code=SUMMER&state=NL",
      "/?error=404",
      "/x?code=1&state=2&error=3",
      "/#code=1&state=2",
    ]) {
      await page.goto(scenario.origin + path)
      await statusIs(page, "signedOut")
      expect(page.url()).toBe(scenario.origin + path)
      expect(await snapshot(page)).not.toHaveProperty("error")
    }
  })

  it("is not told of the login of this page again by a client that is made later", async () => {
    await using scenario = await startScenario(browser, { options: { storage: "local" } })
    const page = await scenario.signIn()
    await page.evaluate(async () => {
      await window.client.logout()
      localStorage.clear()
      sessionStorage.clear()
      window.unmount()
      window.client = window.makeClient()
      window.client.mount()
    })
    await statusIs(page, "signedOut")
    expect(await snapshot(page)).toEqual({ status: "signedOut", reason: "initial" })
  })

  it("is signed in, and at the start of the app, who opens an old callback URL", async () => {
    await using scenario = await startScenario(browser, { script, options: { storage: "local" } })
    const { origin } = scenario
    const page = await visit(scenario)
    await map(page).waitFor()
    for (const response of ["code=old", "error=access_denied"]) {
      await page.goto(`${origin}/callback?${response}&state=${"A-z0".repeat(8)}`)
      await page.getByRole("heading", { name: "Welcome" }).waitFor()
      expect(page.url()).toBe(`${origin}/`)
      expect(await snapshot(page)).toMatchObject({ status: "ready" })
    }
    expect(grants(scenario.server)).toEqual([login])
  })

  it.each([
    ["a refusal", { _tag: "AuthorizationErrorResponse", error: "access_denied", action: "login" }],
    ["a failed exchange", { _tag: "TokenErrorResponse", error: "invalid_grant", status: 400 }],
  ])("is shown why, also where navigate loads the page: %s", async (what, error) => {
    await using scenario = await startConsent({ options: { storage: "session" } })
    await scenario.context.addInitScript(() => {
      window.options = { navigate: (url) => location.assign(url) }
    })
    const page = await visit(scenario)
    if (what === "a refusal") await refuse(page).click()
    else {
      await scenario.context.route("**/oauth/token", (route) =>
        route.fulfill({ status: 400, json: { error: "invalid_grant" } }),
      )
      await approve(page).click()
    }
    await offer(page).waitFor()
    expect(page.url()).toBe(`${scenario.origin}/maps/7`)
    expect(await snapshot(page)).toMatchObject({ status: "signedOut", error })
    const shown = await page.evaluate(() => {
      const state = window.client.getSnapshot()
      return "error" in state && window.library.isTokenError(state.error) ? state.error.userMessage : ""
    })
    expect(await page.getByRole("alert").textContent()).toBe(shown)
    expect(shown).toMatch(/Access was not allowed|sign in again/)
  })

  it.each([
    '[0,"",{"_tag":"Other","message":"","userMessage":""}]',
    '[0,"",{"_tag":"LoginAbandoned","message":"x","userMessage":{}}]',
    '[0,"","x"]',
    '[0,"",null]',
    '[0,""]',
  ])("is told that the login was left, whatever is stored of its failure: %s", async (item) => {
    await using scenario = await startConsent({ options: { storage: "session" } })
    const page = await visit(scenario)
    await approve(page).waitFor()
    await page.goto(`${scenario.origin}/page.js`)
    await page.evaluate((value) => {
      const key = Object.keys(sessionStorage).find((name) => name.endsWith("#")) ?? ""
      sessionStorage.setItem(key, value)
    }, item)
    await page.goto(`${scenario.origin}/maps/7`)
    await offer(page).waitFor()
    expect(await snapshot(page)).toMatchObject({ error: { _tag: "LoginAbandoned" } })
    expect(await page.getByRole("alert").textContent()).toContain("was not finished")
  })

  it("signs in to three clients, one inside of the other", async () => {
    await using scenario = await startScenario(browser, {
      script: await bundle("nestedClientsPage.tsx"),
      options: { storage: "session", persistRefreshToken: true },
    })
    const page = await visit(scenario)
    await page.getByRole("heading", { name: "All three" }).waitFor()
    expect(grants(scenario.server)).toEqual([login, login, login])
    expect(page.url()).toBe(`${scenario.origin}/maps/7`)
  })
})

describe.skipIf(browser === undefined)("a popup", { timeout: 60_000 }, () => {
  it.each([{}, { "cross-origin-opener-policy": "same-origin" }])(
    "closes where the server has added a language to the path, with the headers %j",
    async (headers) => {
      await using scenario = await startConsent({ headers, callbackMovesTo: "/en/callback" })
      const page = await visit(scenario, "/")
      const popup = await openPopup(scenario, page)
      await approve(popup).click()
      await isClosed(popup)
      await statusIs(page, "ready")
      expect(grants(scenario.server)).toEqual([login])
    },
  )

  it("whose page is gone is a window in which the user can log in, also by popup", async () => {
    await using scenario = await startConsent()
    // As where the system ends the tab in the background.
    await scenario.context.addInitScript(() => {
      addEventListener("pagehide", (event) => event.stopImmediatePropagation())
    })
    const page = await visit(scenario, "/")
    const popup = await openPopup(scenario, page)
    await approve(popup).waitFor()
    await page.close()
    await approve(popup).click()
    await statusIs(popup, "signedOut")
    expect(await snapshot(popup)).toMatchObject({ error: { reason: "invalidTransaction" } })
    const another = await openPopup(scenario, popup)
    await approve(another).click()
    await statusIs(popup, "ready")
  })

  it("brings an error without a state, also after a login by redirect that was refused", async () => {
    await using scenario = await startConsent()
    const { context, origin } = scenario
    const page = await visit(scenario)
    await refuse(page).click()
    await offer(page).waitFor()
    await context.route("**/oauth/authorize?*", (route) =>
      route.fulfill({ status: 302, headers: { location: `${origin}/callback?error=server_error` } }),
    )
    const popup = await openPopup(scenario, page)
    await isClosed(popup)
    await expect
      .poll(() => snapshot(page))
      .toMatchObject({ status: "signedOut", error: { error: "server_error" } })
  })

  it("with an error without a state signs nobody out", async () => {
    await using scenario = await startConsent()
    const { context, origin } = scenario
    const page = await visit(scenario)
    await refuse(page).click()
    await offer(page).waitFor()
    await context.route("**/oauth/authorize?*", (route) =>
      route.fulfill({ status: 302, headers: { location: `${origin}/callback?error=server_error` } }),
    )
    const popup = await openPopup(scenario, page)
    await isClosed(popup)
    await expect.poll(() => snapshot(page)).toMatchObject({ error: { error: "server_error" } })
    expect(await page.evaluate(() => window.client.hasLoggedOut?.())).toBe(false)
  })

  it("closes late where the page that opened it is slow", async () => {
    await using scenario = await startScenario(browser, {
      headers: { "cross-origin-opener-policy": "same-origin" },
    })
    await scenario.context.addInitScript(() => {
      const { postMessage } = BroadcastChannel.prototype
      BroadcastChannel.prototype.postMessage = function (message) {
        setTimeout(() => postMessage.call(this, message), 1000)
      }
    })
    const page = await scenario.open()
    await statusIs(page, "signedOut")
    const popup = await openPopup(scenario, page)
    await statusIs(page, "ready")
    await isClosed(popup)
  })

  it("stays where the session ends in the meantime, on a page that needs a login", async () => {
    await using scenario = await startConsent({ options: { storage: "session" } })
    const page = await visit(scenario)
    await approve(page).click()
    await map(page).waitFor()
    // Only the access token is left.
    await page.reload()
    await map(page).waitFor()
    const popup = await openPopup(scenario, page)
    await approve(popup).waitFor()
    await elapsed(page, 400)
    await page.evaluate(() => {
      window.ahead = 7_200_000
      window.client.getSnapshot()
    })
    await offer(page).waitFor()
    expect(await snapshot(page)).toEqual({ status: "signingIn", method: "popup" })
    await popup.close()
    await statusIs(page, "signedOut")
    expect(await snapshot(page)).toMatchObject({ reason: "expired", error: { reason: "closed" } })
    const again = await openPopup(scenario, page)
    await approve(again).click()
    await map(page).waitFor()
    expect(page.url()).toBe(`${scenario.origin}/maps/7`)
  })

  it("signs nobody in who logs out during the exchange", async () => {
    await using scenario = await startScenario(browser, { options: { storage: "local" } })
    const page = await scenario.signIn()
    const exchange = scenario.server.faults.hold(1)
    await page.getByRole("button", { name: "popup" }).click()
    await exchange.full
    await page.evaluate(() => window.client.logout())
    exchange.release()
    await expect.poll(() => page.evaluate(() => window.events)).toContain("loggedIn")
    await statusIs(page, "signedOut")
    expect(await snapshot(page)).toEqual({ status: "signedOut", reason: "logout" })
    await page.reload()
    await statusIs(page, "signedOut")
    expect(await page.evaluate(() => window.client.hasLoggedOut?.())).toBe(true)
  })

  it("is taken over by a tab that the page has opened, and both tabs have a way on", async () => {
    await using scenario = await startConsent()
    const page = await visit(scenario, "/")
    const popup = await openPopup(scenario, page)
    await approve(popup).waitFor()
    const [tab] = await Promise.all([
      page.waitForEvent("popup"),
      page.evaluate(() => void window.open("/two")),
    ])
    const before = popup.url()
    await tab.getByRole("button", { name: "popup" }).click()
    await expect.poll(() => popup.url()).not.toBe(before)
    await approve(popup).click()
    await statusIs(tab, "ready")
    await statusIs(page, "signedOut")
    expect(await snapshot(page)).toMatchObject({ error: { _tag: "PopupError", reason: "closed" } })
  })

  it("ends with its page, which may come back from another site", async () => {
    await using scenario = await startConsent()
    const page = await visit(scenario, "/")
    const popup = await openPopup(scenario, page)
    await approve(popup).waitFor()
    await page.goto("data:text/html,<h1>Another site</h1>")
    await isClosed(popup)
    await page.goBack()
    await statusIs(page, "signedOut")
    const again = await openPopup(scenario, page)
    // The app leaves the page, and with it the provider.
    await page.evaluate(() => {
      history.pushState(null, "", "/elsewhere")
      window.client.mount()()
    })
    await approve(again).click()
    await statusIs(page, "ready")
    expect(page.url()).toBe(`${scenario.origin}/elsewhere`)
  })
})

describe.skipIf(browser === undefined)("a page that needs a login", () => {
  it.each(["memory", "local"] as const)(
    "starts none by itself where the app clears localStorage at the sign-out, storage %s",
    async (storage) => {
      await using scenario = await startScenario(browser, { script, options: { storage } })
      const { server } = scenario
      const logins = () => server.log.filter(({ endpoint }) => endpoint === "authorize").length
      const page = await visit(scenario)
      await map(page).waitFor()
      await page.evaluate(() => window.client.logout().then(() => localStorage.clear()))
      await page.reload()
      await offer(page).waitFor()
      expect(await page.evaluate(() => window.client.hasLoggedOut?.())).toBe(true)
      expect(logins()).toBe(1)
      await offer(page).click()
      await map(page).waitFor()
      expect(await page.evaluate(() => window.client.hasLoggedOut?.())).toBe(false)
    },
  )

  it.each(["[1e308,1e308,1e308]", "[null,{},[]]", '"x"', "{"])(
    "sends a new user to it, whatever is stored about earlier logins: %s",
    async (item) => {
      await using scenario = await startScenario(browser, { script })
      const page = await visit(scenario, "/")
      await statusIs(page, "signedOut")
      await page.evaluate((value) => sessionStorage.setItem("ellipsis-oauth RequireLogin", value), item)
      await page.goto(`${scenario.origin}/maps/7`, { waitUntil: "commit" })
      await map(page).waitFor()
    },
  )
})

describe.skipIf(browser === undefined)("a login that nobody waits for", () => {
  it("reports no failure that the state shows, and each mistake of the app", async () => {
    await using scenario = await startConsent()
    const { context } = scenario
    const page = await visit(scenario, "/")
    await statusIs(page, "signedOut")
    const reports: string[] = []
    page.on("pageerror", (error) => reports.push(error.message))
    await page.evaluate(() => {
      const button = document.createElement("button")
      button.textContent = "Log in"
      button.onclick = () => window.client.login({ method: "popup" })
      document.body.append(button)
    })
    const [popup] = await Promise.all([
      context.waitForEvent("page"),
      page.getByRole("button", { name: "Log in" }).click(),
    ])
    await approve(popup).waitFor()
    await elapsed(page, 400)
    await popup.close()
    const error = () =>
      snapshot(page).then((state) => (state !== undefined && "error" in state ? state.error : undefined))
    await expect.poll(error).toMatchObject({ _tag: "PopupError" })
    await context.setOffline(true)
    await page.evaluate(() => void window.client.login())
    await expect.poll(error).toMatchObject({ _tag: "TransportError" })
    await page.evaluate(() => void window.client.login({ returnTo: "https://evil.example" }))
    await expect.poll(() => reports).toEqual([expect.stringContaining('Option "returnTo"')])
  })
})

describe.skipIf(browser === undefined)("a logout that nobody waits for", () => {
  it.each(["local", "session"] as const)(
    "signs out where the page is left at once, storage %s",
    async (storage) => {
      await using scenario = await startScenario(browser, { options: { storage, persistRefreshToken: true } })
      const page = await scenario.signIn()
      const other = await scenario.open()
      // The store waits for its turn, which does not come before the page is left.
      await other.evaluate(() => {
        const key = Object.keys(localStorage).find((name) => name.endsWith(" default")) ?? ""
        return new Promise<void>((isHeld) => {
          void navigator.locks.request(`${key}!`, () => {
            isHeld()
            return new Promise(() => {})
          })
        })
      })
      await page.evaluate(() => {
        void window.client.logout()
        location.href = "/goodbye"
      })
      await page.waitForURL("**/goodbye")
      await page.waitForFunction("window.client")
      await statusIs(page, "signedOut")
      if (storage === "local") await statusIs(other, "signedOut")
    },
  )
})

describe.skipIf(browser === undefined)("a logout with returnTo", () => {
  it.each(["/#/goodbye", "#", "/", "/?bye"])(
    "loads the page also where only the fragment differs: %s",
    async (returnTo) => {
      await using scenario = await startScenario(browser)
      await redirectTo(scenario, "/")
      const page = await scenario.open("/#/maps/7")
      await page.getByRole("button", { name: "redirect" }).click()
      await statusIs(page, "ready")
      await page.evaluate((target) => {
        Object.assign(window, { isOld: true })
        void window.client.logout({ returnTo: target })
      }, returnTo)
      await expect.poll(() => page.evaluate("window.isOld").catch(() => true)).toBe(undefined)
      await statusIs(page, "signedOut")
      expect(page.url()).toBe(new URL(returnTo, `${scenario.origin}/#/maps/7`).href)
    },
  )
})

describe.skipIf(browser === undefined)("storage that the browser takes away under an open page", () => {
  it.each(["local", "session"] as const)("signs nobody out: %s", async (storage) => {
    await using scenario = await startScenario(browser, { options: { storage, persistRefreshToken: true } })
    const page = await scenario.signIn()
    await page.evaluate(() => {
      for (const name of ["localStorage", "sessionStorage"]) {
        Object.defineProperty(window, name, {
          get: () => {
            throw new DOMException("denied", "SecurityError")
          },
        })
      }
    })
    for (let round = 0; round < 2; round++) {
      await page.evaluate(() => window.client.getAccessToken({ force: true }))
    }
    await statusIs(page, "ready")
    expect(await page.evaluate(() => window.client.getStorage())).toBe("memory")
    expect(grants(scenario.server)).toEqual([login, refresh, refresh])
    await page.evaluate(() => window.client.logout())
    await statusIs(page, "signedOut")
  })
})
