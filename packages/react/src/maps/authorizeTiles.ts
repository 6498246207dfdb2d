/** Tokens for Leaflet, whose tiles are `<img>` elements: no header can be given to those. */
import type { TokenProviderClient } from "../client/TokenProviderClient.js"

/** What is used of a Leaflet `TileLayer`; its `createTile` is replaced. */
export interface LeafletTileLayer {
  getTileUrl(coords: never): string
  on(type: "tileunload", listener: (event: { tile: HTMLElement }) => void): unknown
}

/**
 * Makes a Leaflet tile layer load its tiles with the client's `fetch`: `authorizeTiles(client, L.tileLayer(url))`. The
 * token goes to the client's API origins alone. A tile that leaves the map is no longer loaded.
 */
export const authorizeTiles = <Layer extends LeafletTileLayer>(
  client: Pick<TokenProviderClient, "fetch">,
  layer: Layer,
): Layer => {
  const loading = new WeakMap<HTMLElement, AbortController>()
  layer.on("tileunload", ({ tile }) => loading.get(tile)?.abort())
  const createTile = (coords: never, done: (error?: Error, tile?: HTMLElement) => void) => {
    const tile = document.createElement("img")
    tile.alt = ""
    const controller = new AbortController()
    loading.set(tile, controller)
    loadTile(client, layer.getTileUrl(coords), tile, controller.signal).then(
      () => done(undefined, tile),
      (error: Error) => {
        if (!controller.signal.aborted) done(error, tile)
      },
    )
    return tile
  }
  return Object.assign(layer, { createTile })
}

const loadTile = async (
  client: Pick<TokenProviderClient, "fetch">,
  url: string,
  tile: HTMLImageElement,
  signal: AbortSignal,
): Promise<void> => {
  const response = await client.fetch(url, { signal })
  if (!response.ok) throw new Error(`The tile was not loaded: HTTP ${response.status}.`)
  const source = URL.createObjectURL(await response.blob())
  try {
    tile.src = source
    await tile.decode()
  } finally {
    URL.revokeObjectURL(source)
  }
}
