import { RequireLogin, type SignedOutState, useTokenActions } from "@ellipsis-oauth/react"
import type { ReactNode } from "react"

const SignIn = ({ state }: { state: SignedOutState }) => {
  const { login } = useTokenActions()
  return (
    <>
      {"error" in state && <p role="alert">{state.error?.userMessage}</p>}
      <button type="button" onClick={() => login().catch(() => {})}>
        Sign in to Ellipsis Drive
      </button>
    </>
  )
}

/** For pages, and for layouts of pages: `<Private><Map /></Private>`. */
export const Private = ({ children }: { children: ReactNode }) => (
  <RequireLogin fallback={<p>One moment…</p>} signedOut={(state) => <SignIn state={state} />}>
    {children}
  </RequireLogin>
)
