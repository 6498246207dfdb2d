/** Maps in a page of their own: their libraries weigh more than everything else together. */
import * as Leaflet from "leaflet"
import * as MapLibre from "maplibre-gl"

declare global {
  interface Window {
    Leaflet: typeof Leaflet
    MapLibre: typeof MapLibre
  }
}

Object.assign(window, { Leaflet, MapLibre })
