/** The page of the scenarios with an app on it: a home page for everybody, and pages that need a login. */
import { StrictMode, useSyncExternalStore } from "react"
import { createRoot } from "react-dom/client"
import { RequireLogin, TokenProvider, useTokenActions } from "../../src/index.js"
import { client } from "./page.js"

const usePath = () =>
  useSyncExternalStore(
    (listener) => {
      addEventListener("popstate", listener)
      return () => removeEventListener("popstate", listener)
    },
    () => location.pathname,
  )

const MapView = () => {
  const { logout } = useTokenActions()
  return (
    <>
      <h1>A map</h1>
      <button type="button" onClick={() => void logout()}>
        Sign out
      </button>
    </>
  )
}

const App = () => {
  const path = usePath()
  if (!path.startsWith("/maps/")) return <h1>{path === "/callback" ? "One moment" : "Welcome"}</h1>
  return (
    <>
      <RequireLogin fallback="one moment">
        <MapView />
      </RequireLogin>
      <RequireLogin signedOut="no list">a list</RequireLogin>
      <RequireLogin signedOut="no menu">a menu</RequireLogin>
    </>
  )
}

addEventListener("pageshow", ({ persisted }) => Object.assign(window, { persisted }))
createRoot(document.body.appendChild(document.createElement("main"))).render(
  <StrictMode>
    <TokenProvider client={client}>
      <App />
    </TokenProvider>
  </StrictMode>,
)
