import type { FeatureCollection } from "geojson"
import type { GeoJSONSource } from "maplibre-gl"
import { useEffect, useState } from "react"
import { useMapSources } from "./MapSources.js"
import { useMap } from "./map/BaseMap.js"
import { removeLayer } from "./map/removeLayer.js"
import type { Stations } from "./stations.js"
import { useProtected } from "./useProtected.js"

const none: FeatureCollection = { type: "FeatureCollection", features: [] }

/** The buoys, in a list and on the map. */
export const StationList = () => {
  const map = useMap()
  const loaded = useProtected<Stations>(useMapSources().stations)
  const [selected, setSelected] = useState<string>()
  const stations = loaded !== undefined && "data" in loaded ? loaded.data : undefined

  useEffect(() => {
    map.addSource("stations", { type: "geojson", data: none })
    map.addLayer({
      id: "stations",
      type: "circle",
      source: "stations",
      paint: {
        "circle-color": ["get", "color"],
        "circle-radius": 5.5,
        "circle-stroke-color": "#ffffff",
        "circle-stroke-width": 2,
      },
    })
    return () => removeLayer(map, "stations")
  }, [map])

  useEffect(() => {
    if (stations !== undefined) map.getSource<GeoJSONSource>("stations")?.setData(stations)
  }, [map, stations])

  useEffect(() => {
    map.setPaintProperty("stations", "circle-radius", [
      "case",
      ["==", ["get", "name"], selected ?? ""],
      9,
      5.5,
    ])
  }, [map, selected])

  if (loaded !== undefined && "failure" in loaded) return <p className="failure">{loaded.failure}</p>
  return (
    <ul className="stations" aria-label="Buoys">
      {stations?.features.map(({ properties: { name, celsius, color }, geometry }) => (
        <li key={name}>
          <button
            type="button"
            aria-pressed={name === selected}
            onClick={() => {
              setSelected(name)
              map.easeTo({ center: geometry.coordinates as [number, number] })
            }}
          >
            <span className="swatch" style={{ background: color }} aria-hidden="true" />
            {name}
            <span className="value">{celsius.toFixed(1)}°</span>
          </button>
        </li>
      ))}
    </ul>
  )
}
