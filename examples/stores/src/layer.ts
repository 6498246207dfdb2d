import { encryptedTokenStore, sqliteTokenStore, TokenStore } from "@ellipsis-oauth/node"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/** Opened on first use, and closed with the scope that the layer is built in. */
export const TokenStoreLive = encryptedTokenStore
  .layer([{ id: "2026", key: process.env["TOKEN_KEY_2026"] ?? "" }])
  .pipe(Layer.provide(sqliteTokenStore.layer({ path: "data/tokens.sqlite" })))

export const isSignedIn = (key: string) =>
  Effect.flatMap(TokenStore, (store) => Effect.promise(async () => (await store.read(key)) !== undefined))
