import type { TokenProviderClient } from "../client/TokenProviderClient.js"
import { unlessSignedOut } from "./unlessSignedOut.js"

export type ImageClient = Pick<TokenProviderClient, "authorizes" | "fetch" | "getSnapshot">

export interface AuthorizedImage {
  readonly image: HTMLImageElement
  /** Stops loading: neither `load` nor `error` follows. */
  readonly abort: () => void
}

/**
 * An `<img>` that loads URLs of the client's API origins with the client's `fetch`. Otherwise it works like any other
 * image: other URLs, its events, `complete`, and a change of `src`.
 */
export const authorizedImage = (client: ImageClient): AuthorizedImage => {
  const image = document.createElement("img")
  const native = HTMLImageElement.prototype
  const setSource = (source: string) => Reflect.set(native, "src", source, image)
  let loading: AbortController | undefined
  let requested: string | undefined

  const abort = () => {
    loading?.abort()
    loading = undefined
  }

  const load = async (url: string, signal: AbortSignal): Promise<void> => {
    const response = await unlessSignedOut(client, () => client.fetch(url, { signal }))
    if (response?.ok === false) throw new Error(`The image was not loaded: HTTP ${response.status}.`)
    const blob = await response?.blob()
    if (signal.aborted) return
    loading = undefined
    if (blob === undefined) {
      setSource(url)
      return
    }
    const source = URL.createObjectURL(blob)
    for (const type of ["load", "error"]) {
      image.addEventListener(type, () => URL.revokeObjectURL(source), { once: true })
    }
    setSource(source)
  }

  const request = (url: string) => {
    abort()
    requested = client.authorizes(url) ? new URL(url, document.baseURI).href : undefined
    if (requested === undefined) {
      setSource(url)
      return
    }
    const controller = new AbortController()
    loading = controller
    load(requested, controller.signal).catch((error: Error) => {
      if (controller.signal.aborted) return
      loading = undefined
      image.dispatchEvent(new ErrorEvent("error", { error, message: error.message }))
    })
  }

  Object.defineProperties(image, {
    src: { get: () => requested ?? Reflect.get(native, "src", image), set: request },
    // An image without a source counts as complete, and Leaflet does not cancel complete tiles.
    complete: { get: () => loading === undefined && Reflect.get(native, "complete", image) },
  })
  return { image, abort }
}
