/** What the API gives of each buoy. */
import type { FeatureCollection, Point } from "geojson"

export interface Station {
  readonly name: string
  readonly celsius: number
  /** Of the map at this temperature. */
  readonly color: string
}

export type Stations = FeatureCollection<Point, Station>
