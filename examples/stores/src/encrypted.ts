import { createTokenClient, encryptedTokenStore, sqliteTokenStore } from "@ellipsis-oauth/node"

const { TOKEN_KEY_2026 = "", TOKEN_KEY_2025 = "" } = process.env // each from: openssl rand -base64 32

export const client = createTokenClient({
  clientId: "your-client-id",
  store: encryptedTokenStore(sqliteTokenStore({ path: "data/tokens.sqlite" }), [
    { id: "2026", key: TOKEN_KEY_2026 }, // encrypts, and decrypts
    { id: "2025", key: TOKEN_KEY_2025 }, // decrypts what was written before the new key came
  ]),
})
