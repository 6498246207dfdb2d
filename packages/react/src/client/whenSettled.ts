/** Waits, outside of components, until it is known whether a user is signed in. */
import type { TokenState } from "@ellipsis-oauth/core/promise"
import type { TokenProviderClient } from "./TokenProviderClient.js"

/** A state in which it is known whether a user is signed in. */
export type SettledTokenState = Exclude<TokenState, { readonly status: "restoring" | "exchanging" }>

export const isSettled = (state: TokenState): state is SettledTokenState =>
  state.status !== "restoring" && state.status !== "exchanging"

const waiting = new WeakMap<TokenProviderClient, Promise<SettledTokenState>>()

/**
 * The state, once the token is restored and a login that this page finishes has ended: for the guard of a router,
 * such as TanStack Router's `beforeLoad` or a loader of React Router. It mounts the client for that time, since a
 * router may ask before the provider is there.
 *
 * @throws Error on a server
 */
export const whenSettled = (client: TokenProviderClient): Promise<SettledTokenState> => {
  if (typeof document === "undefined") {
    return Promise.reject(
      new Error(
        "whenSettled cannot know on a server who is signed in. Call it in the browser alone: in TanStack Start, for example, in a route with `ssr: false`.",
      ),
    )
  }
  const known = waiting.get(client)
  if (known !== undefined) return known
  // Later, since a client that starts to work says so, and React takes no updates while it renders.
  const settled = Promise.resolve()
    .then(() => untilSettled(client))
    .finally(() => waiting.delete(client))
  waiting.set(client, settled)
  return settled
}

const untilSettled = (client: TokenProviderClient) =>
  new Promise<SettledTokenState>((resolve) => {
    const unmount = client.mount()
    const check = () => {
      const state = client.getSnapshot()
      if (!isSettled(state)) return
      unsubscribe()
      resolve(state)
      // The provider mounts it when React has gone on; without a break between the two, it keeps what it does.
      setTimeout(unmount, unmountDelay)
    }
    const unsubscribe = client.subscribe(check)
    check()
  })

/** In milliseconds. */
const unmountDelay = 1_000
