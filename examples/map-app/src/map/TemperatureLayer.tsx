import { onNewToken, useTokenClient } from "@ellipsis-oauth/react"
import { AJAXError, type ErrorEvent } from "maplibre-gl"
import { useEffect } from "react"
import { useMapSources } from "../MapSources.js"
import { useMap } from "./BaseMap.js"
import { lowestLayerOnTop } from "./basemap.js"
import { removeLayer } from "./removeLayer.js"

const id = "temperature"

/** The protected layer, and its legend. A refresh of the token loads nothing again, unless a tile had failed. */
export const TemperatureLayer = () => {
  const map = useMap()
  const client = useTokenClient()
  const { tiles } = useMapSources()

  useEffect(() => {
    let hasHoles = false
    let isAsking = false
    let isForbidden = false
    const loadAgain = () => {
      if (!hasHoles || isAsking || isForbidden) return
      hasHoles = false
      map.refreshTiles(id)
    }
    /** The map cannot ask again with another token. The client's own fetch does, and then the map gets that one too. */
    const askAgain = async (url: string) => {
      isAsking = true
      const reply = await client.fetch(url).catch(() => undefined)
      isAsking = false
      // A tile that no token opens is left out: asking on and on would only wear out tokens.
      isForbidden = reply?.ok === false
      if (reply !== undefined) loadAgain()
    }
    const onError = ({ error }: ErrorEvent) => {
      if (!(error instanceof AJAXError) || !client.authorizes(error.url)) return
      hasHoles = true
      if (error.status === 401 && !isAsking && !isForbidden) void askAgain(error.url)
    }
    const subscription = map.on("error", onError)
    map.addSource(id, { type: "raster", tiles: [tiles], tileSize: 256, maxzoom: 6 })
    map.addLayer({ id, type: "raster", source: id, paint: { "raster-fade-duration": 200 } }, lowestLayerOnTop)
    const unsubscribe = onNewToken(client, loadAgain)
    addEventListener("online", loadAgain)
    return () => {
      unsubscribe()
      removeEventListener("online", loadAgain)
      subscription.unsubscribe()
      removeLayer(map, id)
    }
  }, [map, client, tiles])

  return (
    <section aria-labelledby="legend">
      <h2 id="legend">Surface temperature</h2>
      <div className="ramp" aria-hidden="true" />
      <p className="scale">
        <span>−2 °C</span>
        <span>15</span>
        <span>31 °C</span>
      </p>
      <p className="note">Invented data, behind the login.</p>
    </section>
  )
}
