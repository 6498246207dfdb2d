/** Those who are told of a client's events. */
import type { TokenEvent } from "@ellipsis-oauth/core/promise"

export interface EventListeners {
  emit(event: TokenEvent): void
  /** Tells the listener until the returned function is called. */
  subscribe(listener: (event: TokenEvent) => void): () => void
}

/** A listener is told after the work that the event is about, so that it may call the client; what it throws is ignored. */
export const eventListeners = (onEvent: ((event: TokenEvent) => void) | undefined): EventListeners => {
  const listeners = new Set(onEvent === undefined ? [] : [onEvent])
  return {
    emit: (event) => {
      for (const listener of listeners) {
        void Promise.resolve(event)
          .then(listener)
          .catch(() => {})
      }
    },
    subscribe: (listener) => {
      const own = (event: TokenEvent) => listener(event)
      listeners.add(own)
      return () => {
        listeners.delete(own)
      }
    },
  }
}
