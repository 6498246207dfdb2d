/** The listeners for a client's events. */
import type { TokenEvent } from "@ellipsis-oauth/core/promise"

export interface EventListeners {
  emit(event: TokenEvent): void
  /** Adds a listener, until the returned function is called. */
  subscribe(listener: (event: TokenEvent) => void): () => void
}

/** Listeners are called later, after the client's own work, so that they can call the client. What they throw is ignored. */
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
