import { createTokenClient, type Token } from "@ellipsis-oauth/node"

const client = createTokenClient({
  clientId: "your-client-id",
  clientSecret: process.env["ELLIPSIS_OAUTH_CLIENT_SECRET"],
  redirectUri: "https://your.app/callback",
})

/** The authorization code variant of `POST /oauth/token`. */
export const exchange = async (callbackUrl: string, transaction: string): Promise<Token> =>
  client.exchangeAuthorizationCode(await client.parseAuthorizationResponse(callbackUrl, transaction))

/** The refresh token variant. Keep what it returns: the server may have replaced the refresh token. */
export const refresh = (token: Token): Promise<Token> => client.refreshToken(token)
