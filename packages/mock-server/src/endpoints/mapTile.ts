/** Map tiles (Web Mercator): one image for every raster tile, and which features are in a tile. */
import type { Feature } from "../protocol/MockPath.js"

export interface TileId {
  readonly zoom: number
  readonly tileX: number
  readonly tileY: number
}

/** 256 by 256 pixels: a half transparent chequerboard with a line at the left and at the top. */
const png =
  "iVBORw0KGgoAAAANSUhEUgAAAQAAAAEAAgMAAAAhHED1AAAACVBMVEUfnVd/yaALXK1DyxwuAAAAA3RSTlOgoP+gC8raAAAAcUlEQVR42u3YwQ0AEBBFwW1SP5rQhCodUAAiEZl/czDnzYt6uMjRl8Zi9Q0AAAAAAOA1oOx+nAMAAAAAAPAd4EYCAAAAAACgHwAAAAAAANAPAAAAAAAA6AcAAAAAAAD0AwAAAAAAAPoBAAAAAACAy0ADA2kgBvGMnXwAAAAASUVORK5CYII="

export const tileImage: Uint8Array = Uint8Array.from(atob(png), (char) => char.charCodeAt(0))

/** Whether a tile with this id exists. */
export const isTile = ({ zoom, tileX, tileY }: TileId): boolean => {
  const fits = (n: number) => Number.isInteger(n) && n >= 0 && n < 2 ** zoom
  return Number.isInteger(zoom) && zoom >= 0 && zoom <= 30 && fits(tileX) && fits(tileY)
}

const firstPosition = (coordinates: readonly unknown[]): readonly [number, number] | undefined => {
  let current: unknown = coordinates
  while (Array.isArray(current)) {
    const [longitude, latitude] = current
    if (typeof longitude === "number" && typeof latitude === "number") return [longitude, latitude]
    current = longitude
  }
  return undefined
}

/** Whether the first point of the feature is in the tile. */
export const isInTile = ({ geometry }: Feature, { zoom, tileX, tileY }: TileId): boolean => {
  const position = firstPosition(geometry.coordinates)
  if (position === undefined) return false
  const [longitude, latitude] = position
  const count = 2 ** zoom
  const sine = Math.sin((latitude * Math.PI) / 180)
  const x = ((longitude + 180) / 360) * count
  const y = (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * count
  return Math.floor(x) === tileX && Math.floor(y) === tileY
}
