import { RequireLogin } from "@ellipsis-oauth/react"
import { createBrowserRouter, Link, Outlet } from "react-router"

/** Users who are signed out go to the login, and come back to the page that they asked for. */
const Protected = () => (
  <RequireLogin fallback={<p>One moment…</p>}>
    <Outlet />
  </RequireLogin>
)

/** The provider finishes the login and goes on from here. The link is for a user who opened this page directly. */
const Callback = () => (
  <p>
    One moment… <Link to="/">To the start</Link>
  </p>
)

/** Inside of `<TokenProvider>`: `<RouterProvider router={router} />`. */
export const router = createBrowserRouter([
  { path: "/", element: <h1>Welcome</h1> },
  { path: "/callback", element: <Callback /> },
  { element: <Protected />, children: [{ path: "/maps/:id", element: <h1>A map</h1> }] },
])
