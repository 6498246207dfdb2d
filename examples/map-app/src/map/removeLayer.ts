import type { Map as MapLibreMap } from "maplibre-gl"

/** Removes a layer and its source, which has the same name. A map that is gone itself has neither. */
export const removeLayer = (map: MapLibreMap, id: string): void => {
  if (map.style === undefined) return
  map.removeLayer(id)
  map.removeSource(id)
}
