import { createContext, useContext } from "react"

export interface MapSources {
  /** Who is signed in, as JSON: `{ username }`. */
  readonly account: string
  /** Points, as GeoJSON. */
  readonly stations: string
  /** Raster tiles, with `{z}`, `{x}` and `{y}`. */
  readonly tiles: string
  /** The base URL of Ellipsis Drive's API. */
  readonly drive: string
}

export const MapSources = createContext<MapSources>({ account: "", stations: "", tiles: "", drive: "" })

export const useMapSources = (): MapSources => useContext(MapSources)
