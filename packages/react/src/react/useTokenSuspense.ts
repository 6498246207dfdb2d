"use client"
/** The state for components that cannot render before it is known. */
import { isSettled, type SettledTokenState, whenSettled } from "../client/whenSettled.js"
import { useTokenClient } from "./TokenProvider.js"
import { useToken } from "./useToken.js"

/**
 * The state, once it is known. While the token is restored and while a code is exchanged, the nearest `<Suspense>` shows
 * its fallback. A signed-out user and a failed refresh are states, not errors, so no error boundary must be reset after
 * the next login. A refresh never suspends.
 *
 * A server cannot know the state. There it throws, so that React sends the fallback and the browser renders the rest.
 * Below a `<TokenGate>` this never happens, because a server does not render the children of a `TokenGate`.
 *
 * @throws Error where no provider is above, and on a server
 */
export const useTokenSuspense = (): SettledTokenState => {
  const client = useTokenClient()
  const state = useToken()
  if (isSettled(state)) return state
  if (typeof document === "undefined") throw new SuspendedOnServer()
  // React 18 and 19 both wait for a promise that a component throws.
  throw whenSettled(client)
}

class SuspendedOnServer extends Error {
  /** Next.js knows this digest: it lets the browser render this part, and reports no error. */
  readonly digest = "BAILOUT_TO_CLIENT_SIDE_RENDERING"
  constructor() {
    super(
      "useTokenSuspense cannot know on a server who is signed in, so the browser renders this part. Put it below a <TokenGate> or a <Suspense> with a fallback.",
    )
  }
}
