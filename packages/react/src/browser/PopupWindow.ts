/** A popup that goes to the provider, and what can be known of it from here. */
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
  /** Calls back when the popup was closed, as far as can be known, until the returned function is called. */
  watch(onClosed: () => void): () => void
  close(): void
}

/** How often the popup is checked, in milliseconds: no event tells that it was closed. */
const pollInterval = 200

/**
 * Opens a blank popup: in the click itself, or the browser blocks it.
 *
 * @throws PopupError
 */
export const openPopup = (name: string, { width, height }: PopupSettings): PopupWindow => {
  const popup = window.open("", name, `popup,width=${width},height=${height}`)
  if (!popup || popup.closed) throw new PopupError({ reason: "blocked" })
  return {
    goTo: (url) => {
      if (popup.closed) throw new PopupError({ reason: "closed" })
      popup.location.replace(url)
    },
    watch: (onClosed) => {
      // `Cross-Origin-Opener-Policy`, of this page or of the provider's, cuts the popup off when it leaves the blank
      // page: it then says that it is closed while the user is typing. The truth is told by a popup that was seen on
      // another page after that, and by one that was closed on the blank page, which can still be read.
      let isSeen = false
      const check = () => {
        const isBlank = isOnBlankPage(popup)
        if (!popup.closed) isSeen = !isBlank
        else if (isSeen || isBlank) onClosed()
      }
      const timer = setInterval(check, pollInterval)
      // Of a popup that was cut off it is all that can be known: the user is back at this page.
      const onWake = () => {
        check()
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
