import { AuthProvider, useAuthContext } from "react-oauth2-code-pkce"
import { Consumer, State, settings, start } from "./page.jsx"

const { redirectUri, server } = settings

const config = {
  clientId: "spa",
  authorizationEndpoint: `${server}/authorize`,
  tokenEndpoint: `${server}/token`,
  redirectUri,
  // Left out, it would be the word "undefined" in a refresh.
  scope: "projects",
  decodeToken: false,
  autoLogin: false,
}

const useSignedIn = () => useAuthContext().token !== ""

const App = () => {
  const { error, logIn, logOut, loginInProgress, refreshAccessToken, token } = useAuthContext()
  window.peer = { logIn: () => logIn(), logOut: () => logOut(), renew: () => refreshAccessToken() }
  if (loginInProgress) return <State>loading</State>
  if (error) return <State>error: {error}</State>
  if (!token) return <State>signed out</State>
  return (
    <>
      <State>signed in</State>
      <Consumer useSignedIn={useSignedIn} />
    </>
  )
}

start(
  <AuthProvider authConfig={config}>
    <App />
  </AuthProvider>,
)
