/**
 * What a popup and the page that opened it tell each other directly. In a frame of another site, a browser keeps the
 * channels of the frame apart from those of the popup, which is a page of its own.
 */

type Post<Message> = (message: Message) => void

export interface WindowMessages<Message> {
  /** To the page that opened this one, if there is one and it can be reached. */
  readonly postToOpener: Post<Message>
  /** Listens to windows of this origin until the returned function is called. `respond` posts to the sender. */
  readonly listen: (onMessage: (message: Message, respond: Post<Message>) => void) => () => void
}

/** @param name tells the messages of one client from those of others, and from everything else that windows write */
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
