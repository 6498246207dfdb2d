/** Login in a popup, and how the popup finds back to the page that opened it when nothing else connects the two. */
import type { AuthorizationRequest } from "@ellipsis-oauth/core"
import { PopupError } from "./PopupError.js"
import { openPopup, type PopupOptions } from "./popupWindow.js"
import type { TabChannel, TabMessage } from "./tabChannel.js"

export interface PopupLoginOptions {
  readonly name: string
  readonly popup: PopupOptions
  readonly channel: TabChannel
  readonly complete: (callbackUrl: string, transaction: string) => Promise<unknown>
}

export interface PopupLogin {
  /** Opens the popup before anything else, so that it may be called in a click. @throws PopupError */
  login(request: () => Promise<AuthorizationRequest>, signal: AbortSignal | undefined): Promise<void>
  /** In the popup: gives the callback URL to the page that waits for it, and tells whether there is one. */
  handOver(state: string, callbackUrl: string): Promise<boolean>
  listen(message: TabMessage): void
}

/** How long a page that came back looks for the one that opened it, in milliseconds. */
const patience = 1000

export const popupLogin = (options: PopupLoginOptions): PopupLogin => {
  const { name, popup, channel, complete } = options
  /** The logins that this page waits for, by the hash of their state. */
  const expected = new Map<string, (callbackUrl: string) => void>()
  /** What this page, as a popup, waits to hear. */
  const answers = new Map<string, () => void>()

  const answered = (type: "have" | "taken", login: string) =>
    new Promise<boolean>((resolve) => {
      answers.set(type + login, () => resolve(true))
      setTimeout(resolve, patience, false)
    })

  return {
    login: async (request, signal) => {
      const opened = openPopup(name, popup)
      const ends = [channel.open()]
      try {
        const { url, transaction } = await request()
        const login = await hash(stateOf(url))
        await new Promise<unknown>((resolve, reject) => {
          const giveUp = (reason: unknown) => {
            expected.delete(login)
            reject(reason)
          }
          const onAbort = () => giveUp(signal?.reason)
          const onTimeout = () => giveUp(new PopupError({ reason: "timeout" }))
          const timer = setTimeout(onTimeout, popup.timeout ?? 300_000)
          signal?.addEventListener("abort", onAbort)
          ends.push(
            () => clearTimeout(timer),
            () => signal?.removeEventListener("abort", onAbort),
            // A popup that was cut off looks closed, so that one that comes back all the same is welcome.
            opened.watch(() => reject(new PopupError({ reason: "closed" }))),
          )
          expected.set(login, (callbackUrl) => complete(callbackUrl, transaction).then(resolve, reject))
          if (signal?.aborted) onAbort()
          else opened.goTo(url)
        })
      } catch (error) {
        opened.close()
        throw error
      } finally {
        for (const end of ends) end()
      }
    },
    handOver: async (state, url) => {
      const login = await hash(state)
      const close = channel.open()
      try {
        const isExpected = answered("have", login)
        channel.post({ type: "ask", login })
        if (!(await isExpected)) return false
        const isTaken = answered("taken", login)
        channel.post({ type: "callback", login, url })
        return await isTaken
      } finally {
        close()
      }
    },
    listen: (message) => {
      if (!("login" in message)) return
      const { type, login } = message
      const take = expected.get(login)
      if (type === "have" || type === "taken") answers.get(type + login)?.()
      else if (take === undefined) return
      else if (type === "ask") channel.post({ type: "have", login })
      else {
        expected.delete(login)
        channel.post({ type: "taken", login })
        take(message.url)
      }
    },
  }
}

/** The state of an authorization URL. */
export const stateOf = (url: string): string => new URL(url).searchParams.get("state") ?? ""

const hash = async (text: string): Promise<string> => {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))
  return btoa(String.fromCharCode(...new Uint8Array(digest)))
}
