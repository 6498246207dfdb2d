import { encryptedTokenStore, sqliteTokenStore } from "@ellipsis-oauth/node"

const keys = [{ id: "2027", key: process.env["TOKEN_KEY_2027"] ?? "" }]

export const store = encryptedTokenStore(sqliteTokenStore({ path: "data/tokens.sqlite" }), keys, {
  unreadable: "replace",
})
