/** A store as a layer, which makes it when the layer is built and closes it when the layer's scope ends. */
import { TokenStore, type TokenStoreAdapter } from "@ellipsis-oauth/core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

export const tokenStoreLayer = (make: () => TokenStoreAdapter): Layer.Layer<TokenStore> =>
  Layer.effect(
    TokenStore,
    Effect.acquireRelease(Effect.sync(make), (store) => Effect.promise(async () => store.close?.())),
  )
