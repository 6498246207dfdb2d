import {
  createBrowserTokenClient,
  isTokenError,
  type SignedOutState,
  TokenGate,
  TokenProvider,
  useTokenActions,
} from "@ellipsis-oauth/react"

const redirectUri = "https://your.app/callback"
const client = createBrowserTokenClient({ clientId: "your-client-id", redirectUri })

const messageOf = (error: unknown) => (isTokenError(error) ? error.userMessage : String(error))

const Account = () => {
  const { fetch } = useTokenActions() // adds the token, for the API alone, and refreshes it where needed
  const show = async () => {
    const response = await fetch("https://api.ellipsis-drive.com/v3/account")
    alert(response.ok ? await response.text() : `HTTP ${response.status}`)
  }
  return (
    <input type="button" value="Show my account" onClick={() => show().catch((e) => alert(messageOf(e)))} />
  )
}

const SignIn = ({ state }: { state: SignedOutState }) => (
  <>
    {"error" in state && <p role="alert">{state.error?.userMessage}</p>}
    <input type="button" value="Sign in" onClick={() => client.login()} />
  </>
)

export const App = () => (
  <TokenProvider client={client}>
    <TokenGate fallback="One moment…" signedOut={(state) => <SignIn state={state} />}>
      <Account />
    </TokenGate>
  </TokenProvider>
)
