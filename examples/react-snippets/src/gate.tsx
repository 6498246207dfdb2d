import { type SignedOutState, TokenGate, useTokenActions } from "@ellipsis-oauth/react"
import type { ReactNode } from "react"

const SignIn = ({ state }: { state: SignedOutState }) => {
  const { login } = useTokenActions()
  return (
    <>
      {"error" in state && <p role="alert">{state.error?.userMessage}</p>}
      <button type="button" disabled={state.status === "signingIn"} onClick={() => login()}>
        Sign in to Ellipsis Drive
      </button>
    </>
  )
}

export const SignedIn = ({ children }: { children: ReactNode }) => (
  <TokenGate
    scope="projects"
    fallback={<p>One moment…</p>}
    signedOut={(state) => <SignIn state={state} />}
    insufficientScope={(missing) => <p>This account may not use {missing.join(", ")}.</p>}
  >
    {children}
  </TokenGate>
)
