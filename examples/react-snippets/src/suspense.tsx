import { TokenGate, useTokenSuspense } from "@ellipsis-oauth/react"
import { Suspense } from "react"

const Expiry = () => {
  const state = useTokenSuspense() // signedOut, signingIn, ready or stale
  return <p>{state.status === "ready" ? `until ${new Date(state.expiresAt ?? 0)}` : state.status}</p>
}

export const Page = () => (
  <Suspense fallback={<p>One moment…</p>}>
    <Expiry />
  </Suspense>
)

/** The same for a page that a server renders. */
export const ServerRenderedPage = () => (
  <TokenGate fallback={<p>One moment…</p>} signedOut={<p>Signed out</p>}>
    <Expiry />
  </TokenGate>
)
