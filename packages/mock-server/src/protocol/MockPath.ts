/** The layers and folders of a server, as in the provider's API. */
import { checkChoice, checkNames, OptionError } from "../common/OptionError.js"

/** A GeoJSON feature (RFC 7946). */
export interface Feature {
  readonly type: "Feature"
  readonly geometry: { readonly type: string; readonly coordinates: readonly unknown[] }
  readonly properties: Readonly<Record<string, unknown>>
}

/** A resource at `/path/{id}`. */
export interface MockPath {
  readonly id: string
  /** A raster layer has tiles, a vector layer features; each has one timestamp. */
  readonly type: "raster" | "vector" | "folder"
  /** Default: the id. */
  readonly name?: string
  /** Id of the one timestamp. Default: the id of the path. */
  readonly timestampId?: string
  /** For a vector layer. Default: three cities. */
  readonly features?: readonly Feature[]
  /** Id of the folder that contains it. Default: none; it is at the top level of the user's drive. */
  readonly parentId?: string
}

export interface ResolvedPath {
  readonly id: string
  readonly type: MockPath["type"]
  readonly name: string
  readonly timestampId: string
  readonly features: readonly Feature[]
  readonly parentId: string | undefined
}

const city = (id: string, name: string, longitude: number, latitude: number): Feature => ({
  type: "Feature",
  geometry: { type: "Point", coordinates: [longitude, latitude] },
  properties: { id, name },
})

const cities: readonly Feature[] = [
  city("1", "Utrecht", 5.12, 52.09),
  city("2", "Nairobi", 36.82, -1.29),
  city("3", "Lima", -77.03, -12.05),
]

/** One of each kind, so that a map has something to show. */
export const defaultPaths: readonly MockPath[] = [
  { id: "demo-raster", type: "raster", name: "Demo raster layer" },
  { id: "demo-vector", type: "vector", name: "Demo vector layer", parentId: "demo-folder" },
  { id: "demo-folder", type: "folder", name: "Demo folder" },
]

const isId = (value: unknown): value is string => typeof value === "string" && /^[\w-]{1,100}$/.test(value)

const isFeature = (value: unknown): value is Feature =>
  typeof value === "object" &&
  value !== null &&
  "geometry" in value &&
  typeof value.geometry === "object" &&
  value.geometry !== null &&
  "coordinates" in value.geometry &&
  Array.isArray(value.geometry.coordinates)

const checkPath = (path: string, value: unknown): ResolvedPath => {
  if (typeof value !== "object" || value === null) throw new OptionError(path, value, "{ id, type }")
  checkNames(path, value, ["id", "type", "name", "timestampId", "features", "parentId"])
  const { id, type, name, timestampId, features, parentId } = value as Record<string, unknown>
  if (!isId(id)) throw new OptionError(`${path}.id`, id, "1 to 100 letters, digits, - and _")
  if (timestampId !== undefined && !isId(timestampId)) {
    throw new OptionError(`${path}.timestampId`, timestampId, "1 to 100 letters, digits, - and _")
  }
  if (name !== undefined && typeof name !== "string") throw new OptionError(`${path}.name`, name, "a string")
  if (features !== undefined && !(Array.isArray(features) && features.every(isFeature))) {
    throw new OptionError(`${path}.features`, features, "an array of GeoJSON features (RFC 7946)")
  }
  if (parentId !== undefined && !isId(parentId)) {
    throw new OptionError(`${path}.parentId`, parentId, "the id of a folder")
  }
  return {
    id,
    type: checkChoice(`${path}.type`, type, ["raster", "vector", "folder"]),
    name: name ?? id,
    timestampId: timestampId ?? id,
    features: features ?? cities,
    parentId,
  }
}

/** The paths by id; fails with an `OptionError`. */
export const resolvePaths = (value: unknown): ReadonlyMap<string, ResolvedPath> => {
  if (!Array.isArray(value)) throw new OptionError("paths", value, "an array of { id, type }")
  const paths = new Map(
    value.map((item, index) => {
      const path = checkPath(`paths[${index}]`, item)
      return [path.id, path]
    }),
  )
  for (const [index, { parentId }] of [...paths.values()].entries()) {
    if (parentId !== undefined && paths.get(parentId)?.type !== "folder") {
      throw new OptionError(`paths[${index}].parentId`, parentId, "the id of a folder in the list")
    }
  }
  return paths
}
