/** Messages between the tabs of one origin. They contain no token. */
import { refCounted } from "./refCounted.js"
import { parseItem, removeItem, setItem } from "./webStorage.js"

export interface TabChannel<Message> {
  post(message: Message): void
  /** Listens until the returned function is called. */
  open(): () => void
}

export interface TabChannelOptions<Message> {
  /** The name of the channel, and of the item in `localStorage` that `onStored` watches. */
  readonly name: string
  readonly onMessage: (message: Message) => void
  /** Another tab has changed the item, or cleared the storage. */
  readonly onStored?: (() => void) | undefined
}

export const tabChannel = <Message>(options: TabChannelOptions<Message>): TabChannel<Message> => {
  const { name, onMessage, onStored } = options
  const key = `${name}?`
  let channel: BroadcastChannel | undefined
  const connect = (): BroadcastChannel | undefined => {
    try {
      return new BroadcastChannel(name)
    } catch {
      // An old browser, or the user has blocked site data.
      return undefined
    }
  }
  /** A tab with another version of this library may send other messages. `onMessage` must ignore unknown types. */
  const receive = (message: unknown) => {
    if (typeof message === "object" && message !== null) onMessage(message as Message)
  }
  const onStorage = ({ key: changed, newValue }: StorageEvent) => {
    if (changed === key) receive(parseItem(newValue))
    if (changed === null || changed === name) onStored?.()
  }
  return {
    post: (message) => {
      const used = channel ?? connect()
      used?.postMessage(message)
      if (used !== channel) used?.close()
      // Without channels, a short change of the storage reaches the other tabs.
      if (used === undefined && setItem("local", key, message)) removeItem("local", key)
    },
    open: refCounted(() => {
      channel = connect()
      if (channel !== undefined) channel.onmessage = ({ data }) => receive(data)
      addEventListener("storage", onStorage)
      return () => {
        channel?.close()
        channel = undefined
        removeEventListener("storage", onStorage)
      }
    }),
  }
}
