/** Tokens for map libraries with a synchronous `transformRequest`: Mapbox GL, and MapLibre GL before 5.21. */
import type { TokenProviderClient } from "../client/TokenProviderClient.js"

/** A request as MapLibre and Mapbox take it from `transformRequest`. */
export interface MapRequest {
  url: string
  headers?: Record<string, string>
}

/**
 * The `transformRequest` of a Mapbox map. The token goes only to the client's API origins. If the token has just expired,
 * the request is sent without a token while a refresh starts: see {@link onNewToken}. If the library accepts a promise,
 * use `transformRequestAsync`, which waits for the new token.
 */
export const transformRequest =
  (client: Pick<TokenProviderClient, "authorizes" | "peekAccessToken" | "getAccessToken">) =>
  (url: string): MapRequest => {
    if (!client.authorizes(url)) return { url }
    const accessToken = client.peekAccessToken()
    if (accessToken !== undefined) return { url, headers: { Authorization: `Bearer ${accessToken}` } }
    // If the refresh fails, the state shows why.
    client.getAccessToken().catch(() => {})
    return { url }
  }
