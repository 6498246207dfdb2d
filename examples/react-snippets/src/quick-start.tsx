import { createBrowserTokenClient, TokenGate, TokenProvider, useTokenActions } from "@ellipsis-oauth/react"

const redirectUri = "https://your.app/callback"
const client = createBrowserTokenClient({ clientId: "your-client-id", redirectUri })

const Account = () => {
  const { fetch } = useTokenActions() // adds the token, for the API alone, and refreshes it where needed
  const show = async () => alert(await (await fetch("https://api.ellipsis-drive.com/v3/account")).text())
  return <input type="button" value="Show my account" onClick={show} />
}

const SignIn = () => <input type="button" value="Sign in" onClick={() => client.login()} />

export const App = () => (
  <TokenProvider client={client}>
    <TokenGate fallback="One moment…" signedOut={<SignIn />}>
      <Account />
    </TokenGate>
  </TokenProvider>
)
