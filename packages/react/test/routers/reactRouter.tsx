/** Apps with React Router that leave the redirect URI at once, each in another way. */
import { lazy, type ReactNode, StrictMode, Suspense } from "react"
import { createRoot } from "react-dom/client"
import {
  BrowserRouter,
  createBrowserRouter,
  createHashRouter,
  HashRouter,
  Link,
  Navigate,
  Outlet,
  Route,
  type RouteObject,
  RouterProvider,
  Routes,
  redirect,
  useParams,
} from "react-router"
import { TokenGate, TokenProvider, whenSettled } from "../../src/index.js"
import { Screen } from "./parts.js"
import { makeClient, root, untilGoOn } from "./site.js"

const MapPage = () => (
  <Screen title={`Map ${useParams()["id"]}`}>
    <Link to="/home">home</Link>
  </Screen>
)

const Home = () => (
  <Screen title="Home">
    <Link to="/maps/8">another map</Link>
  </Screen>
)

const away = <Navigate to="/home" replace />

const pages = [
  { path: "/home", element: <Home /> },
  { path: "/maps/:id", element: <MapPage /> },
] satisfies RouteObject[]

/** Both places that a login comes back to. */
const landings = (landing: RouteObject): RouteObject[] =>
  ["/", "/callback"].map((path) => ({ ...landing, path }) as RouteObject)

const declarative = () => (
  <Routes>
    {[...landings({ element: away }), ...pages].map(({ path, element }) => (
      <Route key={path} path={path as string} element={element} />
    ))}
  </Routes>
)

const inProvider = (app: ReactNode) => <TokenProvider client={makeClient()}>{app}</TokenProvider>

const LateProvider = lazy(async () => {
  // As long as the script of a part takes to arrive.
  await (await fetch("/page.js")).text()
  return { default: (await import("./lateApp.js")).LateProvider }
})

const Loading = () => "loading"

const apps: Readonly<Record<string, () => ReactNode>> = {
  "<Navigate>": () => inProvider(<BrowserRouter>{declarative()}</BrowserRouter>),
  "<Navigate> in a HashRouter": () => inProvider(<HashRouter>{declarative()}</HashRouter>),
  "<Navigate> under a basename": () =>
    inProvider(<BrowserRouter basename="/app">{declarative()}</BrowserRouter>),
  "a loader's redirect": () => {
    const router = createBrowserRouter([...landings({ loader: () => redirect("/home") }), ...pages])
    return inProvider(<RouterProvider router={router} />)
  },
  "a loader's redirect in a hash router": () => {
    const router = createHashRouter([...landings({ loader: () => redirect("/home") }), ...pages])
    return inProvider(<RouterProvider router={router} />)
  },
  "a loader's redirect under a basename": () => {
    const routes = [...landings({ loader: () => redirect("/home") }), ...pages]
    return inProvider(<RouterProvider router={createBrowserRouter(routes, { basename: "/app" })} />)
  },
  "a loader's redirect that keeps the search parameters": () => {
    const loader: RouteObject["loader"] = ({ request }) => redirect(`/home${new URL(request.url).search}`)
    return inProvider(<RouterProvider router={createBrowserRouter([...landings({ loader }), ...pages])} />)
  },
  "a lazy part that brings the client": () => {
    const router = createBrowserRouter([
      ...landings({ loader: () => redirect("/home") }),
      {
        element: (
          <Suspense>
            <LateProvider>
              <Outlet />
            </LateProvider>
          </Suspense>
        ),
        children: pages,
      },
    ])
    return <RouterProvider router={router} />
  },
  "a page that waits and sends everybody on": () => {
    const element = (
      <TokenGate fallback={<p>one moment</p>} signedOut={away}>
        {away}
      </TokenGate>
    )
    return inProvider(<RouterProvider router={createBrowserRouter([...landings({ element }), ...pages])} />)
  },
  "<Navigate>, twice": () =>
    inProvider(
      <BrowserRouter>
        <Routes>
          {[...landings({ element: <Navigate to="/start" replace /> }), ...pages].map(({ path, element }) => (
            <Route key={path} path={path as string} element={element} />
          ))}
          <Route path="/start" element={away} />
        </Routes>
      </BrowserRouter>,
    ),
  "a loader that takes longer than the login": () => {
    const loader = () => untilGoOn().then(() => redirect("/home"))
    const landing: RouteObject = { loader, element: "loading", HydrateFallback: Loading }
    return inProvider(<RouterProvider router={createBrowserRouter([...landings(landing), ...pages])} />)
  },
  "a lazy route that takes longer than the login": () => {
    const lazy = () => untilGoOn().then(() => ({ element: away }))
    const landing: RouteObject = { lazy, HydrateFallback: Loading }
    return inProvider(<RouterProvider router={createBrowserRouter([...landings(landing), ...pages])} />)
  },
  "a loader that waits and sends everybody on": () => {
    const client = makeClient()
    const loader = async () => {
      await whenSettled(client)
      return redirect("/home")
    }
    const landing: RouteObject = { loader, element: "loading", HydrateFallback: Loading }
    const router = createBrowserRouter([...landings(landing), ...pages])
    return (
      <TokenProvider client={client}>
        <RouterProvider router={router} />
      </TokenProvider>
    )
  },
  "a provider that the redirect URI has not": () => {
    const element = inProvider(<Outlet />)
    return (
      <RouterProvider
        router={createBrowserRouter([...landings({ element: away }), { element, children: pages }])}
      />
    )
  },
}

createRoot(root()).render(<StrictMode>{apps[window.variant]?.()}</StrictMode>)
