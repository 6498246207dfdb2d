import { WebStorageStateStore } from "oidc-client-ts"
import { AuthProvider, useAuth } from "react-oidc-context"
import { Consumer, State, settings, start } from "./page.jsx"

const { redirectUri, server, shared } = settings

const config = {
  authority: server,
  client_id: "spa",
  redirect_uri: redirectUri,
  scope: "projects",
  metadata: {
    issuer: server,
    authorization_endpoint: `${server}/authorize`,
    token_endpoint: `${server}/token`,
  },
  onSigninCallback: () => window.history.replaceState({}, document.title, window.location.pathname),
  ...(shared ? { userStore: new WebStorageStateStore({ store: window.localStorage }) } : {}),
}

const useSignedIn = () => useAuth().isAuthenticated

const App = () => {
  const auth = useAuth()
  window.peer = {
    logIn: () => auth.signinRedirect(),
    logOut: () => auth.removeUser(),
    renew: () => auth.signinSilent(),
  }
  if (auth.activeNavigator === "signinSilent") return <State>renewing</State>
  if (auth.isLoading) return <State>loading</State>
  if (auth.error) return <State>error: {auth.error.message}</State>
  if (!auth.isAuthenticated) return <State>signed out</State>
  return (
    <>
      <State>signed in</State>
      <Consumer useSignedIn={useSignedIn} />
    </>
  )
}

start(
  <AuthProvider {...config}>
    <App />
  </AuthProvider>,
)
