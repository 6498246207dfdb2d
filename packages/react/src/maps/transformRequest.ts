/** Tokens for map libraries that ask for a request's headers synchronously: Mapbox GL, and MapLibre GL before 5.21. */
import type { TokenProviderClient } from "../client/TokenProviderClient.js"

/** A request as MapLibre and Mapbox take it from `transformRequest`. */
export interface MapRequest {
  url: string
  headers?: Record<string, string>
}

/**
 * The `transformRequest` of a Mapbox map: the token goes to the client's API origins alone. Where the token has just
 * expired, a new one is asked for and the request goes without: see {@link onNewToken}. Where the library takes a
 * promise, use `transformRequestAsync`, which waits for the new token.
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
