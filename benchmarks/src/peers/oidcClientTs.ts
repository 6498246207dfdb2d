import { type INavigator, InMemoryWebStorage, UserManager, WebStorageStateStore } from "oidc-client-ts"
import type { Peer } from "./Peer.ts"

export const oidcClientTs: Peer = {
  name: "oidc-client-ts",
  keepsTokens: true,
  checksState: true,
  takesSignal: false,
  use: "`UserManager` on Node.js, storage in memory, `getUser`, and `signinSilent` where the token has expired; without `automaticSilentRenew`, since the rows ask for each token",
  open: async ({ basic, clientId, clientSecret, origin, redirectUri }) => {
    let authorizationUrl = ""
    // There is no page here that could be navigated.
    const navigator: INavigator = {
      prepare: async () => ({
        navigate: async ({ url }) => {
          authorizationUrl = url
          return { url }
        },
        close: () => {},
      }),
      callback: async () => {},
    }
    const manager = new UserManager(
      {
        authority: origin,
        metadata: {
          issuer: origin,
          authorization_endpoint: `${origin}/authorize`,
          token_endpoint: `${origin}/token`,
        },
        client_id: clientId,
        client_secret: clientSecret,
        client_authentication: basic === true ? "client_secret_basic" : "client_secret_post",
        redirect_uri: redirectUri,
        scope: "projects",
        // The rows ask for each token themselves.
        automaticSilentRenew: false,
        stateStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
        userStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
      },
      navigator,
    )
    return {
      authorizationUrl: async () => {
        await manager.signinRedirect()
        return authorizationUrl
      },
      complete: async (callbackUrl) => {
        await manager.signinCallback(callbackUrl)
      },
      getAccessToken: async () => {
        const user = await manager.getUser()
        if (user?.expired !== true) return user?.access_token
        return (await manager.signinSilent())?.access_token
      },
      refresh: async () => {
        await manager.signinSilent()
      },
      held: async () => {
        const user = await manager.getUser()
        return {
          accessToken: user?.access_token,
          refreshToken: user?.refresh_token,
          expiresAt: user?.expires_at === undefined ? undefined : user.expires_at * 1000,
        }
      },
      printable: async () => ({ client: manager, token: await manager.getUser() }),
      close: async () => {
        await manager.removeUser()
      },
    }
  },
}
