/** The page of each tab: a mounted client, work that needs a token while a user is signed in, and a report of all that happens. */
import { ellipsisDrive } from "@ellipsis-oauth/core/promise"
import { type BrowserTokenClient, createBrowserTokenClient, isSignedIn } from "../../src/index.js"
import type { Happening, Setup } from "./Happening.js"

declare global {
  interface Window {
    /** From the site. */
    readonly setup: Setup
    /** Milliseconds that this page's clock is ahead. */
    ahead?: number
    report: (happening: Happening) => Promise<void>
    tab: BrowserTokenClient
  }
}

const { baseUrl, origin, options } = window.setup
// A page that is on its way out has nobody to tell.
const report = (happening: Happening) => void window.report(happening).catch(() => {})

/** Tells of each refresh, when it is sent and when its response is here. */
const watchedFetch: typeof fetch = async (input, init) => {
  const refreshToken = new URLSearchParams(String(init?.body ?? "")).get("refresh_token")
  if (refreshToken === null) return fetch(input, init)
  report({ type: "refreshSent", refreshToken })
  const response = await fetch(input, init)
  report({ type: "refreshReceived", refreshToken })
  return response
}

const client = createBrowserTokenClient({
  clientId: "spa",
  redirectUri: `${origin}/callback`,
  server: ellipsisDrive({ baseUrl }),
  now: () => Date.now() + (window.ahead ?? 0),
  fetch: watchedFetch,
  ...options,
})

/** As the child of a gate that fetches when it is mounted. */
let wasSignedIn = false
client.subscribe(() => {
  const state = client.getSnapshot()
  report({ type: "state", status: state.status })
  if (isSignedIn(state) && !wasSignedIn) void client.fetch(`${baseUrl}/account`).catch(() => {})
  wasSignedIn = isSignedIn(state)
})
client.subscribeEvents((event) => {
  report({
    type: "event",
    event: event.type,
    ...("reason" in event ? { reason: event.reason } : {}),
    ...("error" in event ? { error: event.error._tag } : {}),
  })
})
const { postMessage } = BroadcastChannel.prototype
BroadcastChannel.prototype.postMessage = function (message) {
  report({ type: "message" })
  postMessage.call(this, message)
}
addEventListener("error", ({ message }) => report({ type: "fault", message }))
addEventListener("unhandledrejection", ({ reason }) => report({ type: "fault", message: String(reason) }))

client.mount()
window.tab = client
