/**
 * `GET /path/{id}` and what is below it: raster tiles, vector features and the contents of folders, as far as the
 * provider's own JavaScript packages (`ellipsis-js-util`, the folder picker) ask for them. The token is in a header or
 * in the query.
 */
import type { Provider } from "../grants/Provider.js"
import { jsonResponse, type PlainRequest, type PlainResponse } from "../protocol/Message.js"
import type { ResolvedPath } from "../protocol/MockPath.js"
import { forLog } from "../protocol/Parameters.js"
import { malformed, type Refusal, refusalResponse } from "../protocol/Refusal.js"
import { checkBearer } from "./checkBearer.js"
import { type Decision, type Known, refused } from "./Decision.js"
import { isInTile, isTile, type TileId, tileImage } from "./mapTile.js"

const notFound = (reason: string, expected?: string): Refusal =>
  malformed(reason, { status: 404, description: reason, expected })

const constant = (value: unknown) => ({ type: "constant", target: { type: "value", value } })

/** The fields that `ellipsis-js-util` and the folder picker read, and the name. */
const describePath = ({ id, type, name, timestampId }: ResolvedPath): object => {
  const layer = {
    timestamps: [
      { id: timestampId, status: "active", trashed: false, availability: { blocked: false }, zoom: 6 },
    ],
    styles: [
      {
        id: `${id}-style`,
        name: "Default",
        method: "v2",
        default: true,
        parameters: {
          fill: constant("#1f9d57"),
          radius: constant(6),
          width: constant(2),
          alphaMultiplier: 1,
        },
      },
    ],
  }
  const own = type === "folder" ? undefined : { yourAccess: { accessLevel: 550 }, [type]: layer }
  return { id, name, type, trashed: false, ...own }
}

/** `isFolder` limits the list to folders, or to layers. */
const list = (paths: readonly ResolvedPath[], query: URLSearchParams): PlainResponse => {
  const isFolder = query.get("isFolder")
  const listed = paths.filter(
    ({ type }) => isFolder === null || (type === "folder") === (isFolder === "true"),
  )
  return jsonResponse(200, { result: listed.map(describePath), size: listed.length, nextPageStart: null })
}

const contentsOf = ({ settings }: Provider, folder: string | undefined): readonly ResolvedPath[] =>
  [...settings.paths.values()].filter(({ parentId }) => parentId === folder)

const roots = ["myDrive", "sharedWithMe", "favorites"]

/** Everything that is in no folder is in `myDrive`; the other roots are empty. */
const listRoot = (provider: Provider, root: string, query: URLSearchParams): PlainResponse | Refusal => {
  if (!roots.includes(root)) return notFound("This root does not exist.", roots.join(", "))
  return list(root === "myDrive" ? contentsOf(provider, undefined) : [], query)
}

/** Every path whose name contains `name` and whose type is in `type`, a JSON array. */
const search = ({ settings }: Provider, query: URLSearchParams): PlainResponse => {
  const name = (query.get("name") ?? "").toLowerCase()
  const type = query.get("type") ?? ""
  const found = [...settings.paths.values()].filter(
    (path) => path.name.toLowerCase().includes(name) && (type === "" || type.includes(`"${path.type}"`)),
  )
  return list(found, query)
}

const features = (path: ResolvedPath, tile?: TileId): object => {
  const found = path.features.filter((feature) => tile === undefined || isInTile(feature, tile))
  const result = {
    type: "FeatureCollection",
    features: found.map((feature, index) => ({
      ...feature,
      properties: { id: String(index + 1), ...feature.properties },
    })),
  }
  return { result, size: JSON.stringify(result).length, nextPageStart: null }
}

const numberOf = (value: unknown): number => (typeof value === "number" ? value : Number.NaN)

/** `tiles` is JSON: `[{ "tileId": { "zoom", "tileX", "tileY" } }]`. */
const readTiles = (text: string | null): readonly TileId[] | undefined => {
  try {
    const tiles: unknown = JSON.parse(text ?? "")
    if (!Array.isArray(tiles)) return undefined
    const ids = tiles.map(({ tileId: { zoom, tileX, tileY } }) => ({
      zoom: numberOf(zoom),
      tileX: numberOf(tileX),
      tileY: numberOf(tileY),
    }))
    return ids.length <= 100 && ids.every(isTile) ? ids : undefined
  } catch {
    return undefined
  }
}

