import { useTokenClient } from "@ellipsis-oauth/react"
import type { Path } from "ellipsis-js-util"
import { mapLibreVector, tileUrl } from "example-drive-layers"
import { useEffect, useState } from "react"
import { useMap } from "../map/BaseMap.js"
import { removeLayer } from "../map/removeLayer.js"
import { useRefusedTiles } from "../map/useRefusedTiles.js"
import { userMessage } from "../userMessage.js"

const id = "drive"

export interface DriveLayerProps {
  readonly layer: Path
}

/** A layer of the drive on the map, whatever becomes of the token. */
export const DriveLayer = ({ layer }: DriveLayerProps) =>
  layer.type === "raster" ? <RasterLayer layer={layer} /> : <VectorLayer layer={layer} />

const RasterLayer = ({ layer }: DriveLayerProps) => {
  const map = useMap()
  useRefusedTiles(id)
  useEffect(() => {
    map.addSource(id, { type: "raster", tiles: [tileUrl(layer)], tileSize: 256, maxzoom: 6 })
    const above = map.getLayer("stations") === undefined ? undefined : "stations"
    map.addLayer({ id, type: "raster", source: id, paint: { "raster-opacity": 0.8 } }, above)
    return () => removeLayer(map, id)
  }, [map, layer])
  return null
}

const VectorLayer = ({ layer }: DriveLayerProps) => {
  const map = useMap()
  const client = useTokenClient()
  const [failure, setFailure] = useState<string>()
  useEffect(() => {
    map.addSource(id, { type: "geojson", data: { type: "FeatureCollection", features: [] } })
    map.addLayer({
      id,
      type: "circle",
      source: id,
      paint: {
        "circle-color": ["get", "color"],
        "circle-radius": 8,
        "circle-stroke-color": "#ffffff",
        "circle-stroke-width": 2,
      },
    })
    const showing = mapLibreVector(client, map, layer.id, id)
    showing.catch((error: Error) => setFailure(userMessage(error)))
    return () => {
      showing.then((stop) => stop()).catch(() => {})
      removeLayer(map, id)
    }
  }, [map, client, layer])
  return failure === undefined ? null : (
    <p className="failure" role="alert">
      {failure}
    </p>
  )
}
