/** Login in a popup, and how the popup finds back to the page that opened it when nothing else connects the two. */
import type { AuthorizationRequest } from "@ellipsis-oauth/core"
import { PopupError } from "./PopupError.js"
import { openPopup, type PopupSize } from "./popupWindow.js"
import type { TabChannel, TabMessage } from "./tabChannel.js"

export interface PopupLoginOptions {
  readonly name: string
  /** `timeout` in milliseconds. */
  readonly popup: PopupSize & { readonly timeout: number }
  readonly channel: TabChannel
  readonly complete: (callbackUrl: string, transaction: string) => Promise<unknown>
}

export interface PopupLogin {
  /** Opens the popup before anything else, so that it may be called in a click. @throws PopupError */
  login(request: () => Promise<AuthorizationRequest>, signal: AbortSignal | undefined): Promise<void>
  /** In the popup: gives the callback URL to the page that waits for this state, and tells whether there is one. */
  handOver(state: string, callbackUrl: string): Promise<boolean>
  listen(message: TabMessage): void
}

/** How long a page that came back looks for the one that opened it, in milliseconds. */
const patience = 1000

export const popupLogin = (options: PopupLoginOptions): PopupLogin => {
  const { name, popup, channel, complete } = options
  /** The logins that this page waits for, by their state. */
  const expected = new Map<string, (callbackUrl: string) => void>()
  /** What this page, as a popup, waits to hear of. */
  const handedOver = new Map<string, () => void>()

  return {
    login: async (request, signal) => {
      const opened = openPopup(name, popup)
      const ends = [channel.open()]
      try {
        const { url, transaction } = await request()
        const state = stateOf(url)
        await new Promise<unknown>((resolve, reject) => {
          const giveUp = (reason: unknown) => {
            expected.delete(state)
            reject(reason)
          }
          const onAbort = () => giveUp(signal?.reason)
          const onTimeout = () => giveUp(new PopupError({ reason: "timeout" }))
          const timer = setTimeout(onTimeout, popup.timeout)
          signal?.addEventListener("abort", onAbort)
          // A popup that was cut off looks closed, so that one that comes back all the same is welcome.
          const unwatch = opened.watch(() => reject(new PopupError({ reason: "closed" })))
          const stop = () => {
            clearTimeout(timer)
            signal?.removeEventListener("abort", onAbort)
            unwatch()
          }
          ends.push(stop)
          expected.set(state, (callbackUrl) => {
            // The popup closes now, and the exchange may take its time.
            stop()
            complete(callbackUrl, transaction).then(resolve, reject)
          })
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
      const close = channel.open()
      const isTaken = new Promise<boolean>((resolve) => {
        handedOver.set(state, () => resolve(true))
        setTimeout(resolve, patience, false)
      })
      channel.post({ type: "callback", state, url })
      return isTaken.finally(close)
    },
    listen: (message) => {
      if (!("state" in message)) return
      const { state } = message
      if (message.type === "taken") handedOver.get(state)?.()
      else {
        const take = expected.get(state)
        if (take === undefined) return
        expected.delete(state)
        channel.post({ type: "taken", state })
        take(message.url)
      }
    },
  }
}

/** The state of an authorization URL. */
export const stateOf = (url: string): string => new URL(url).searchParams.get("state") ?? ""
