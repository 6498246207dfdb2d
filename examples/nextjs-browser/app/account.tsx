"use client"
import { TokenGate, useTokenActions } from "@ellipsis-oauth/react"

/** For everybody: who is not signed in may do so. */
export const Account = () => {
  const { login, logout } = useTokenActions()
  const signIn = (
    <button type="button" onClick={() => login()}>
      Sign in
    </button>
  )
  return (
    <TokenGate fallback={<p>One moment…</p>} signedOut={signIn}>
      <p>Signed in.</p>
      <button type="button" onClick={() => logout()}>
        Sign out
      </button>
    </TokenGate>
  )
}
