import type { TokenProviderClient } from "../client/TokenProviderClient.js"

/**
 * Calls the listener whenever there is a new token, until the returned function is called: to load the tiles again that
 * failed while there was none. Leaflet: `layer.redraw()`; MapLibre: `map.refreshTiles(sourceId)`.
 */
export const onNewToken = (
  client: Pick<TokenProviderClient, "subscribeEvents">,
  listener: () => void,
): (() => void) =>
  client.subscribeEvents(({ type }) => {
    if (type === "tokenIssued" || type === "refreshed" || type === "adopted") listener()
  })
