import { Auth0Provider, useAuth0 } from "@auth0/auth0-react"
import { Consumer, State, settings, start } from "./page.jsx"

const { redirectUri, server, shared } = settings

const useSignedIn = () => useAuth0().isAuthenticated

const App = () => {
  const { error, getAccessTokenSilently, isAuthenticated, isLoading, loginWithRedirect, logout } = useAuth0()
  window.peer = {
    logIn: () => loginWithRedirect(),
    logOut: () => logout({ openUrl: false }),
    ask: () => getAccessTokenSilently(),
    renew: () => getAccessTokenSilently({ cacheMode: "off" }),
  }
  if (isLoading) return <State>loading</State>
  if (error) return <State>error: {error.message}</State>
  if (!isAuthenticated) return <State>signed out</State>
  return (
    <>
      <State>signed in</State>
      <Consumer useSignedIn={useSignedIn} />
    </>
  )
}

start(
  <Auth0Provider
    domain={server}
    clientId="spa"
    authorizationParams={{ redirect_uri: redirectUri }}
    useRefreshTokens
    {...(shared ? { cacheLocation: "localstorage" } : {})}
  >
    <App />
  </Auth0Provider>,
)
