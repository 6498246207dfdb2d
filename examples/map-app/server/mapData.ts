/** An API as Ellipsis Drive has one: tiles and points for requests with a valid access token. */
import type { ServerResponse } from "node:http"
import { type Listener, listen } from "./listen.js"
import { stations } from "./stations.js"
import { temperatureTile } from "./tile.js"

export interface MapDataOptions {
  /** The mock server's `url`: it knows which tokens are good. */
  readonly driveUrl: string
  readonly port?: number
}

export interface MapData extends Listener {
  /** Each request with the HTTP status of its response, such as `200 /stations`. A test reads it and empties it. */
  readonly log: string[]
}

export const startMapData = async ({ driveUrl, port }: MapDataOptions): Promise<MapData> => {
  const log: string[] = []
  const isGood = async (authorization: string | undefined) =>
    authorization !== undefined &&
    (await fetch(`${driveUrl}/account`, { headers: { authorization } })).status === 200

  const respond = async (path: string, authorization: string | undefined, response: ServerResponse) => {
    if (!(await isGood(authorization))) return response.writeHead(401, { "www-authenticate": "Bearer" }).end()
    if (path === "/stations") {
      return response.setHeader("content-type", "application/json").end(JSON.stringify(stations))
    }
    const [, z, x, y] = /^\/tiles\/(\d+)\/(\d+)\/(\d+)\.png$/.exec(path) ?? []
    const tile = y === undefined ? undefined : temperatureTile(Number(z), Number(x), Number(y))
    return tile === undefined
      ? response.writeHead(404).end()
      : response.setHeader("content-type", "image/png").end(tile)
  }

  const listener = await listen((request, response) => {
    const { url: path = "/", method } = request
    response.setHeader("access-control-allow-origin", "*")
    response.setHeader("access-control-allow-headers", "authorization")
    response.setHeader("access-control-max-age", "600")
    // Behind a token, so that no cache may keep it for the next user of this browser.
    response.setHeader("cache-control", "no-store")
    if (method === "OPTIONS") {
      response.writeHead(204).end()
      return
    }
    response.on("finish", () => log.push(`${response.statusCode} ${path}`))
    respond(path, request.headers.authorization, response).catch(() => response.writeHead(502).end())
  }, port)
  return { ...listener, log }
}
