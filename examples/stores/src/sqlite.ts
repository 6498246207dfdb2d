import { createTokenClient, sqliteTokenStore } from "@ellipsis-oauth/node"

export const client = createTokenClient({
  clientId: "your-client-id",
  store: sqliteTokenStore({ path: "data/tokens.sqlite" }),
})
