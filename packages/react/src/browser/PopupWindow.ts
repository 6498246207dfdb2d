/** The popup window of a login. */
import { type DurationOption, PopupError } from "@ellipsis-oauth/core/promise"
import { listenToPage } from "../page/listenToPage.js"

/** The popup window's size, in CSS pixels. */
export interface PopupOptions {
  /** CSS pixels: 500 if left out. */
  readonly width?: number | undefined
  /** CSS pixels: 650 if left out. */
  readonly height?: number | undefined
  /** How long the user may take: 5 minutes if left out. */
  readonly timeout?: DurationOption | undefined
}

export interface PopupSettings {
  readonly width: number
  readonly height: number
  /** Milliseconds. */
  readonly timeout: number
}

export interface PopupWindow {
  goTo(url: string): void
  /** Calls back when the popup seems to be closed, until the returned function is called. */
  watch(onClosed: () => void): () => void
  close(): void
}

/** How often the popup is checked, in milliseconds, because there is no event for its end. */
const pollInterval = 50

/**
 * Opens a blank popup. Call it in the click itself, or the browser blocks it.
 *
 * @throws PopupError
 */
export const openPopup = (name: string, { width, height }: PopupSettings): PopupWindow => {
  // This window may be such a popup itself, whose page is gone.
  if (window.name === name) window.name = ""
  const popup = window.open("", name, `popup,width=${width},height=${height}`)
  if (!popup || popup.closed) throw new PopupError({ reason: "blocked" })
  return {
    goTo: (url) => {
      if (popup.closed) throw new PopupError({ reason: "closed" })
      popup.location.replace(url)
    },
    watch: (onClosed) => {
      // With `Cross-Origin-Opener-Policy`, of this page or of the provider, the browser reports the popup as closed soon
      // after it left the blank page, while the user is still typing there. `closed` is reliable only if the popup was
      // seen open on another page twice, or if it was still on the blank page.
      let sightings = 0
      const timer = setInterval(() => {
        const isBlank = isOnBlankPage(popup)
        if (!popup.closed) sightings = isBlank ? 0 : sightings + 1
        else if (isBlank || sightings > 1) onClosed()
      }, pollInterval)
      // Of a popup that was cut off it is all that can be known: the user is back at this page.
      const onWake = () => {
        if (popup.closed && !document.hidden && document.hasFocus()) onClosed()
      }
      const unlisten = listenToPage({ onWake, onRestored: onWake })
      return () => {
        clearInterval(timer)
        unlisten()
      }
    },
    close: () => popup.close(),
  }
}

const isOnBlankPage = (popup: Window): boolean => {
  try {
    return popup.location.href === "about:blank"
  } catch {
    return false
  }
}
