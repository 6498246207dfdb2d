/** Mounts React on the client of the scenarios' page, with counters of what it renders. */
import { memo, type ReactNode, StrictMode } from "react"
import { createRoot, type Root } from "react-dom/client"
import {
  TokenProvider,
  type TokenProviderClient,
  useAccessToken,
  useToken,
  useTokenActions,
} from "../../src/index.js"

declare global {
  interface Window {
    renders: Record<"status" | "actions" | "accessToken", number>
    mountReact: () => void
    unmountReact: () => void
  }
}

window.renders = { status: 0, actions: 0, accessToken: 0 }

const Status = memo((): ReactNode => {
  window.renders.status++
  return <output>{useToken((state) => state.status)}</output>
})

const Actions = memo((): ReactNode => {
  window.renders.actions++
  return <p>{Object.keys(useTokenActions()).length}</p>
})

const AccessToken = memo((): ReactNode => {
  window.renders.accessToken++
  return <p>{useAccessToken() === undefined ? "no token" : "a token"}</p>
})

let root: Root | undefined

window.mountReact = () => {
  const client: TokenProviderClient = window.client
  root = createRoot(document.body.appendChild(document.createElement("main")))
  root.render(
    <StrictMode>
      <TokenProvider client={client}>
        <Status />
        <Actions />
        <AccessToken />
      </TokenProvider>
    </StrictMode>,
  )
}

window.unmountReact = () => root?.unmount()
