/**
 * Direct messages between a popup and the page that opened it. They are needed for an app in a frame of another site:
 * browsers separate the broadcast channels of the frame from those of the popup.
 */

type Post<Message> = (message: Message) => void

export interface WindowMessages<Message> {
  /** To the page that opened this one, if there is one and it can be reached. */
  readonly postToOpener: Post<Message>
  /** Listens to windows of this origin until the returned function is called. `respond` posts to the sender. */
  readonly listen: (onMessage: (message: Message, respond: Post<Message>) => void) => () => void
}

/** @param name marks the messages of one client, to ignore those of other clients and scripts */
export const windowMessages = <Message>(name: string): WindowMessages<Message> => {
  const post = (target: MessageEventSource | null) => (message: Message) =>
    target?.postMessage({ name, message }, { targetOrigin: location.origin })
  return {
    postToOpener: (message) => post(window.opener)(message),
    listen: (onMessage) => {
      const listener = ({ origin, data, source }: MessageEvent) => {
        if (origin === location.origin && data?.name === name) onMessage(data.message, post(source))
      }
      addEventListener("message", listener)
      return () => removeEventListener("message", listener)
    },
  }
}
