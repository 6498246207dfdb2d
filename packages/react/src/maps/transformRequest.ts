/** Tokens for the map libraries that ask for a request's headers synchronously: MapLibre GL and Mapbox GL. */
import type { TokenProviderClient } from "../client/TokenProviderClient.js"

/** A request as MapLibre and Mapbox take it from `transformRequest`. */
export interface MapRequest {
  url: string
  headers?: Record<string, string>
}

/**
 * The `transformRequest` of a MapLibre or Mapbox map: the token goes to the client's API origins alone. Where the token
 * has just expired, a new one is asked for and the request goes without: see {@link onNewToken}.
 */
export const transformRequest =
  (client: Pick<TokenProviderClient, "authorizes" | "peekAccessToken" | "getAccessToken">) =>
  (url: string): MapRequest => {
    if (!client.authorizes(url)) return { url }
    const accessToken = client.peekAccessToken()
    if (accessToken !== undefined) return { url, headers: { Authorization: `Bearer ${accessToken}` } }
    // The state tells why, if there is none to be had.
    client.getAccessToken().catch(() => {})
    return { url }
  }
