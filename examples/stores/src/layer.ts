import { sqliteTokenStore } from "@ellipsis-oauth/node"
import { encryptedTokenStoreLayer } from "@ellipsis-oauth/node/effect"

/** The file is opened on first use, and closed with the scope that the layer is built in. */
export const TokenStoreLive = encryptedTokenStoreLayer(
  () => sqliteTokenStore({ path: "data/tokens.sqlite" }),
  [{ id: "2026", key: process.env["TOKEN_KEY_2026"] ?? "" }],
)
