/** Tokens for map libraries whose `transformRequest` may return a promise: MapLibre GL and the newer Mapbox GL. */
import type { TokenProviderClient } from "../client/TokenProviderClient.js"
import type { MapRequest } from "./transformRequest.js"
import { unlessSignedOut } from "./unlessSignedOut.js"

/**
 * The `transformRequest` of a MapLibre map. Each request to the client's API origins waits for a valid token. Requests of
 * signed-out users, and requests to other origins, have no token.
 *
 * Rejects with the errors of a refresh, which the map reports in its `error` event, and with an `AbortError` if the map
 * cancels the request, as Mapbox does.
 */
export const transformRequestAsync =
  (client: Pick<TokenProviderClient, "authorizes" | "getAccessToken" | "getSnapshot">) =>
  async (
    url: string,
    _resourceType?: unknown,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<MapRequest> => {
    if (!client.authorizes(url)) return { url }
    const accessToken = await unlessSignedOut(client, () => client.getAccessToken({ signal }))
    return accessToken === undefined ? { url } : { url, headers: { Authorization: `Bearer ${accessToken}` } }
  }
