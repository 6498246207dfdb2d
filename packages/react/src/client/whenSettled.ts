/** Waits, outside of components, until it is known whether a user is signed in. */
import type { TokenState } from "@ellipsis-oauth/core/promise"
import type { TokenProviderClient } from "./TokenProviderClient.js"

/** A state in which it is known whether a user is signed in. */
export type SettledTokenState = Exclude<TokenState, { readonly status: "restoring" | "exchanging" }>

export const isSettled = (state: TokenState): state is SettledTokenState =>
  state.status !== "restoring" && state.status !== "exchanging"

const waiting = new WeakMap<TokenProviderClient, Promise<SettledTokenState>>()

/**
 * The state, after the token is restored and a login on this page has ended. For the guard of a router, such as TanStack
 * Router's `beforeLoad` or a loader of React Router. It mounts the client in the meantime, because a router may call it
 * before the provider is mounted.
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
  // Later, because a client that is mounted may change its state, and React allows no updates while it renders.
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
      // Unmounts later, so that the provider can mount the client first and its work is not interrupted.
      setTimeout(unmount, unmountDelay)
    }
    const unsubscribe = client.subscribe(check)
    check()
  })

/** In milliseconds. */
const unmountDelay = 1_000
