import { TokenGate, useTokenActions } from "@ellipsis-oauth/react"
import { useEffect } from "react"
import { createBrowserRouter, Outlet } from "react-router"

/** Sends whoever is signed out to the login, and brings them back to the page that they wanted. */
const SignIn = () => {
  const { login } = useTokenActions()
  useEffect(() => void login().catch(console.error), [login])
  return <p>Off to Ellipsis Drive…</p>
}

const Protected = () => (
  <TokenGate fallback={<p>One moment…</p>} signedOut={<SignIn />}>
    <Outlet />
  </TokenGate>
)

/** Inside of `<TokenProvider>`: `<RouterProvider router={router} />`. */
export const router = createBrowserRouter([
  { path: "/", element: <h1>Welcome</h1> },
  { path: "/callback", element: <p>One moment…</p> }, // the client takes the code from here, and goes on to the page
  { element: <Protected />, children: [{ path: "/maps/:id", element: <h1>A map</h1> }] },
])
