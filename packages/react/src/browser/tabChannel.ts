/** What tabs of one origin tell each other. No token among it. */
import { counted } from "./counted.js"
import { setItem, withStorage } from "./webStorage.js"

export type TabMessage =
  /** The user signed out. */
  | { readonly type: "signedOut" }
  /** The store was written. */
  | { readonly type: "written" }
  /** A popup came back to this URL, and looks for the page that waits for its state. */
  | { readonly type: "callback"; readonly state: string; readonly url: string }
  | { readonly type: "taken"; readonly state: string }

export interface TabChannel {
  post(message: TabMessage): void
  /** Listens until the returned function is called. */
  open(): () => void
}

export const tabChannel = (name: string, listen: (message: TabMessage) => void): TabChannel => {
  const key = `${name}?`
  let channel: BroadcastChannel | undefined
  const connect = (): BroadcastChannel | undefined => {
    try {
      return new BroadcastChannel(name)
    } catch {
      // An old browser, or one whose user has blocked site data.
      return undefined
    }
  }
  const onStorage = ({ key: changed, newValue }: StorageEvent) => {
    if (changed === key && newValue) listen(JSON.parse(newValue))
    // Cleared, or written by a tab that has no other way to say so.
    if (changed === null || changed === name) listen({ type: "written" })
  }
  return {
    post: (message) => {
      const used = channel ?? connect()
      used?.postMessage(message)
      if (used !== channel) used?.close()
      // A browser without channels tells other tabs of what is stored, even for a moment.
      if (used === undefined && setItem("local", key, message)) {
        withStorage("local", (area) => area.removeItem(key))
      }
    },
    open: counted(() => {
      channel = connect()
      if (channel !== undefined) channel.onmessage = ({ data }) => listen(data)
      addEventListener("storage", onStorage)
      return () => {
        channel?.close()
        channel = undefined
        removeEventListener("storage", onStorage)
      }
    }),
  }
}
