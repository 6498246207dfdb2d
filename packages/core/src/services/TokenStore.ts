/** Where sessions keep their tokens, as a service. */
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

/** The token store, as a service. */
export class TokenStore extends Context.Service<TokenStore, TokenStoreCalls>()(
  "@ellipsis-oauth/core/TokenStore",
) {
  /**
   * A store of your own, or one of the adapters', as a layer. The layer makes it, checks it, and closes it when its
   * scope ends.
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

  /** In memory: for one process, and gone with it. Leases run by Effect's clock. */
  static readonly memory: Layer.Layer<TokenStore> = Layer.effect(
    TokenStore,
    Effect.map(Clock.Clock, (clock) =>
      tokenStoreCalls(memoryTokenStore({ now: () => clock.currentTimeMillisUnsafe() })),
    ),
  )
}
