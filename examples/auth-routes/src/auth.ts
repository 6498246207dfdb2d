import { createAuthRoutes, createTokenClient, sqliteTokenStore } from "@ellipsis-oauth/node"

const client = createTokenClient({
  clientId: "your-client-id",
  clientSecret: process.env["ELLIPSIS_CLIENT_SECRET"],
  redirectUri: process.env["REDIRECT_URI"] ?? "http://localhost:3000/auth/callback",
  store: sqliteTokenStore({ path: "data/tokens.db" }),
})

/** GET /auth/login, GET /auth/callback, POST /auth/token and POST /auth/logout */
export const auth = createAuthRoutes(client)
