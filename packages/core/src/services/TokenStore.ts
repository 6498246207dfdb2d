/** The token store, as an Effect service. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { checked } from "../common/checked.js"
import type { ConfigurationError } from "../errors/ConfigurationError.js"
import { closeStore } from "./closeStore.js"
import { memoryTokenStore } from "./memoryTokenStore.js"
import { requireTokenStore } from "./requireTokenStore.js"
import type { TokenStoreAdapter } from "./TokenStoreAdapter.js"
import { type TokenStoreCalls, tokenStoreCalls } from "./TokenStoreCalls.js"

/** Where sessions keep their tokens, as an Effect service. */
export class TokenStore extends Context.Service<TokenStore, TokenStoreCalls>()(
  "@ellipsis-oauth/core/TokenStore",
) {
  /**
   * Your own store, or a store of an adapter, as a layer. The layer checks it, and closes it when its scope ends. If you
   * pass a function, the layer makes the store.
   */
  static readonly fromAdapter = (
    adapter: TokenStoreAdapter | (() => TokenStoreAdapter),
  ): Layer.Layer<TokenStore, ConfigurationError> =>
    Layer.effect(
      TokenStore,
      Effect.acquireRelease(
        Effect.suspend(() =>
          Effect.fromResult(
            checked(() => requireTokenStore(typeof adapter === "function" ? adapter() : adapter)),
          ),
        ),
        (store) => Effect.orDie(closeStore(store)),
      ).pipe(Effect.map(tokenStoreCalls)),
    )

  /** A store in memory, for one process: its tokens are lost when the process ends. Leases use Effect's clock. */
  static readonly memory: Layer.Layer<TokenStore> = Layer.effect(
    TokenStore,
    Effect.map(Clock.Clock, (clock) =>
      tokenStoreCalls(memoryTokenStore({ now: () => clock.currentTimeMillisUnsafe() })),
    ),
  )
}
