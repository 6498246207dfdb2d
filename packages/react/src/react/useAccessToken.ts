"use client"
/** The access token itself, for code that cannot call `getAccessToken`. */
import { isSignedIn } from "@ellipsis-oauth/core/promise"
import { useEffect, useMemo, useSyncExternalStore } from "react"
import { useTokenClient } from "./TokenProvider.js"
import { subscriber, useToken } from "./useToken.js"

/**
 * A valid access token, which the client keeps valid while the page is visible; `undefined` while there is none. It
 * renders after each refresh. If possible, use `getAccessToken` or `fetch` of `useTokenActions`, which never render.
 *
 * @throws Error where no provider is above
 */
export const useAccessToken = (): string | undefined => {
  const client = useTokenClient()
  const signedIn = useToken(isSignedIn)
  const [subscribe, read] = useMemo(
    () => [subscriber(client), () => client.peekAccessToken()] as const,
    [client],
  )
  const accessToken = useSyncExternalStore(subscribe, read, none)
  const isMissing = signedIn && accessToken === undefined
  useEffect(() => {
    // The state and the client's events show the failure.
    if (isMissing) client.getAccessToken().catch(() => {})
  }, [client, isMissing])
  return accessToken
}

/** On a server there is never a token, so none can get into its HTML. */
const none = () => undefined
