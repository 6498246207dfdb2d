import { createAuthRoutes, createTokenClient, ellipsisDrive, sqliteTokenStore } from "@ellipsis-oauth/node"
import { driveUrl } from "./drive"

const {
  ELLIPSIS_OAUTH_CLIENT_ID = "demo-app",
  ELLIPSIS_OAUTH_CLIENT_SECRET = "demo-secret",
  ELLIPSIS_OAUTH_REDIRECT_URI = "http://localhost:3000/auth/callback",
  TOKENS = "data/tokens.sqlite",
} = process.env

/** Next.js loads this module once for each entry, so that the sessions have to be in a store that all of them share. */
const client = createTokenClient({
  server: ellipsisDrive({ baseUrl: driveUrl }),
  clientId: ELLIPSIS_OAUTH_CLIENT_ID,
  clientSecret: ELLIPSIS_OAUTH_CLIENT_SECRET,
  redirectUri: ELLIPSIS_OAUTH_REDIRECT_URI,
  store: sqliteTokenStore({ path: TOKENS }),
})

export const auth = createAuthRoutes(client, { onError: (error, path) => console.error(path, error) })
