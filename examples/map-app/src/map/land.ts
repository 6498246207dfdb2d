/** The outlines of the land: Natural Earth's, which are in the public domain. */
import type { MultiPolygon, Position } from "geojson"
import { feature } from "topojson-client"
import type { GeometryCollection, Topology } from "topojson-specification"
import landUrl from "world-atlas/land-50m.json?url"

export const loadLand = async (): Promise<MultiPolygon> => {
  const world: Topology<{ land: GeometryCollection }> = await (await fetch(landUrl)).json()
  const polygons = feature(world, world.objects.land).features.flatMap(({ geometry }) =>
    geometry.type === "MultiPolygon" ? geometry.coordinates : [],
  )
  return { type: "MultiPolygon", coordinates: polygons.map((rings) => rings.map(unwrap)) }
}

/** A ring that crosses the 180th meridian goes on beyond it here, and does not jump to the map's other side. */
const unwrap = (ring: readonly Position[]): Position[] => {
  let turn = 0
  const unwrapped = ring.map(([longitude = 0, latitude = 0], index) => {
    const step = longitude - (ring[index - 1]?.[0] ?? longitude)
    if (Math.abs(step) > 180) turn -= 360 * Math.sign(step)
    return [longitude + turn, latitude] as const
  })
  const middle = unwrapped.reduce((sum, [longitude]) => sum + longitude, 0) / unwrapped.length
  return unwrapped.map(([longitude, latitude]) => [longitude - 360 * Math.round(middle / 360), latitude])
}
