/** The app of these tests: React over the backend client, with what the test wants to know of it on `window`. */
import { StrictMode } from "react"
import { createRoot } from "react-dom/client"
import {
  createBackendTokenClient,
  RequireLogin,
  TokenGate,
  TokenProvider,
  useAccessToken,
  useTokenActions,
} from "../../src/index.js"

declare global {
  interface Window {
    readonly apiOrigin: string
    /** Milliseconds that this page's clock is ahead. */
    offset?: number
    backend: ReturnType<typeof createBackendTokenClient>
  }
}

const client = createBackendTokenClient({
  basePath: "/auth",
  apiOrigins: [window.apiOrigin],
  now: () => Date.now() + (window.offset ?? 0),
})
window.backend = client

const SignIn = () => {
  const { login } = useTokenActions()
  return (
    <button type="button" onClick={() => void login()}>
      Sign in
    </button>
  )
}

const Account = () => {
  const { logout } = useTokenActions()
  return (
    <>
      <output>{useAccessToken()}</output>
      <button type="button" onClick={() => void logout()}>
        Sign out
      </button>
    </>
  )
}

createRoot(document.body.appendChild(document.createElement("main"))).render(
  <StrictMode>
    <TokenProvider client={client}>
      {location.pathname.startsWith("/private/") ? (
        <RequireLogin fallback="one moment">
          <Account />
        </RequireLogin>
      ) : (
        <TokenGate fallback="one moment" signedOut={<SignIn />}>
          <Account />
        </TokenGate>
      )}
    </TokenProvider>
  </StrictMode>,
)
