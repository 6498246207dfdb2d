/** Page events after which the token should be checked. */

export interface PageListeners {
  /** The user or the network is back, or the page was frozen. */
  readonly onWake: () => void
  /** The browser restored the page from its cache. */
  readonly onRestored: () => void
}

/** Listens until the returned function is called. */
export const listenToPage = ({ onWake, onRestored }: PageListeners): (() => void) => {
  const listening = new AbortController()
  const on = (target: EventTarget, type: string, listener: (event: Event) => void) =>
    target.addEventListener(type, listener, listening)
  on(document, "visibilitychange", onWake)
  for (const type of ["focus", "online"]) on(window, type, onWake)
  on(window, "pageshow", (event) => {
    if (!(event as PageTransitionEvent).persisted) return
    onRestored()
    onWake()
  })
  return () => listening.abort()
}
