/** The released `oidc-provider`, with a grant put into its store: no ID token and no rotation, which is its fastest configuration. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import Provider from "oidc-provider"
import { announce } from "./running.ts"

const scope = "offline_access"
const provider = new Provider("http://127.0.0.1", {
  clients: [
    {
      client_id: "demo-app",
      client_secret: "demo-secret",
      redirect_uris: ["https://app.example/callback"],
      grant_types: ["authorization_code", "refresh_token"],
      token_endpoint_auth_method: "client_secret_post",
    },
  ],
  rotateRefreshToken: false,
})
const grant = new provider.Grant({ accountId: "demo", clientId: "demo-app" })
grant.addOIDCScope(scope)
const client = await provider.Client.find("demo-app")
if (client === undefined) throw new Error("the client is not registered")
const refreshToken = new provider.RefreshToken({
  accountId: "demo",
  client,
  grantId: await grant.save(),
  gty: "authorization_code",
  scope,
})
const refresh_token = await refreshToken.save()

const server = createServer(provider.callback())
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo
  const refresh = `grant_type=refresh_token&refresh_token=${refresh_token}&client_id=demo-app&client_secret=demo-secret`
  announce({ url: `http://127.0.0.1:${port}/token`, logins: [refresh], refresh })
})
