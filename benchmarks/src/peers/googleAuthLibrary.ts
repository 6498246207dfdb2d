import { ClientAuthentication, CodeChallengeMethod, OAuth2Client } from "google-auth-library"
import type { Peer } from "./Peer.ts"

export const googleAuthLibrary: Peer = {
  name: "google-auth-library",
  keepsTokens: true,
  checksState: false,
  takesSignal: false,
  use: "`OAuth2Client` with the endpoints set, `getToken`, `setCredentials`, `getAccessToken`, `request`; `forceRefreshOnFailure` is off, as by default",
  open: async ({ basic, clientId, clientSecret, origin, redirectUri }) => {
    const client = new OAuth2Client({
      clientId,
      clientSecret,
      redirectUri,
      clientAuthentication:
        basic === true ? ClientAuthentication.ClientSecretBasic : ClientAuthentication.ClientSecretPost,
      endpoints: { oauth2AuthBaseUrl: `${origin}/authorize`, oauth2TokenUrl: `${origin}/token` },
    })
    let codeVerifier = ""
    return {
      authorizationUrl: async () => {
        const made = await client.generateCodeVerifierAsync()
        codeVerifier = made.codeVerifier
        return client.generateAuthUrl({
          access_type: "offline",
          scope: "projects",
          state: crypto.randomUUID(),
          code_challenge_method: CodeChallengeMethod.S256,
          code_challenge: made.codeChallenge ?? "",
        })
      },
      complete: async (callbackUrl) => {
        const code = new URL(callbackUrl).searchParams.get("code") ?? ""
        const { tokens } = await client.getToken({ code, codeVerifier })
        client.setCredentials(tokens)
      },
      getAccessToken: async () => (await client.getAccessToken()).token ?? undefined,
      refresh: async () => {
        await client.refreshAccessToken()
      },
      held: async () => ({
        accessToken: client.credentials.access_token ?? undefined,
        refreshToken: client.credentials.refresh_token ?? undefined,
        expiresAt: client.credentials.expiry_date ?? undefined,
      }),
      fetch: async (url) => {
        try {
          return (await client.request({ url })).status
        } catch (error) {
          if (error instanceof Error && "status" in error && typeof error.status === "number")
            return error.status
          throw error
        }
      },
      printable: async () => ({ client, token: client.credentials }),
      close: async () => {},
    }
  },
}
