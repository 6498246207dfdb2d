/** A user's way through a login in an app with a router. */
import type { Browser, Page } from "playwright-core"
import { expect } from "vitest"
import { grants, startScenario } from "../browser/scenario.js"

export interface RouterCase {
  readonly script: string
  readonly variant: string
  readonly redirectPath: string
  /** Where the user starts the login, and comes back to. */
  readonly returnTo: string
  /** What the router shows before the login is finished: `Home` if left out. */
  readonly meanwhile?: readonly string[]
  /** Whether the router goes on only after the login, when the user is back. */
  readonly isLate?: boolean
}

/** What a browser's console complains of. */
const complaintsOf = (page: Page): readonly string[] => {
  const complaints: string[] = []
  page.on("pageerror", (error) => complaints.push(String(error)))
  page.on("console", (message) => {
    if (["warning", "error"].includes(message.type())) complaints.push(message.text())
  })
  return complaints
}

/** The URLs of the app's documents that the page loads. */
const documentsOf = (page: Page, origin: string): readonly string[] => {
  const documents: string[] = []
  page.on("request", (request) => {
    if (request.isNavigationRequest() && request.url().startsWith(origin)) documents.push(request.url())
  })
  return documents
}

export const logInAndComeBack = async (browser: Browser | undefined, what: RouterCase): Promise<void> => {
  const { script, variant, redirectPath, returnTo, meanwhile = ["Home"], isLate = false } = what
  await using scenario = await startScenario(browser, { script })
  const { server, context, origin } = scenario
  await context.addInitScript((data) => Object.assign(window, data), { variant, redirectPath })
  const page = await context.newPage()
  const complaints = complaintsOf(page)
  const documents = documentsOf(page, origin)
  const title = page.getByRole("heading")

  await page.goto(origin + returnTo)
  await page.getByText("Map 7").waitFor()
  const exchange = server.faults.hold(1)
  await page.getByRole("button", { name: "Sign in" }).click()
  // The router goes first, and the login is finished after that.
  await exchange.full
  await expect.poll(() => title.allTextContents()).toEqual(meanwhile)
  exchange.release()
  await page.getByText("signed in").waitFor()
  await expect.poll(() => page.url()).toBe(origin + returnTo)
  await expect.poll(() => title.textContent()).toBe("Map 7")

  if (isLate) await page.evaluate(() => window.goOn?.())

  expect(documents).toEqual([expect.anything(), expect.stringContaining(`${origin}${redirectPath}?`)])
  expect(grants(server)).toEqual(["authorization_code granted"])

  // The router goes on from there.
  await page.getByRole("link", { name: "home" }).click()
  await expect.poll(() => title.textContent()).toBe("Home")
  await page.goBack()
  await expect.poll(() => page.url()).toBe(origin + returnTo)
  await expect.poll(() => title.textContent()).toBe("Map 7")
  await page.getByText("signed in").waitFor()
  expect(documents).toHaveLength(2)
  expect(complaints).toEqual([])
  expect(server.lint()).toEqual([])
}
