/** `serverRender PAGE`: renders a library's provider where there is no window; a line of JSON. */
import { createElement } from "react"
import { renderToString } from "react-dom/server"

const redirectUri = "https://app.example/callback"
const server = "https://server.example"

const providers = {
  ellipsisOauth: async () => {
    const { createBrowserTokenClient, TokenProvider } = await import("@ellipsis-oauth/react")
    return [TokenProvider, { client: createBrowserTokenClient({ clientId: "spa", redirectUri }) }]
  },
  reactOidcContext: async () => {
    const { AuthProvider } = await import("react-oidc-context")
    return [AuthProvider, { authority: server, client_id: "spa", redirect_uri: redirectUri }]
  },
  reactOauth2CodePkce: async () => {
    const { AuthProvider } = await import("react-oauth2-code-pkce")
    const authConfig = {
      clientId: "spa",
      authorizationEndpoint: `${server}/authorize`,
      tokenEndpoint: `${server}/token`,
      redirectUri,
    }
    return [AuthProvider, { authConfig }]
  },
  axaReactOidc: async () => {
    const { OidcProvider } = await import("@axa-fr/react-oidc")
    const configuration = { client_id: "spa", redirect_uri: redirectUri, scope: "openid", authority: server }
    // As its README shows for Next.js.
    const withCustomHistory = () => ({ replaceState: () => {} })
    return [OidcProvider, { configuration, withCustomHistory }]
  },
  auth0React: async () => {
    const { Auth0Provider } = await import("@auth0/auth0-react")
    const authorizationParams = { redirect_uri: redirectUri }
    return [Auth0Provider, { domain: "server.example", clientId: "spa", authorizationParams }]
  },
}

const observe = async () => {
  try {
    const [provider, properties] = await providers[process.argv[2]]()
    const html = renderToString(createElement(provider, properties, "the app"))
    return html.includes("the app") ? "renders the app" : "renders without the app"
  } catch (error) {
    return `throws ${error.name}: ${error.message.split("\n")[0].slice(0, 80)}`
  }
}
console.log(JSON.stringify({ observed: await observe() }))
process.exit()
