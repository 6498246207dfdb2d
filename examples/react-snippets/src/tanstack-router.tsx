import {
  isSignedIn,
  RequireLogin,
  type TokenProviderClient,
  useTokenActions,
  whenSettled,
} from "@ellipsis-oauth/react"
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  Link,
  Outlet,
  redirect,
} from "@tanstack/react-router"

const rootRoute = createRootRouteWithContext<{ client: TokenProviderClient }>()({ component: Outlet })

/** Users who are signed out go to the login, and come back to the page that they asked for. */
const protectedRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "protected",
  component: () => (
    <RequireLogin fallback={<p>One moment…</p>}>
      <Outlet />
    </RequireLogin>
  ),
})

const mapRoute = createRoute({
  getParentRoute: () => protectedRoute,
  path: "/maps/$id",
  component: () => <h1>A map</h1>,
})

/** Where data is loaded before the page is there, the guard asks for the state outside of components. */
const accountRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/account",
  beforeLoad: async ({ context, location }) => {
    if (isSignedIn(await whenSettled(context.client))) return
    throw redirect({ to: "/sign-in", search: { returnTo: location.href } })
  },
  loader: async ({ context, abortController: { signal } }): Promise<{ username: string }> => {
    const response = await context.client.fetch("https://api.ellipsis-drive.com/v3/account", { signal })
    if (!response.ok) throw new Error(`HTTP ${response.status}`)
    return response.json()
  },
  component: () => <h1>{accountRoute.useLoaderData().username}</h1>,
})

const SignIn = () => {
  const { login } = useTokenActions()
  const { returnTo } = signInRoute.useSearch()
  return (
    <button type="button" onClick={() => login({ returnTo })}>
      Sign in to Ellipsis Drive
    </button>
  )
}

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-in",
  validateSearch: ({ returnTo }) => ({ returnTo: typeof returnTo === "string" ? returnTo : "/" }),
  component: SignIn,
})

/** The provider finishes the login and goes on from here. The link is for a user who opened this page directly. */
const callbackRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/callback",
  component: () => (
    <p>
      One moment… <Link to="/">To the start</Link>
    </p>
  ),
})

const startRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  component: () => <h1>Welcome</h1>,
})

const routeTree = rootRoute.addChildren([
  startRoute,
  callbackRoute,
  signInRoute,
  accountRoute,
  protectedRoute.addChildren([mapRoute]),
])

/** Inside of `<TokenProvider client={client}>`: `<RouterProvider router={makeRouter(client)} />`, made once. */
export const makeRouter = (client: TokenProviderClient) => createRouter({ routeTree, context: { client } })

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>
  }
}
