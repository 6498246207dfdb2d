"use client"
/** The state for components that cannot show anything before it is known. */
import { isSettled, type SettledTokenState, whenSettled } from "../client/whenSettled.js"
import { useTokenClient } from "./TokenProvider.js"
import { useToken } from "./useToken.js"

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
