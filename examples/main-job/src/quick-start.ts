import { createTokenClient, sqliteTokenStore } from "@ellipsis-oauth/node"

const client = createTokenClient({
  clientId: "your-client-id",
  clientSecret: process.env["ELLIPSIS_OAUTH_CLIENT_SECRET"],
  redirectUri: "https://your.app/callback",
  store: sqliteTokenStore({ path: "data/tokens.sqlite" }),
})

/** 1. Keep `transaction` in the user's session, and send the user to `url`. */
export const login = () => client.createAuthorizationRequest()

/** 2. The user is back: the URL is checked against the transaction, the code exchanged, the token stored. */
export const callback = (userId: string, url: string, transaction: string) =>
  client.session(userId).completeAuthorization(url, transaction)

/** 3. A valid access token, whenever you call it: refreshed once for all processes that share the store. */
export const accessToken = (userId: string) => client.session(userId).getAccessToken()
