/** The page of the scenarios with a client over a backend beside its own. */
import { createRoot } from "react-dom/client"
import { createBackendTokenClient, RequireLogin, TokenProvider } from "../../src/index.js"
import { client } from "./page.js"

createRoot(document.body.appendChild(document.createElement("main"))).render(
  <>
    <TokenProvider client={createBackendTokenClient({ basePath: "/auth" })} />
    <TokenProvider client={client}>
      <RequireLogin fallback="one moment">
        <h1>A map</h1>
      </RequireLogin>
    </TokenProvider>
  </>,
)
