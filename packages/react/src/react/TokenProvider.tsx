"use client"
/** The provider: it passes the client to the hooks below it, and mounts the client. */
import { createContext, type ReactNode, useContext, useEffect, useRef } from "react"
import type { TokenProviderClient } from "../client/TokenProviderClient.js"

/** The clients of the providers on this page, one for each provider. */
let mounted: readonly TokenProviderClient[] = []

/** The clients of other providers on this page. */
export const otherClients = (client: TokenProviderClient): readonly TokenProviderClient[] =>
  mounted.filter((other) => other !== client)

const TokenContext = createContext<TokenProviderClient | undefined>(undefined)

/** The options of `TokenProvider`. */
export interface TokenProviderProps {
  /** Make it once, outside of components: a new client may need a new login. */
  readonly client: TokenProviderClient
  /**
   * Goes to `returnTo` after a login by redirect, for a router that ignores `popstate` events. The client's option
   * `navigate` comes first.
   */
  readonly navigate?: ((url: string) => void) | undefined
  readonly children?: ReactNode
}

/**
 * Mounts the client while it is on the page. It has no state, so it never renders its children again. Providers can be
 * nested, for several accounts: a hook uses the nearest one.
 */
export const TokenProvider = ({ client, navigate, children }: TokenProviderProps): ReactNode => {
  // A router may pass another function at each render.
  const latest = useRef(navigate)
  useEffect(() => {
    latest.current = navigate
  }, [navigate])
  const navigates = navigate !== undefined
  useEffect(() => {
    mounted = [...mounted, client]
    const unmount = client.mount(navigates ? { navigate: (url) => latest.current?.(url) } : {})
    return () => {
      const first = mounted.indexOf(client)
      mounted = mounted.filter((_, index) => index !== first)
      unmount()
    }
  }, [client, navigates])
  return <TokenContext.Provider value={client}>{children}</TokenContext.Provider>
}

/**
 * The client itself, for everything that the hooks do not offer.
 *
 * @throws Error where no provider is above
 */
export const useTokenClient = (): TokenProviderClient => {
  const client = useContext(TokenContext)
  if (client === undefined) {
    throw new Error(
      "There is no <TokenProvider> above this component. Wrap the app in <TokenProvider client={client}>, and in tests in <TestTokenProvider> of @ellipsis-oauth/react/testing. If there is one, look for a second copy of @ellipsis-oauth/react in the bundle.",
    )
  }
  return client
}
