import { type SignedOutState, TokenGate, useTokenActions } from "@ellipsis-oauth/react"
import { useEffect, useRef } from "react"
import { createBrowserRouter, Outlet } from "react-router"

/** Sends users who are signed out to the login, once: a refusal or the back button must not start it again. */
const SignIn = ({ state, returnTo }: { state: SignedOutState; returnTo?: string }) => {
  const { login } = useTokenActions()
  const error = "error" in state ? state.error : undefined
  const isFirst = useRef(true)
  useEffect(() => {
    if (isFirst.current && error === undefined) login({ returnTo }).catch(console.error)
    isFirst.current = false
  }, [login, returnTo, error])
  if (state.status === "signingIn") return <p>Off to Ellipsis Drive…</p>
  return (
    <>
      {error !== undefined && <p role="alert">{error.userMessage}</p>}
      <button type="button" onClick={() => login({ returnTo })}>
        Sign in to Ellipsis Drive
      </button>
    </>
  )
}

const Protected = () => (
  <TokenGate fallback={<p>One moment…</p>} signedOut={(state) => <SignIn state={state} />}>
    <Outlet />
  </TokenGate>
)

/** The client takes the code from here, and goes on to the page. After a refusal the user is still here. */
const Callback = () => (
  <TokenGate fallback={<p>One moment…</p>} signedOut={(state) => <SignIn state={state} returnTo="/" />}>
    <p>One moment…</p>
  </TokenGate>
)

/** Inside of `<TokenProvider>`: `<RouterProvider router={router} />`. */
export const router = createBrowserRouter([
  { path: "/", element: <h1>Welcome</h1> },
  { path: "/callback", element: <Callback /> },
  { element: <Protected />, children: [{ path: "/maps/:id", element: <h1>A map</h1> }] },
])
