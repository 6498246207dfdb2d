"use client"
/** The provider: it gives the client to the hooks below it, and lets the client work while it is on the page. */
import { createContext, type ReactNode, useContext, useEffect, useRef } from "react"
import type { TokenProviderClient } from "../client/TokenProviderClient.js"

/** The clients of the providers on this page, one for each provider. */
let mounted: readonly TokenProviderClient[] = []

/** The clients of other providers on this page. */
export const otherClients = (client: TokenProviderClient): readonly TokenProviderClient[] =>
  mounted.filter((other) => other !== client)

const TokenContext = createContext<TokenProviderClient | undefined>(undefined)

/** What `TokenProvider` takes. */
export interface TokenProviderProps {
  /** Made once, outside of components: a new client is a new login. */
  readonly client: TokenProviderClient
  /**
   * Goes to `returnTo` after a login by redirect, for a router that takes no notice of `popstate` events. The client's
   * own option `navigate` comes first.
   */
  readonly navigate?: ((url: string) => void) | undefined
  readonly children?: ReactNode
}

/**
 * Mounts the client while it is on the page. It has no state of its own, so that it never renders its children anew.
 * Providers may be nested, for several accounts: a hook takes the nearest.
 */
export const TokenProvider = ({ client, navigate, children }: TokenProviderProps): ReactNode => {
  // A router may give another function at each render.
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
 * The client itself, for what the hooks do not have.
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
