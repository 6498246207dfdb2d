import { OidcProvider, useOidc, useOidcFetch } from "@axa-fr/react-oidc"
import { Consumer, State, settings, start } from "./page.jsx"

const { elsewhere, redirectUri, server, shared } = settings

const configuration = {
  client_id: "spa",
  redirect_uri: redirectUri,
  scope: "openid profile offline_access",
  authority: `${server}/`,
  authority_configuration: {
    issuer: `${server}/`,
    authorization_endpoint: `${server}/authorize`,
    token_endpoint: `${server}/token`,
  },
  ...(shared ? { storage: localStorage } : {}),
}

const useSignedIn = () => useOidc().isAuthenticated

const App = () => {
  const { isAuthenticated, login, logout, renewTokens } = useOidc()
  const { fetch } = useOidcFetch()
  window.peer = {
    logIn: () => login(),
    logOut: () => logout(),
    renew: () => renewTokens(),
    fetchElsewhere: () => fetch(elsewhere),
  }
  if (!isAuthenticated) return <State>signed out</State>
  return (
    <>
      <State>signed in</State>
      <Consumer useSignedIn={useSignedIn} />
    </>
  )
}

const lost = () => <State>session lost</State>
const failed = () => <State>error</State>
const busy = () => <State>loading</State>

start(
  <OidcProvider
    configuration={configuration}
    sessionLostComponent={lost}
    authenticatingErrorComponent={failed}
    loadingComponent={busy}
    authenticatingComponent={busy}
    callbackSuccessComponent={busy}
  >
    <App />
  </OidcProvider>,
)
