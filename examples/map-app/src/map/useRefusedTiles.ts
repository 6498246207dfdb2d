import { onNewToken, useTokenClient } from "@ellipsis-oauth/react"
import { AJAXError, type ErrorEvent } from "maplibre-gl"
import { useEffect } from "react"
import { useMap } from "./BaseMap.js"

/** Loads the tiles of a source again that failed, as soon as there is a new token or a network. */
export const useRefusedTiles = (source: string): void => {
  const map = useMap()
  const client = useTokenClient()
  useEffect(() => {
    let hasHoles = false
    let isAsking = false
    let isForbidden = false
    let isOver = false
    const loadAgain = () => {
      if (!hasHoles || isAsking || isForbidden || isOver) return
      hasHoles = false
      map.refreshTiles(source)
    }
    /** The map cannot ask again with another token. The client's own fetch does, and then the map gets that one too. */
    const askAgain = async (url: string) => {
      isAsking = true
      const response = await client.fetch(url).catch(() => undefined)
      isAsking = false
      // A tile that no token opens is left out: asking on and on would only wear out tokens.
      isForbidden = response?.ok === false
      if (response !== undefined) loadAgain()
    }
    const onError = ({ error, ...event }: ErrorEvent & { readonly sourceId?: string }) => {
      if (event.sourceId !== source) return
      hasHoles = true
      const isRefused = error instanceof AJAXError && error.status === 401
      if (isRefused && !isAsking && !isForbidden) void askAgain(error.url)
    }
    const subscription = map.on("error", onError)
    const unsubscribe = onNewToken(client, loadAgain)
    addEventListener("online", loadAgain)
    return () => {
      isOver = true
      unsubscribe()
      removeEventListener("online", loadAgain)
      subscription.unsubscribe()
    }
  }, [map, client, source])
}
