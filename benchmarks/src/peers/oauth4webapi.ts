import * as oauth from "oauth4webapi"
import type { Peer } from "./Peer.ts"

export const oauth4webapi: Peer = {
  name: "oauth4webapi",
  keepsTokens: false,
  checksState: true,
  takesSignal: true,
  use: "`refreshTokenGrantRequest` and its kin; the app keeps the tokens, and an omitted refresh token is kept by the app",
  open: async ({ basic, clientId, clientSecret, origin, redirectUri }) => {
    const server: oauth.AuthorizationServer = {
      issuer: origin,
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/token`,
    }
    const client: oauth.Client = { client_id: clientId }
    const authentication =
      basic === true ? oauth.ClientSecretBasic(clientSecret) : oauth.ClientSecretPost(clientSecret)
    const insecure = { [oauth.allowInsecureRequests]: true }
    let state = ""
    let verifier = ""
    let token: oauth.TokenEndpointResponse | undefined
    let expiresAt: number | undefined
    const take = (response: oauth.TokenEndpointResponse) => {
      token = { ...response, refresh_token: response.refresh_token ?? token?.refresh_token ?? "" }
      expiresAt = response.expires_in === undefined ? undefined : Date.now() + response.expires_in * 1000
    }
    const refresh = async (signal?: AbortSignal) => {
      const response = await oauth.refreshTokenGrantRequest(
        server,
        client,
        authentication,
        token?.refresh_token ?? "",
        signal === undefined ? insecure : { ...insecure, signal },
      )
      take(await oauth.processRefreshTokenResponse(server, client, response))
    }
    return {
      authorizationUrl: async () => {
        state = oauth.generateRandomState()
        verifier = oauth.generateRandomCodeVerifier()
        const url = new URL(server.authorization_endpoint ?? "")
        url.search = new URLSearchParams({
          client_id: clientId,
          redirect_uri: redirectUri,
          response_type: "code",
          state,
          code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
          code_challenge_method: "S256",
        }).toString()
        return url.href
      },
      complete: async (callbackUrl) => {
        const parameters = oauth.validateAuthResponse(server, client, new URL(callbackUrl), state)
        const response = await oauth.authorizationCodeGrantRequest(
          server,
          client,
          authentication,
          parameters,
          redirectUri,
          verifier,
          insecure,
        )
        take(await oauth.processAuthorizationCodeResponse(server, client, response))
      },
      getAccessToken: async (signal) => {
        if (expiresAt !== undefined && expiresAt <= Date.now()) await refresh(signal)
        return token?.access_token
      },
      refresh: () => refresh(),
      held: async () => ({ accessToken: token?.access_token, refreshToken: token?.refresh_token, expiresAt }),
      printable: async () => ({ client: { server, client, authentication }, token }),
      close: async () => {},
    }
  },
}
