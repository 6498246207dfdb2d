import {
  createBrowserTokenClient,
  type SignedOutState,
  TokenGate,
  TokenProvider,
  useTokenActions,
} from "@ellipsis-oauth/react"
import { QueryClientProvider } from "@tanstack/react-query"
import { axiosOf } from "./axios.js"
import { queryClient, useAccount } from "./tanstack-query.js"

const client = createBrowserTokenClient({
  clientId: "your-client-id",
  redirectUri: "https://your.app/callback",
  storage: "session", // as react-oidc-context and react-oauth2-code-pkce do where nothing else is said
  persistRefreshToken: true,
})

/** Outside of components too: no hook is needed for a request. */
export const api = axiosOf(client)

const Account = () => {
  const { logout } = useTokenActions()
  const { data } = useAccount()
  return (
    <button type="button" onClick={() => logout({ returnTo: "/" })}>
      Sign {data?.username} out
    </button>
  )
}

const SignIn = ({ state }: { state: SignedOutState }) => {
  const { login } = useTokenActions()
  return (
    <>
      {"error" in state && <p role="alert">{state.error?.userMessage}</p>}
      <button type="button" onClick={() => login({ extra: { prompt: "login" } })}>
        Sign in
      </button>
    </>
  )
}

export const App = () => (
  <TokenProvider client={client}>
    <QueryClientProvider client={queryClient}>
      <TokenGate fallback={<p>One moment…</p>} signedOut={(state) => <SignIn state={state} />}>
        <Account />
      </TokenGate>
    </QueryClientProvider>
  </TokenProvider>
)
