import { type TokenProviderClient, transformRequestAsync } from "@ellipsis-oauth/react"
import type { Path } from "ellipsis-js-util"
import { Map as MapLibreMap } from "maplibre-gl"
import { tileUrl } from "./tileUrl.js"

/** A raster layer of the drive in MapLibre. A new token needs no new map. */
export const mapLibreRaster = (
  client: TokenProviderClient,
  container: HTMLElement,
  layer: Path,
): MapLibreMap =>
  new MapLibreMap({
    container,
    style: {
      version: 8,
      sources: { drive: { type: "raster", tiles: [tileUrl(layer)], tileSize: 256 } },
      layers: [{ id: "drive", type: "raster", source: "drive" }],
    },
    transformRequest: transformRequestAsync(client),
  })
