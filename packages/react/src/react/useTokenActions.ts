"use client"
/** The actions of the client, without a subscription to its state. */
import type { LogoutOptions, TokenProviderClient } from "../client/TokenProviderClient.js"
import { useTokenClient } from "./TokenProvider.js"

/** The bound functions of a client, so that they can be destructured and passed on. */
export type TokenActions = Pick<
  TokenProviderClient,
  "login" | "logout" | "handleCallback" | "getAccessToken" | "fetch"
>

const actions = new WeakMap<TokenProviderClient, TokenActions>()

/**
 * The client's actions: the same object for as long as the client is the same. Never renders.
 *
 * @throws Error where no provider is above
 */
export const useTokenActions = (): TokenActions => {
  const client = useTokenClient()
  const known = actions.get(client)
  if (known !== undefined) return known
  const bound: TokenActions = {
    login: (options) => client.login(options),
    logout: (options?: LogoutOptions) => client.logout(options ?? {}),
    handleCallback: (url) => client.handleCallback(url),
    getAccessToken: (options) => client.getAccessToken(options),
    fetch: (input, init) => client.fetch(input, init),
  }
  actions.set(client, bound)
  return bound
}
