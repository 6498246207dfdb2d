import { type AccessToken, AuthorizationCode } from "simple-oauth2"
import type { Peer } from "./Peer.ts"

const text = (value: unknown): string | undefined => (value === undefined ? undefined : String(value))

export const simpleOauth2: Peer = {
  name: "simple-oauth2",
  keepsTokens: true,
  checksState: false,
  takesSignal: false,
  use: "`if (accessToken.expired()) accessToken = await accessToken.refresh()`; the secret in the body",
  open: async ({ basic, clientId, clientSecret, origin, redirectUri }) => {
    const client = new AuthorizationCode({
      client: { id: clientId, secret: clientSecret },
      auth: { tokenHost: origin, tokenPath: "/token", authorizePath: "/authorize" },
      options: { authorizationMethod: basic === true ? "header" : "body" },
    })
    let accessToken: AccessToken | undefined
    const refresh = async () => {
      accessToken = await accessToken?.refresh()
    }
    return {
      authorizationUrl: async () =>
        client.authorizeURL({ redirect_uri: redirectUri, state: crypto.randomUUID() }),
      complete: async (callbackUrl) => {
        const code = new URL(callbackUrl).searchParams.get("code") ?? ""
        accessToken = await client.getToken({ code, redirect_uri: redirectUri })
      },
      getAccessToken: async () => {
        if (accessToken?.expired()) await refresh()
        return text(accessToken?.token["access_token"])
      },
      refresh,
      held: async () => {
        const { access_token, expires_at, refresh_token } = accessToken?.token ?? {}
        const at = expires_at === undefined ? undefined : new Date(expires_at as string).getTime()
        return { accessToken: text(access_token), refreshToken: text(refresh_token), expiresAt: at }
      },
      printable: async () => ({ client, token: accessToken }),
      close: async () => {},
    }
  },
}
