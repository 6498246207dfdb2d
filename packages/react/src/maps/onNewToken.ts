import type { TokenProviderClient } from "../client/TokenProviderClient.js"

/**
 * Calls the listener after each new token, until the returned function is called. Use it to load tiles again that failed
 * without a token. Leaflet: `layer.redraw()`; MapLibre: `map.refreshTiles(sourceId)`.
 */
export const onNewToken = (
  client: Pick<TokenProviderClient, "subscribeEvents">,
  listener: () => void,
): (() => void) =>
  client.subscribeEvents(({ type }) => {
    if (type === "tokenIssued" || type === "refreshed" || type === "adopted") listener()
  })
