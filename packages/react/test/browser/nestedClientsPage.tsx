/** The page of the scenarios with three clients, one inside of the other, which need a login each. */
import { ellipsisDrive } from "@ellipsis-oauth/core/promise"
import { StrictMode } from "react"
import { createRoot } from "react-dom/client"
import { createBrowserTokenClient, RequireLogin, TokenProvider } from "../../src/index.js"
import { client } from "./page.js"

const { baseUrl, origin, options } = window.site

const makeClient = (clientId: string) =>
  createBrowserTokenClient({
    clientId,
    redirectUri: `${origin}/callback`,
    server: ellipsisDrive({ baseUrl }),
    ...options,
  })

const [second, third] = [makeClient("another-spa"), makeClient("third-spa")]

createRoot(document.body.appendChild(document.createElement("main"))).render(
  <StrictMode>
    <TokenProvider client={client}>
      <RequireLogin fallback="one moment">
        <TokenProvider client={second}>
          <RequireLogin fallback="one moment">
            <TokenProvider client={third}>
              <RequireLogin fallback="one moment">
                <h1>All three</h1>
              </RequireLogin>
            </TokenProvider>
          </RequireLogin>
        </TokenProvider>
      </RequireLogin>
    </TokenProvider>
  </StrictMode>,
)
