/** A browser with one library's page, and the provider that its users log in at. */
import type { Browser, BrowserContext, Page } from "playwright-core"
import { TokenEndpoint } from "../behaviour/TokenEndpoint.ts"
import type { BrowserPeer } from "./BrowserPeer.ts"
import { type PageSettings, type Site, serveSite } from "./site.ts"

/** What the pages offer of their library. */
export type Call = "logIn" | "logOut" | "ask" | "renew" | "fetchElsewhere"

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))

export class Visit {
  readonly endpoint: TokenEndpoint
  readonly elsewhere: TokenEndpoint
  readonly #site: Site
  readonly #context: BrowserContext
  readonly #callbacks: string[] = []

  private constructor(
    endpoint: TokenEndpoint,
    elsewhere: TokenEndpoint,
    site: Site,
    context: BrowserContext,
  ) {
    this.endpoint = endpoint
    this.elsewhere = elsewhere
    this.#site = site
    this.#context = context
    context.on("request", (request) => {
      if (request.url().startsWith(`${site.origin}/callback?`)) this.#callbacks.push(request.url())
    })
  }

  static async start(
    browser: Browser,
    peer: BrowserPeer,
    settings: Partial<Pick<PageSettings, "strict" | "shared">> = {},
  ): Promise<Visit> {
    const endpoint = await new TokenEndpoint({ cors: true }).listen()
    const elsewhere = await new TokenEndpoint({ cors: true }).listen()
    const site = await serveSite(peer.page)
    site.settings = {
      server: endpoint.origin,
      api: endpoint.origin,
      elsewhere: `${elsewhere.origin}/api`,
      redirectUri: `${site.origin}/callback`,
      strict: false,
      shared: false,
      ...settings,
    }
    const context = await browser.newContext()
    await context.clock.install()
    return new Visit(endpoint, elsewhere, site, context)
  }

  async close(): Promise<void> {
    await this.#context.close()
    this.#site.close()
    this.endpoint.close()
    this.elsewhere.close()
  }

  async open(path = "/"): Promise<Page> {
    const page = await this.#context.newPage()
    await page.goto(`${this.#site.origin}${path}`)
    await this.settled(page)
    return page
  }

  /** As the user came back. */
  get callbackUrl(): string {
    return this.#callbacks.at(-1) ?? ""
  }

  /** Codes that were sent to the token endpoint. */
  get codesSent(): number {
    return this.endpoint.requests.filter(({ form }) => form.has("code")).length
  }

  get refreshes(): number {
    return this.endpoint.requests.filter(({ form }) => form.has("refresh_token")).length
  }

  /** What the page shows when nothing changes any more. */
  async settled(page: Page): Promise<string> {
    let shown = ""
    let stable = 0
    for (let i = 0; i < 100 && stable < 6; i++) {
      await pause(100)
      const text = await page
        .evaluate(() => document.querySelector("output")?.textContent ?? "")
        .catch(() => "")
      stable = text === shown && !["", "loading", "renewing"].includes(text) ? stable + 1 : 0
      shown = text
    }
    return shown || "nothing"
  }

  async logIn(path = "/"): Promise<Page> {
    const page = await this.open(path)
    const back = page.waitForRequest(`${this.#site.origin}/callback?**`, { timeout: 15_000 })
    await page.evaluate(() => void Promise.resolve(window.peer.logIn?.()).catch(() => {}))
    await back
    await this.settled(page)
    return page
  }

  /** `undefined` where the library has no such call; otherwise what became of each of `count` calls at once. */
  async call(page: Page, name: Call, count = 1): Promise<readonly ("done" | "failed")[] | undefined> {
    return page.evaluate(
      async ({ count, name }) => {
        const call = window.peer[name]
        if (call === undefined) return undefined
        const calls = Array.from({ length: count }, async () => call())
        const outcomes = await Promise.allSettled(calls)
        return outcomes.map(({ status }) => (status === "fulfilled" ? "done" : "failed"))
      },
      { count, name },
    )
  }

  /** The time of all pages goes on, timers and all. @param minutes of it */
  async pass(minutes: number): Promise<void> {
    for (let seconds = 0; seconds < minutes * 60; seconds += 10) {
      this.endpoint.ahead += 10_000
      await this.#context.clock.runFor(10_000)
      // What a timer has started is over before the next one.
      do await pause(30)
      while (this.endpoint.open > 0)
    }
  }

  /** Until three minutes before a token of an hour ends, then, with every timer, two minutes past its end. */
  async passExpiry(): Promise<void> {
    const most = 57 * 60_000
    this.endpoint.ahead += most
    await this.#context.clock.fastForward(most)
    await this.pass(5)
  }
}
