import { onNewToken, type TokenProviderClient } from "@ellipsis-oauth/react"
import { VectorLayerUtil } from "ellipsis-js-util"
import type { GeoJSONSource, Map as MapLibreMap } from "maplibre-gl"

/**
 * Fills a GeoJSON source with the features of a vector layer of the drive, wherever the map goes.
 *
 * @returns what ends it
 */
export const mapLibreVector = async (
  client: TokenProviderClient,
  map: MapLibreMap,
  pathId: string,
  source: string,
): Promise<() => void> => {
  // The package's layer stays empty if its first request fails, so it begins with a valid token.
  const layer = new VectorLayerUtil.EllipsisVectorLayerBase({ pathId, token: await client.getAccessToken() })
  let isOver = false
  layer.getMapBounds = () => {
    if (isOver) return undefined
    const bounds = map.getBounds()
    const [xMin, xMax] = [bounds.getWest(), bounds.getEast()]
    const [yMin, yMax] = [bounds.getSouth(), bounds.getNorth()]
    return { bounds: { xMin, xMax, yMin, yMax }, zoom: Math.floor(map.getZoom()) + 1 }
  }
  layer.updateView = () => {
    if (isOver) return
    const data = { type: "FeatureCollection" as const, features: layer.getFeatures() }
    map.getSource<GeoJSONSource>(source)?.setData(data)
  }
  const update = () => void layer.update()
  const stopListening = onNewToken(client, () => {
    const token = client.peekAccessToken()
    if (token === undefined) return
    layer.options.token = token
    // What failed with the token before is loaded now, and nothing else.
    update()
  })
  map.on("moveend", update)
  const stop = () => {
    isOver = true
    stopListening()
    map.off("moveend", update)
  }
  try {
    await layer.update()
  } catch (error) {
    stop()
    throw error
  }
  return stop
}
