import { authorizeTiles, type TokenProviderClient } from "@ellipsis-oauth/react"
import type { Path } from "ellipsis-js-util"
import { type TileLayer, tileLayer } from "leaflet"
import { tileUrl } from "./tileUrl.js"

/** A raster layer of the drive in Leaflet. */
export const leafletRaster = (client: TokenProviderClient, layer: Path): TileLayer =>
  authorizeTiles(client, tileLayer(tileUrl(layer), { maxNativeZoom: 6 }))