const vector = (path: ResolvedPath, operation: string, query: URLSearchParams): PlainResponse | Refusal => {
  switch (operation) {
    case "listFeatures":
    case "compressedListFeatures":
      return jsonResponse(200, features(path))
    case "featuresByTiles": {
      const tiles = readTiles(query.get("tiles"))
      if (tiles !== undefined)
        return jsonResponse(
          200,
          tiles.map((tile) => features(path, tile)),
        )
      const reason = "The parameter tiles is not a JSON array of at most 100 tiles."
      return malformed(reason, {
        description: reason,
        field: "tiles",
        expected: '[{ "tileId": { "zoom": 0, "tileX": 0, "tileY": 0 } }]',
      })
    }
    default:
      return notFound(
        "A vector layer does not have this operation.",
        "listFeatures, compressedListFeatures or featuresByTiles",
      )
  }
}

const raster = (rest: readonly string[]): PlainResponse | Refusal => {
  const [operation, zoom = "", tileX = "", tileY = "", ...more] = rest
  const [z = Number.NaN, x = Number.NaN, y = Number.NaN] = [zoom, tileX, tileY].map((text) =>
    /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN,
  )
  if (operation !== "tile" || more.length > 0 || !isTile({ zoom: z, tileX: x, tileY: y })) {
    return notFound("A raster layer does not have this tile.", "tile/{z}/{x}/{y}")
  }
  return {
    status: 200,
    headers: { "content-type": "image/png", "cache-control": "no-store" },
    body: tileImage,
  }
}

const respondAtPath = (
  provider: Provider,
  segments: readonly string[],
  query: URLSearchParams,
): PlainResponse | Refusal => {
  const [id = "", type, timestamp, timestampId, ...rest] = segments
  const path = provider.settings.paths.get(id)
  if (path === undefined) {
    return notFound(
      "There is no path with this id.",
      [...provider.settings.paths.keys()].slice(0, 5).join(" or "),
    )
  }
  if (type === undefined) return jsonResponse(200, describePath(path))
  if (type === "list" && timestamp === undefined) {
    return path.type === "folder"
      ? list(contentsOf(provider, id), query)
      : notFound("This path is not a folder.")
  }
  if (
    path.type === "folder" ||
    type !== path.type ||
    timestamp !== "timestamp" ||
    timestampId !== path.timestampId
  ) {
    return notFound(
      `This path is a ${path.type}; it has no such resource.`,
      path.type === "folder" ? undefined : `/path/${id}/${path.type}/timestamp/${path.timestampId}/…`,
    )
  }
  return path.type === "raster" ? raster(rest) : vector(path, rest.join("/"), query)
}

type Respond = (query: URLSearchParams) => PlainResponse | Refusal

/** Errors are `{"message"}`, as in all of the provider's API. */
const decide = (provider: Provider, request: PlainRequest, queryText: string, respond: Respond): Decision => {
  const query = new URLSearchParams(queryText)
  const known: Known = { parameters: forLog(new Map(query)) }
  const refuse = (facts: Known, refusal: Refusal) =>
    refused(provider, facts, refusal, refusalResponse(refusal, "message"))
  if (request.method !== "GET") {
    const reason = "This endpoint of the mock server takes only GET."
    return refuse(known, malformed(reason, { description: reason, status: 405, headers: { allow: "GET" } }))
  }
  const bearer = checkBearer(provider, known, request, query.get("token") ?? undefined)
  if ("refusal" in bearer) return refuse(bearer.known, bearer.refusal)
  const found = respond(query)
  if ("reason" in found) return refuse(bearer.known, found)
  return {
    response: found,
    facts: {
      ...bearer.known,
      decision: "served",
      reason: `The access token is valid; it belongs to ${bearer.user.username}.`,
    },
  }
}

/** Handles a request below `/path/`; `rest` is the part of the path after that. */
export const pathEndpoint = (
  provider: Provider,
  request: PlainRequest,
  query: string,
  rest: string,
): Decision =>
  decide(provider, request, query, (parameters) => respondAtPath(provider, rest.split("/"), parameters))

/** Handles a request below `/account/root/`, which lists the top level of a user's drive. */
export const rootEndpoint = (
  provider: Provider,
  request: PlainRequest,
  query: string,
  root: string,
): Decision => decide(provider, request, query, (parameters) => listRoot(provider, root, parameters))

/** Handles a request for `/path`, a search by name. */
export const searchEndpoint = (provider: Provider, request: PlainRequest, query: string): Decision =>
  decide(provider, request, query, (parameters) => search(provider, parameters))
