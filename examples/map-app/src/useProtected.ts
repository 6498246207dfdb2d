import { onNewToken, useTokenActions, useTokenClient } from "@ellipsis-oauth/react"
import { useEffect, useState } from "react"

export type Loaded<A> = { readonly data: A } | { readonly failure: string } | undefined

/**
 * JSON from behind the login, loaded with the client's `fetch`: it adds the token where that may go, and asks once more
 * with another one after a 401. What failed is tried again when there is a new token, or a network.
 */
export const useProtected = <A>(url: string): Loaded<A> => {
  const client = useTokenClient()
  const { fetch } = useTokenActions()
  const [loaded, setLoaded] = useState<Loaded<A>>()
  useEffect(() => {
    const controller = new AbortController()
    let isDone = false
    const load = async () => {
      if (isDone) return
      try {
        const response = await fetch(url, { signal: controller.signal })
        if (!response.ok) throw new Error(`HTTP ${response.status}`)
        const data: A = await response.json()
        isDone = true
        setLoaded({ data })
      } catch (error) {
        if (!controller.signal.aborted) setLoaded({ failure: String(error) })
      }
    }
    void load()
    const unsubscribe = onNewToken(client, load)
    addEventListener("online", load)
    return () => {
      controller.abort()
      unsubscribe()
      removeEventListener("online", load)
    }
  }, [client, fetch, url])
  return loaded
}
