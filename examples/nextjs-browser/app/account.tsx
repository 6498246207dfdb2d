"use client"
import { TokenGate, useToken, useTokenActions } from "@ellipsis-oauth/react"

/** For all users: those who are signed out can sign in. */
export const Account = () => {
  const { login, logout } = useTokenActions()
  const error = useToken((state) => (state.status === "signedOut" ? state.error : undefined))
  const signIn = (
    <>
      {error !== undefined && <p role="alert">{error.userMessage}</p>}
      <button type="button" onClick={() => login()}>
        Sign in
      </button>
    </>
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
