import {
  createBrowserTokenClient,
  isSignedIn,
  rfc6749,
  TokenGate,
  TokenProvider,
  useToken,
} from "@ellipsis-oauth/react"
import { Consumer, State, settings, start } from "./page.jsx"

const { api, elsewhere, redirectUri, server, shared } = settings

const client = createBrowserTokenClient({
  clientId: "spa",
  redirectUri,
  server: rfc6749({ authorizationEndpoint: `${server}/authorize`, tokenEndpoint: `${server}/token` }),
  apiOrigins: [api],
  ...(shared ? { storage: "local", persistRefreshToken: true } : {}),
})

window.peer = {
  logIn: () => client.login(),
  logOut: () => client.logout(),
  ask: () => client.getAccessToken(),
  renew: () => client.getAccessToken({ force: true }),
  fetchElsewhere: () => client.fetch(elsewhere),
}

const useSignedIn = () => useToken(isSignedIn)

const SignedOut = () => {
  const error = useToken((state) => state.error)
  return <State>{error === undefined ? "signed out" : `signed out, ${error._tag}`}</State>
}

start(
  <TokenProvider client={client}>
    <TokenGate fallback={<State>loading</State>} signedOut={<SignedOut />}>
      <State>signed in</State>
      <Consumer useSignedIn={useSignedIn} />
    </TokenGate>
  </TokenProvider>,
)
