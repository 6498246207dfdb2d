/** Released servers, at the paths of the provider. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { OAuth2Server } from "oauth2-mock-server"
import Provider from "oidc-provider"
import { onTestFinished } from "vitest"

/** A confidential client; each visitor is logged in, and agrees. */
export const startOidcProvider = async () => {
  const client = { clientId: "oidc-app", clientSecret: "kanary-oidc-secret" }
  // Registered before the port is known: an app's redirect URI has a port, the server's own URL another one.
  const port = 8_431
  let handle = (_request: unknown, _response: unknown): unknown => undefined
  const server = createServer((request, response) => handle(request, response))
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = new Provider(`${origin}/v3`, {
    clients: [
      {
        client_id: client.clientId,
        client_secret: client.clientSecret,
        redirect_uris: [`http://127.0.0.1:${port}/callback`],
        grant_types: ["authorization_code", "refresh_token"],
        token_endpoint_auth_method: "client_secret_basic",
      },
    ],
    cookies: { keys: ["of-a-test"] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => `${origin}/interaction/${uid}` },
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    pkce: { required: () => true },
    routes: { authorization: "/oauth/authorize", token: "/oauth/token" },
    scopes: ["openid"],
    ttl: { AccessToken: 900, Grant: 3600, Interaction: 600, RefreshToken: 3600, Session: 3600 },
    findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
  })
  const callback = provider.callback()
  const interact = async (...[request, response]: Parameters<typeof callback>) => {
    const grant = new provider.Grant({ accountId: "demo", clientId: client.clientId })
    grant.addOIDCScope("openid")
    await provider.interactionFinished(request, response, {
      login: { accountId: "demo" },
      consent: { grantId: await grant.save() },
    })
  }
  handle = (...args) => {
    const [request, response] = args as Parameters<typeof callback>
    if (request.url?.startsWith("/interaction/")) return interact(request, response)
    request.url = (request.url ?? "").replace(/^\/v3(?=\/)/, "")
    return callback(request, response)
  }
  return {
    url: `${origin}/v3`,
    client,
    flags: ["--port", String(port), "--scope", "openid"],
  }
}

export const startOauth2MockServer = async () => {
  const server = new OAuth2Server(undefined, undefined, {
    endpoints: { authorize: "/v3/oauth/authorize", token: "/v3/oauth/token" },
  })
  await server.issuer.keys.generate("RS256")
  await server.start(0, "127.0.0.1")
  onTestFinished(() => server.stop())
  return { url: `http://127.0.0.1:${server.address().port}/v3` }
}
