"use client"
import { TokenGate, useToken, useTokenActions } from "@ellipsis-oauth/react"
import { useEffect, useState } from "react"
import { driveUrl } from "./drive"

export const Account = () => (
  <section>
    <TokenGate fallback={<p>One moment…</p>} signedOut={<SignIn />}>
      <SignedIn />
    </TokenGate>
  </section>
)

const SignIn = () => {
  const { login } = useTokenActions()
  const error = useToken((state) => (state.status === "signedOut" ? state.error : undefined))
  return (
    <>
      {error !== undefined && <p role="alert">{error.userMessage}</p>}
      <button type="button" onClick={() => login()}>
        Sign in
      </button>
    </>
  )
}

const SignedIn = () => {
  const { fetch, logout } = useTokenActions()
  const status = useToken((state) => state.status)
  const [name, setName] = useState("…")
  useEffect(() => {
    const controller = new AbortController()
    fetch(`${driveUrl}/account`, { signal: controller.signal })
      .then((response) => (response.ok ? response.json() : Promise.reject(`HTTP ${response.status}`)))
      .then(({ username }) => setName(username))
      .catch((error) => !controller.signal.aborted && setName(String(error)))
    return () => controller.abort()
  }, [fetch])
  return (
    <>
      <p>
        Signed in as <strong>{name}</strong>. The token is {status}.
      </p>
      <button type="button" onClick={() => logout()}>
        Sign out
      </button>
    </>
  )
}
