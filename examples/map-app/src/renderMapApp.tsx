import { TokenProvider, type TokenProviderClient } from "@ellipsis-oauth/react"
import { StrictMode } from "react"
import { createRoot } from "react-dom/client"
import { App } from "./App.js"
import { MapSources } from "./MapSources.js"
import "./styles.css"

export interface MapAppOptions {
  readonly client: TokenProviderClient
  /** Where the app's data is: each at an origin that gets the token, or at a backend that knows the user by a cookie. */
  readonly sources: MapSources
  /** How the app signs in, in a few words. */
  readonly way: string
  readonly popup?: boolean
}

export const renderMapApp = ({ client, sources, way, popup = false }: MapAppOptions): void => {
  const root = document.getElementById("root")
  if (root === null) throw new Error("The page has no element #root.")
  createRoot(root).render(
    <StrictMode>
      <TokenProvider client={client}>
        <MapSources value={sources}>
          <App way={way} popup={popup} />
        </MapSources>
      </TokenProvider>
    </StrictMode>,
  )
}
