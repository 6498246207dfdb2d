/** Apps with TanStack Router that leave the redirect URI at once, or take its parameters away, each in another way. */
import {
  createHashHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Link,
  Outlet,
  RouterProvider,
  redirect,
} from "@tanstack/react-router"
import { StrictMode } from "react"
import { createRoot } from "react-dom/client"
import { isSignedIn, TokenProvider, type TokenProviderClient, whenSettled } from "../../src/index.js"
import { Screen } from "./parts.js"
import { makeClient, root, untilGoOn } from "./site.js"

const [order, variant] = window.variant.split(": ") as [string, string]

const makeRouter = (client: () => TokenProviderClient) => {
  const rootRoute = createRootRoute({ component: Outlet })
  const strict = variant.startsWith("strict search")

  const landing = (path: string) => {
    if (variant === "strict search") {
      const component = () => <Screen title="Home" />
      return createRoute({ getParentRoute: () => rootRoute, path, component })
    }
    if (variant === "validateSearch") {
      return createRoute({
        getParentRoute: () => rootRoute,
        path,
        validateSearch: ({ tab }) => ({ tab: typeof tab === "string" ? tab : "first" }),
        component: () => <Screen title="Home" />,
      })
    }
    return createRoute({
      getParentRoute: () => rootRoute,
      path,
      beforeLoad: async () => {
        if (variant === "a guard that takes longer than the login") await untilGoOn()
        if (!variant.startsWith("a guard that waits")) throw redirect({ to: "/home" })
        const signedIn = isSignedIn(await whenSettled(client()))
        if (!signedIn || variant.endsWith("goes on")) throw redirect({ to: "/home" })
      },
      component: () => <Screen title="Home" />,
    })
  }

  const home = createRoute({
    getParentRoute: () => rootRoute,
    path: "/home",
    component: () => (
      <Screen title="Home">
        <Link to="/maps/$id" params={{ id: "8" }}>
          another map
        </Link>
      </Screen>
    ),
  })
  const map = createRoute({
    getParentRoute: () => rootRoute,
    path: "/maps/$id",
    validateSearch: ({ layer }): { layer?: number } => (typeof layer === "number" ? { layer } : {}),
    component: () => (
      <Screen title={`Map ${map.useParams().id}`}>
        <Link to="/home">home</Link>
      </Screen>
    ),
  })
  return createRouter({
    routeTree: rootRoute.addChildren([landing("/"), landing("/callback"), home, map]),
    search: { strict },
    ...(variant.endsWith("hash history") ? { history: createHashHistory() } : {}),
    ...(variant.endsWith("basepath") ? { basepath: "/app" } : {}),
  })
}

const parts = () => {
  if (order === "client first") {
    const client = makeClient()
    return { client, router: makeRouter(() => client) }
  }
  let client: TokenProviderClient | undefined
  const router = makeRouter(() => {
    client ??= makeClient()
    return client
  })
  client ??= makeClient()
  return { client, router }
}

const { client, router } = parts()
createRoot(root()).render(
  <StrictMode>
    <TokenProvider client={client}>
      <RouterProvider router={router} />
    </TokenProvider>
  </StrictMode>,
)
