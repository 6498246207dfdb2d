import { createTokenClient, ellipsisDrive } from "@ellipsis-oauth/node"

const client = createTokenClient({
  server: ellipsisDrive(), // or a self-hosted one: ellipsisDrive({ baseUrl: "https://drive.example.com/v3" })
  clientId: "your-client-id",
  clientSecret: process.env["ELLIPSIS_CLIENT_SECRET"],
  redirectUri: "https://your.app/callback",
})

/** 1. Keep `transaction` in the user's session, and send the user to `url`. */
export const login = () => client.createAuthorizationRequest()

/** 2. The user is back: check the URL against the transaction, and exchange the code. */
export const callback = async (url: string, transaction: string) =>
  client.exchangeAuthorizationCode(await client.parseAuthorizationResponse(url, transaction))

/** 3. The access token has expired: exchange the refresh token. */
export const refresh = (refreshToken: string) => client.refreshToken(refreshToken)
