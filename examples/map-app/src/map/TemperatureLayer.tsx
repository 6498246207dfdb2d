import { useEffect } from "react"
import { useMapSources } from "../MapSources.js"
import { useMap } from "./BaseMap.js"
import { lowestLayerOnTop } from "./basemap.js"
import { removeLayer } from "./removeLayer.js"
import { useRefusedTiles } from "./useRefusedTiles.js"

const id = "temperature"

/** The protected layer, and its legend. A refresh of the token loads nothing again, unless a tile had failed. */
export const TemperatureLayer = () => {
  const map = useMap()
  const { tiles } = useMapSources()
  useRefusedTiles(id)

  useEffect(() => {
    map.addSource(id, { type: "raster", tiles: [tiles], tileSize: 256, maxzoom: 6 })
    map.addLayer({ id, type: "raster", source: id, paint: { "raster-fade-duration": 200 } }, lowestLayerOnTop)
    return () => removeLayer(map, id)
  }, [map, tiles])

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
