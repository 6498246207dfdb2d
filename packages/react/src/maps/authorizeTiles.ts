/** Tokens for Leaflet. Its tiles are `<img>` elements, which cannot send a header. */
import { authorizedImage, type ImageClient } from "./authorizedImage.js"

/** The members of a Leaflet `TileLayer` that are used. Its `createTile` is replaced. */
export interface LeafletTileLayer {
  readonly options?: LeafletTileOptions
  getTileUrl(coords: never): string
  on(type: "tileunload", listener: (event: { tile: HTMLElement }) => void): unknown
}

/** The options of a tile layer that concern its images. */
export interface LeafletTileOptions {
  /** The image to show instead of a tile that failed. */
  readonly errorTileUrl?: string | undefined
  /** The attribute of each image: `true` is `anonymous`. */
  readonly crossOrigin?: boolean | string | undefined
  /** The attribute of each image. */
  readonly referrerPolicy?: boolean | string | undefined
}

type Done = (error?: Error, tile?: HTMLElement) => void

/**
 * Makes a Leaflet tile layer load its tiles with the client's `fetch`: `authorizeTiles(client, L.tileLayer(url))`. The
 * token goes only to the client's API origins. Tiles of other origins, and tiles for signed-out users, load without a
 * token. The layer's options and events work as before. Loading stops for a tile that leaves the map.
 */
export const authorizeTiles = <Layer extends LeafletTileLayer>(client: ImageClient, layer: Layer): Layer => {
  const aborts = new WeakMap<HTMLElement, () => void>()
  layer.on("tileunload", ({ tile }) => aborts.get(tile)?.())

  // Leaflet counts the parameters: with a second parameter, it waits until that callback is called.
  const createTile = (coords: never, done: Done) => {
    const { image, abort } = authorizedImage(client)
    aborts.set(image, abort)
    const { crossOrigin, referrerPolicy } = layer.options ?? {}
    if (crossOrigin || crossOrigin === "") image.crossOrigin = crossOrigin === true ? "" : crossOrigin
    if (typeof referrerPolicy === "string") image.referrerPolicy = referrerPolicy
    image.alt = ""
    image.addEventListener("load", () => done(undefined, image))
    image.addEventListener("error", ({ error }) => {
      const { errorTileUrl } = layer.options ?? {}
      if (errorTileUrl && image.src !== new URL(errorTileUrl, document.baseURI).href) image.src = errorTileUrl
      done(error ?? new Error("The image was not loaded, or cannot be shown."), image)
    })
    image.src = layer.getTileUrl(coords)
    return image
  }
  return Object.assign(layer, { createTile })
}
