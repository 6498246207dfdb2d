/** What the pages of the routers have in common: their client, and what the test says about them. */
import { type BrowserTokenClientOptions, createBrowserTokenClient, ellipsisDrive } from "../../src/index.js"

declare global {
  interface Window {
    /** From the test. */
    readonly redirectPath: string
    /** Which of the page's apps. */
    readonly variant: string
    /** Set by a router that waits for it. */
    goOn?: () => void
  }
}

export const makeClient = (options: Partial<BrowserTokenClientOptions> = {}) =>
  createBrowserTokenClient({
    clientId: "spa",
    redirectUri: window.site.origin + window.redirectPath,
    server: ellipsisDrive({ baseUrl: window.site.baseUrl }),
    ...options,
  })

/** Lets a router wait until the test calls `goOn`. */
export const untilGoOn = () =>
  new Promise<void>((resolve) => {
    window.goOn = resolve
  })

export const root = () => document.body.appendChild(document.createElement("main"))
