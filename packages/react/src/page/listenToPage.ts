/** When a page has reason to check its token: each of these is a hint, and none of them decides anything. */

export interface PageListeners {
  /** The user is back at this page, the network is back, or the page was asleep. */
  readonly onWake: () => void
  /** The page is shown again as the user left it. */
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
