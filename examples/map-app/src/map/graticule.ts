/** Meridians and parallels, every ten degrees. */
import type { MultiLineString } from "geojson"

const range = (from: number, to: number, step: number): readonly number[] =>
  Array.from({ length: (to - from) / step + 1 }, (_, index) => from + index * step)

export const graticule: MultiLineString = {
  type: "MultiLineString",
  coordinates: [
    ...range(-180, 180, 10).map((longitude) => range(-80, 80, 10).map((latitude) => [longitude, latitude])),
    ...range(-80, 80, 10).map((latitude) => range(-180, 180, 10).map((longitude) => [longitude, latitude])),
  ],
}
