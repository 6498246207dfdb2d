import { createAuthRoutes, createTokenClient, ellipsisDrive, sqliteTokenStore } from "@ellipsis-oauth/node"

const client = createTokenClient({
  server: ellipsisDrive({ baseUrl: process.env["ELLIPSIS_OAUTH_BASE_URL"] }), // the hosted service if it is not set
  clientId: process.env["ELLIPSIS_OAUTH_CLIENT_ID"] ?? "demo-app",
  clientSecret: process.env["ELLIPSIS_OAUTH_CLIENT_SECRET"],
  redirectUri: process.env["ELLIPSIS_OAUTH_REDIRECT_URI"] ?? "http://localhost:3000/auth/callback",
  store: sqliteTokenStore({ path: "data/tokens.sqlite" }),
})

/** GET /auth/login, GET /auth/callback, POST /auth/token and POST /auth/logout */
export const auth = createAuthRoutes(client, {
  onError: (error, path) => console.error(path, error), // no error holds a secret
})
