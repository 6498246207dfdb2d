/** The page of the scenarios with a second client, which needs a login of its own. */
import { ellipsisDrive } from "@ellipsis-oauth/core/promise"
import { StrictMode } from "react"
import { createRoot } from "react-dom/client"
import { createBrowserTokenClient, RequireLogin, TokenProvider } from "../../src/index.js"
import { client } from "./page.js"

const { baseUrl, origin, options } = window.site

const second = createBrowserTokenClient({
  clientId: "another-spa",
  redirectUri: `${origin}/callback`,
  server: ellipsisDrive({ baseUrl }),
  ...options,
})

createRoot(document.body.appendChild(document.createElement("main"))).render(
  <StrictMode>
    <TokenProvider client={client}>
      <RequireLogin fallback="one moment">
        <h1>First</h1>
      </RequireLogin>
    </TokenProvider>
    <TokenProvider client={second}>
      <RequireLogin fallback="one moment">
        <h1>Second</h1>
      </RequireLogin>
    </TokenProvider>
  </StrictMode>,
)
