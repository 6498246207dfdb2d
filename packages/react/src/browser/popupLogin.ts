/** Login in a popup. The popup sends its callback URL to the page that opened it. */
import { type AuthorizationRequest, PopupError, type PopupErrorReason } from "@ellipsis-oauth/core/promise"
import type { TabChannel } from "../page/tabChannel.js"
import { withState } from "./CallbackUrl.js"
import type { LoginTransactions } from "./loginTransactions.js"
import { openPopup, type PopupSettings } from "./PopupWindow.js"
import { windowMessages } from "./windowMessages.js"

export type PopupMessage =
  /** A popup came back to this URL. The page that waits for its state responds with `taken`. */
  | { readonly type: "callback"; readonly state: string; readonly url: string }
  | { readonly type: "taken"; readonly state: string }

export interface PopupLoginOptions {
  readonly name: string
  readonly popup: PopupSettings
  readonly transactions: Pick<LoginTransactions, "keepState">
  readonly channel: Pick<TabChannel<PopupMessage>, "post" | "open">
  readonly complete: (callbackUrl: string, transaction: string) => Promise<unknown>
}

export interface PopupLogin {
  /** Opens the popup first of all, so that it can be called in a click. @throws PopupError */
  login(request: () => Promise<AuthorizationRequest>, signal: AbortSignal | undefined): Promise<void>
  /** Ends the login that this page waits for, if there is one. */
  cancel(): void
  /**
   * In the popup: sends the callback URL to the page that waits for this state, and returns whether there is one. An error
   * without a state goes only to the page that opened the popup.
   */
  deliverCallback(state: string, callbackUrl: string): Promise<boolean>
  /** `respond` posts to the page that sent the message: over the channel if left out. */
  listen(message: PopupMessage, respond?: (message: PopupMessage) => void): void
}

/** How long a page that came back waits for the one that opened it, in milliseconds. */
const maxDeliveryTime = 1000

export const popupLogin = (options: PopupLoginOptions): PopupLogin => {
  const { name, popup, transactions, channel, complete } = options
  /** The logins that this page waits for, by their state. */
  const expected = new Map<string, (callbackUrl: string) => void>()
  /** The deliveries that this page, as a popup, waits for. */
  const deliveries = new Map<string, () => void>()
  const windows = windowMessages<PopupMessage>(name)

  /** Ends the login that this page waits for, and with it its popup. */
  let endCurrent = (_reason: PopupErrorReason) => {}

  const listen: PopupLogin["listen"] = (message, respond = channel.post) => {
    const { type, state } = message
    if (type === "taken") {
      deliveries.get(state)?.()
      return
    }
    // A page has only one popup, so a response without a state comes from that one.
    const known = state || [...expected.keys()].at(-1) || ""
    const take = expected.get(known)
    if (take === undefined) return
    expected.delete(known)
    respond({ type: "taken", state })
    take(withState(message.url, known))
  }

  const startListening = () => {
    const ends = [channel.open(), windows.listen(listen)]
    return () => {
      for (const end of ends) end()
    }
  }

  return {
    login: async (request, signal) => {
      const opened = openPopup(name, popup)
      endCurrent("replaced")
      const ending = new AbortController()
      const end = (reason: PopupErrorReason) => ending.abort(new PopupError({ reason }))
      endCurrent = end
      const timer = setTimeout(end, popup.timeout, "timeout")
      const waiting = new AbortController()
      // The popup is useless once its page is gone.
      addEventListener("pagehide", () => end("closed"), waiting)
      signal?.addEventListener("abort", () => ending.abort(signal.reason), waiting)
      const stop = () => {
        clearTimeout(timer)
        waiting.abort()
        if (endCurrent === end) endCurrent = () => {}
      }
      const ends = [startListening(), stop]
      try {
        const { url, transaction } = await request()
        ending.signal.throwIfAborted()
        const state = stateOf(url)
        transactions.keepState(state)
        await new Promise<unknown>((resolve, reject) => {
          ending.signal.addEventListener("abort", () => {
            expected.delete(state)
            reject(ending.signal.reason)
          })
          // The browser may only report the popup as closed, so its response is still accepted later.
          const unwatch = opened.watch(() => reject(new PopupError({ reason: "closed" })))
          ends.push(unwatch)
          expected.set(state, (callbackUrl) => {
            // The popup closes now, so neither its end nor the timeout matters while the code is exchanged.
            stop()
            unwatch()
            complete(callbackUrl, transaction).then(resolve, reject)
          })
          opened.goTo(url)
        })
      } catch (error) {
        // The later login uses the same window.
        if (!(error instanceof PopupError && error.reason === "replaced")) opened.close()
        throw error
      } finally {
        for (const end of ends) end()
      }
    },
    cancel: () => endCurrent("closed"),
    deliverCallback: async (state, url) => {
      const stopListening = startListening()
      const isTaken = new Promise<boolean>((resolve) => {
        deliveries.set(state, () => resolve(true))
        setTimeout(() => {
          // The page that opened this one may only have been busy.
          deliveries.set(state, () => window.close())
          resolve(false)
        }, maxDeliveryTime)
      })
      const message: PopupMessage = { type: "callback", state, url }
      if (state !== "") channel.post(message)
      windows.postToOpener(message)
      return isTaken.finally(stopListening)
    },
    listen,
  }
}

/** The state of an authorization URL. */
export const stateOf = (url: string): string => new URL(url).searchParams.get("state") ?? ""
