import * as openid from "openid-client"
import type { Peer } from "./Peer.ts"

export const openidClient: Peer = {
  name: "openid-client",
  keepsTokens: false,
  checksState: true,
  takesSignal: false,
  use: "`authorizationCodeGrant`, `refreshTokenGrant`; the app keeps the tokens",
  open: async ({ basic, clientId, clientSecret, origin, redirectUri }) => {
    const config = new openid.Configuration(
      { issuer: origin, authorization_endpoint: `${origin}/authorize`, token_endpoint: `${origin}/token` },
      clientId,
      undefined,
      basic === true ? openid.ClientSecretBasic(clientSecret) : openid.ClientSecretPost(clientSecret),
    )
    openid.allowInsecureRequests(config)
    let state = ""
    let verifier = ""
    let token: openid.TokenEndpointResponse | undefined
    let refreshToken = ""
    let expiresAt: number | undefined
    const take = (response: openid.TokenEndpointResponse & openid.TokenEndpointResponseHelpers) => {
      token = response
      refreshToken = response.refresh_token ?? refreshToken
      const seconds = response.expiresIn()
      expiresAt = seconds === undefined ? undefined : Date.now() + seconds * 1000
    }
    const refresh = async () => take(await openid.refreshTokenGrant(config, refreshToken))
    return {
      authorizationUrl: async () => {
        state = openid.randomState()
        verifier = openid.randomPKCECodeVerifier()
        return openid.buildAuthorizationUrl(config, {
          redirect_uri: redirectUri,
          state,
          code_challenge: await openid.calculatePKCECodeChallenge(verifier),
          code_challenge_method: "S256",
        }).href
      },
      complete: async (callbackUrl) =>
        take(
          await openid.authorizationCodeGrant(config, new URL(callbackUrl), {
            pkceCodeVerifier: verifier,
            expectedState: state,
          }),
        ),
      getAccessToken: async () => {
        if (expiresAt !== undefined && expiresAt <= Date.now()) await refresh()
        return token?.access_token
      },
      refresh,
      held: async () => ({ accessToken: token?.access_token, refreshToken, expiresAt }),
      printable: async () => ({ client: config, token }),
      close: async () => {},
    }
  },
}
