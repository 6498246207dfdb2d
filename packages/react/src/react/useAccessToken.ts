"use client"
/** The access token itself, for what cannot ask for it when it needs it. */
import { useEffect, useMemo, useSyncExternalStore } from "react"
import { keepFresh } from "./keepFresh.js"
import { useTokenClient } from "./TokenProvider.js"
import { subscriber } from "./useToken.js"

/**
 * A valid access token, kept valid while the page is visible; `undefined` while there is none. Renders whenever the
 * token is replaced: where a call will do, take `getAccessToken` or `fetch` of `useTokenActions`, which never render.
 *
 * @throws Error where no provider is above
 */
export const useAccessToken = (): string | undefined => {
  const client = useTokenClient()
  useEffect(() => keepFresh(client), [client])
  const [subscribe, read] = useMemo(
    () => [subscriber(client), () => client.peekAccessToken()] as const,
    [client],
  )
  return useSyncExternalStore(subscribe, read, none)
}

/** No token reaches the HTML of a server. */
const none = () => undefined
