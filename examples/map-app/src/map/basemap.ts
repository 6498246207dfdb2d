/** The map that everybody sees: outlines and a grid. It asks nothing of any server but the app's own. */
import type { Map as MapLibreMap, StyleSpecification } from "maplibre-gl"
import type { Theme } from "../useTheme.js"
import { graticule } from "./graticule.js"
import { loadLand } from "./land.js"

interface Colors {
  readonly sea: string
  readonly land: string
  readonly coast: string
  readonly grid: string
}

const colors: Record<Theme, Colors> = {
  light: { sea: "#dfe8ec", land: "#f7f4ec", coast: "#8b8f8a", grid: "#51687a" },
  dark: { sea: "#16222e", land: "#22292f", coast: "#5d6a72", grid: "#9fb6c6" },
}

/** Gives a map that has its layers the colours of another theme. */
export const paint = (map: MapLibreMap, theme: Theme): void => {
  const { sea, land, coast, grid } = colors[theme]
  map.setPaintProperty("sea", "background-color", sea)
  map.setPaintProperty("land", "fill-color", land)
  map.setPaintProperty("coast", "line-color", coast)
  map.setPaintProperty("grid", "line-color", grid)
}

/** Layers that need a token go below this one. */
export const lowestLayerOnTop = "grid"

export const basemap = async (theme: Theme): Promise<StyleSpecification> => {
  const { sea, land, coast, grid } = colors[theme]
  return {
    version: 8,
    sources: {
      land: { type: "geojson", data: await loadLand() },
      grid: { type: "geojson", data: graticule },
    },
    layers: [
      { id: "sea", type: "background", paint: { "background-color": sea } },
      { id: "grid", type: "line", source: "grid", paint: { "line-color": grid, "line-opacity": 0.22 } },
      { id: "land", type: "fill", source: "land", paint: { "fill-color": land, "fill-antialias": false } },
      { id: "coast", type: "line", source: "land", paint: { "line-color": coast, "line-width": 0.9 } },
    ],
  }
}
