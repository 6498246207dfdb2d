/** Login in a popup, and how the popup finds back to the page that opened it when nothing else connects the two. */
import type { AuthorizationRequest } from "@ellipsis-oauth/core/promise"
import type { TabChannel } from "../page/tabChannel.js"
import { PopupError } from "./PopupError.js"
import { openPopup, type PopupSettings } from "./PopupWindow.js"
import { windowMessages } from "./windowMessages.js"

export type PopupMessage =
  /** A popup came back to this URL, and asks for the page that waits for its state. */
  | { readonly type: "callback"; readonly state: string; readonly url: string }
  | { readonly type: "taken"; readonly state: string }

export interface PopupLoginOptions {
  readonly name: string
  readonly popup: PopupSettings
  readonly channel: Pick<TabChannel<PopupMessage>, "post" | "open">
  readonly complete: (callbackUrl: string, transaction: string) => Promise<unknown>
}

export interface PopupLogin {
  /** Opens the popup before anything else, so that it may be called in a click. @throws PopupError */
  login(request: () => Promise<AuthorizationRequest>, signal: AbortSignal | undefined): Promise<void>
  /** In the popup: gives the callback URL to the page that waits for this state, and tells whether there is one. */
  deliverCallback(state: string, callbackUrl: string): Promise<boolean>
  /** `reply` reaches the page that the message is from: by the channel if left out. */
  listen(message: PopupMessage, reply?: (message: PopupMessage) => void): void
}

/** How long a page that came back waits for the one that opened it, in milliseconds. */
const maxDeliveryTime = 1000

export const popupLogin = (options: PopupLoginOptions): PopupLogin => {
  const { name, popup, channel, complete } = options
  /** The logins that this page waits for, by their state. */
  const expected = new Map<string, (callbackUrl: string) => void>()
  /** The deliveries that this page, as a popup, waits for. */
  const deliveries = new Map<string, () => void>()
  const windows = windowMessages<PopupMessage>(name)

  const listen: PopupLogin["listen"] = (message, reply = channel.post) => {
    const { state } = message
    if (message.type === "taken") {
      deliveries.get(state)?.()
      return
    }
    const take = expected.get(state)
    if (take === undefined) return
    expected.delete(state)
    reply({ type: "taken", state })
    take(message.url)
  }

  return {
    login: async (request, signal) => {
      const opened = openPopup(name, popup)
      const ends = [channel.open(), windows.listen(listen)]
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
    deliverCallback: async (state, url) => {
      const ends = [channel.open(), windows.listen(listen)]
      const isTaken = new Promise<boolean>((resolve) => {
        deliveries.set(state, () => resolve(true))
        setTimeout(resolve, maxDeliveryTime, false)
      })
      const message: PopupMessage = { type: "callback", state, url }
      channel.post(message)
      windows.postToOpener(message)
      return isTaken.finally(() => {
        for (const end of ends) end()
      })
    },
    listen,
  }
}

/** The state of an authorization URL. */
export const stateOf = (url: string): string => new URL(url).searchParams.get("state") ?? ""
