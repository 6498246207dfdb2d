"use client"
/** The state for components that cannot show anything before it is known. */
import type { TokenState } from "@ellipsis-oauth/core/promise"
import type { TokenProviderClient } from "../client/TokenProviderClient.js"
import { useTokenClient } from "./TokenProvider.js"
import { useToken } from "./useToken.js"

/** A state in which it is known whether a user is signed in. */
export type SettledTokenState = Exclude<TokenState, { readonly status: "restoring" | "exchanging" }>

/**
 * The state, once it is known: the nearest `<Suspense>` shows its fallback while the token is restored and while a
 * code is exchanged. Being signed out, and a refresh that failed, are states and no errors: they are returned, so
 * that no error boundary has to be reset after the next login. A refresh never suspends.
 *
 * A server cannot know the state: there it throws, which makes React send the fallback and leave the rest to the
 * browser. Below a `<TokenGate>`, which a server renders without it, that never happens.
 *
 * @throws Error where no provider is above, and on a server
 */
export const useTokenSuspense = (): SettledTokenState => {
  const client = useTokenClient()
  const state = useToken()
  if (isSettled(state)) return state
  if (typeof document === "undefined") throw new SuspendedOnServer()
  // A thrown promise is what React 18 and 19 both wait for.
  throw untilSettled(client)
}

const isSettled = (state: TokenState): state is SettledTokenState =>
  state.status !== "restoring" && state.status !== "exchanging"

const waiting = new WeakMap<TokenProviderClient, Promise<void>>()

/**
 * One promise for all who wait for this client. It mounts the client for that time: if the boundary is above
 * the provider, React has not mounted that, and nobody else would.
 */
const untilSettled = (client: TokenProviderClient): Promise<void> => {
  const known = waiting.get(client)
  if (known !== undefined) return known
  // Later, since a client that starts to work says so, and React takes no updates while it renders.
  const settled = Promise.resolve().then(
    () =>
      new Promise<void>((resolve) => {
        const unmount = client.mount()
        const check = () => {
          if (!isSettled(client.getSnapshot())) return
          unsubscribe()
          waiting.delete(client)
          resolve()
          // The provider mounts it when React has gone on; without a break between the two, it keeps what it does.
          setTimeout(unmount, unmountDelay)
        }
        const unsubscribe = client.subscribe(check)
        check()
      }),
  )
  waiting.set(client, settled)
  return settled
}

/** In milliseconds. */
const unmountDelay = 1_000

class SuspendedOnServer extends Error {
  /** By this, Next.js tells that the browser is to render what is missing, and reports no error. */
  readonly digest = "BAILOUT_TO_CLIENT_SIDE_RENDERING"
  constructor() {
    super(
      "useTokenSuspense has no answer on a server, so the browser renders this part. Put it below a <TokenGate> or a <Suspense> with a fallback.",
    )
  }
}
