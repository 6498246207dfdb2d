import { generateCodeVerifier, OAuth2Client, OAuth2Fetch, type OAuth2Token } from "@badgateway/oauth2-client"
import type { Peer } from "./Peer.ts"

export const badgateway: Peer = {
  name: "@badgateway/oauth2-client",
  keepsTokens: true,
  checksState: true,
  takesSignal: false,
  use: "`OAuth2Fetch` over `OAuth2Client`, with `getNewToken: () => null`: the user is not there to log in again",
  open: async ({ basic, clientId, clientSecret, origin, redirectUri }) => {
    const client = new OAuth2Client({
      server: origin,
      clientId,
      clientSecret,
      authorizationEndpoint: "/authorize",
      tokenEndpoint: "/token",
      ...(basic === true ? {} : { authenticationMethod: "client_secret_post" as const }),
    })
    let parameters = { redirectUri, state: "", codeVerifier: "" }
    let token: OAuth2Token | null = null
    let wrapper: OAuth2Fetch | undefined
    const open = (): OAuth2Fetch => {
      if (wrapper === undefined) throw new Error("no login")
      return wrapper
    }
    return {
      authorizationUrl: async () => {
        const codeVerifier = await generateCodeVerifier()
        parameters = { redirectUri, state: crypto.randomUUID(), codeVerifier }
        return client.authorizationCode.getAuthorizeUri(parameters)
      },
      complete: async (callbackUrl) => {
        token = await client.authorizationCode.getTokenFromCodeRedirect(callbackUrl, parameters)
        wrapper = new OAuth2Fetch({
          client,
          // An app whose user has to log in has no token to give here.
          getNewToken: () => null,
          getStoredToken: () => token,
          storeToken: (stored) => {
            token = stored
          },
          // A timer would keep the process alive.
          scheduleRefresh: false,
        })
        // It reads the stored token by itself, a moment later.
        await new Promise((resolve) => setImmediate(resolve))
      },
      getAccessToken: () => open().getAccessToken(),
      refresh: async () => {
        await open().refreshToken()
      },
      held: async () => ({
        accessToken: token?.accessToken,
        refreshToken: token?.refreshToken ?? undefined,
        expiresAt: token?.expiresAt ?? undefined,
      }),
      fetch: async (url) => (await open().fetch(url)).status,
      printable: async () => ({ client: { client, wrapper }, token }),
      close: async () => {},
    }
  },
}
