import {
  createBrowserTokenClient,
  ellipsisDrive,
  TokenGate,
  TokenProvider,
  useToken,
  useTokenActions,
} from "@ellipsis-oauth/react"
import { useState } from "react"

const api = "http://127.0.0.1:4400/v3" // the mock server; "https://api.ellipsis-drive.com/v3" for the service
const client = createBrowserTokenClient({
  server: ellipsisDrive({ baseUrl: api }),
  clientId: "demo-spa",
  redirectUri: `${location.origin}/callback`,
})

const SignIn = () => {
  const error = useToken((state) => (state.status === "signedOut" ? state.error : undefined))
  return (
    <>
      {error !== undefined && <p role="alert">{error.userMessage}</p>}
      <input type="button" value="Sign in" onClick={() => client.login().catch(console.error)} />
    </>
  )
}

const Account = () => {
  const { fetch, logout } = useTokenActions() // fetch adds the token, for the API alone, and refreshes it
  const [text, setText] = useState("")
  const show = async () => {
    const response = await fetch(`${api}/account`)
    setText(response.ok ? await response.text() : `HTTP ${response.status}`)
  }
  return (
    <>
      <input type="button" value="Show my account" onClick={() => show().catch((e) => setText(String(e)))} />
      <input type="button" value="Sign out" onClick={() => logout()} />
      <pre>{text}</pre>
    </>
  )
}

const App = () => (
  <TokenProvider client={client}>
    <TokenGate fallback="One moment…" signedOut={<SignIn />}>
      <Account />
    </TokenGate>
  </TokenProvider>
)

export default App
