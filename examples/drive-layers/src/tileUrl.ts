import { type Path, RasterLayerUtil } from "ellipsis-js-util"

/** The tiles of a raster layer in its default style. No token is a part of the URL: the map adds it as a header. */
export const tileUrl = ({ id, raster }: Path): string => {
  const timestamp = raster?.timestamps.findLast(
    ({ status, trashed, availability }) => status === "active" && !trashed && !availability.blocked,
  )
  const style = raster?.styles.find((style) => style.default)
  if (timestamp === undefined || style === undefined) throw new Error(`Layer ${id} has nothing to show.`)
  return RasterLayerUtil.getSlippyMapUrl({ pathId: id, timestampId: timestamp.id, style: style.id })
}
