/** The page of the scenarios: a client, mounted, with what the test wants to know of it on `window`. */
import { ellipsisDrive } from "@ellipsis-oauth/core/promise"
import { testTokenStore } from "@ellipsis-oauth/core/testing"
import { webTokenStore } from "../../src/browser/webTokenStore.js"
import * as library from "../../src/index.js"

type Options = Partial<Parameters<typeof library.createBrowserTokenClient>[0]>

declare global {
  interface Window {
    /** From the site, and from a test's `addInitScript`. */
    readonly site: { readonly baseUrl: string; readonly origin: string; readonly options: Options }
    options?: Options
    /** Nothing is mounted until the test does it. */
    manual?: boolean
    /** Milliseconds that the page's clock is ahead. */
    ahead?: number
    library: typeof library
    client: ReturnType<typeof library.createBrowserTokenClient>
    unmount: () => void
    /** What happened: states as they came, and events. */
    states: string[]
    events: string[]
    makeClient: () => ReturnType<typeof library.createBrowserTokenClient>
    testTokenStore: typeof testTokenStore
    webTokenStore: typeof webTokenStore
  }
}

const makeClient = () =>
  library.createBrowserTokenClient({
    clientId: "spa",
    redirectUri: `${window.site.origin}/callback`,
    server: ellipsisDrive({ baseUrl: window.site.baseUrl }),
    now: () => Date.now() + (window.ahead ?? 0),
    ...window.site.options,
    ...window.options,
  })

export const client = makeClient()
const states: string[] = []
const events: string[] = []
Object.assign(window, { library, client, states, events, makeClient, testTokenStore, webTokenStore })

client.subscribe(() => {
  const { status } = client.getSnapshot()
  if (states.at(-1) !== status) states.push(status)
})
client.subscribeEvents((event) => {
  events.push(event.type)
})
for (const method of ["redirect", "popup"] as const) {
  const button = document.createElement("button")
  button.textContent = method
  button.onclick = () => {
    client.login({ method }).then(
      () => events.push("loggedIn"),
      (error) => events.push(`${error._tag} ${error.reason ?? error.option ?? ""}`),
    )
  }
  document.body.append(button)
}
if (!window.manual) window.unmount = client.mount()
