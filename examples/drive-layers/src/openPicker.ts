import { onNewToken, type TokenProviderClient } from "@ellipsis-oauth/react"
import type { Path } from "ellipsis-js-util"

/** The documented options of the provider's folder picker, `EllipsisDrive`. */
export interface PickerOptions {
  readonly div: HTMLElement
  /** Called with the layer that the user chose. */
  readonly cb?: (layer: Path) => void
  /** Must not be set, not even to `undefined`, for a user who is signed out. */
  readonly token?: string
  readonly showRaster?: boolean
  readonly showVector?: boolean
  readonly searchIncludeFolders?: boolean
  /** Called by the click on the picker's login button. */
  readonly onLogInClick?: () => void
}

export type PickerClass = new (
  options: PickerOptions,
) => {
  /** Read at each request. */
  readonly settings: { token?: string | null }
}

export interface OpenPickerOptions extends Omit<PickerOptions, "token"> {
  readonly client: TokenProviderClient
  /** `EllipsisDrive`, or another class with its options. */
  readonly Picker: PickerClass
}

/**
 * Shows the picker's login button to a user who is signed out, and the drive to one who is signed in, with the current
 * token.
 *
 * @returns what ends it
 */
export const openPicker = ({ client, Picker, div, ...options }: OpenPickerOptions): (() => void) => {
  const {
    // In the click itself, or the browser blocks the window. A failure is in the client's state.
    onLogInClick = () => void client.login({ method: "popup" }).catch(() => {}),
  } = options
  let drive: InstanceType<PickerClass> | undefined
  let hasPrompt = false

  const showPrompt = () => {
    try {
      new Picker({ ...options, div, onLogInClick })
    } catch {
      // The prompt of the provider's picker throws, as of November 2026.
      const button = Object.assign(document.createElement("button"), {
        type: "button",
        textContent: "Log in",
      })
      button.addEventListener("click", onLogInClick)
      div.replaceChildren(button)
    }
  }

  const look = () => {
    const token = client.peekAccessToken()
    if (token !== undefined) {
      hasPrompt = false
      if (drive === undefined) {
        div.replaceChildren()
        drive = new Picker({ ...options, div, token, onLogInClick })
      }
      drive.settings.token = token
    } else if (client.getSnapshot().status === "signedOut" && !hasPrompt) {
      hasPrompt = true
      drive = undefined
      div.replaceChildren()
      showPrompt()
    }
  }

  look()
  const stops = [client.subscribe(look), onNewToken(client, look)]
  return () => {
    for (const stop of stops) stop()
    div.replaceChildren()
  }
}
