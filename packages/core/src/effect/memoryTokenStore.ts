/** The store in memory, also as a layer. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { memoryTokenStore as make } from "../store/memoryTokenStore.js"
import { TokenStore } from "./services.js"

/** Makes a store; `memoryTokenStore.layer` is the same as a layer, with leases by Effect's clock. */
export const memoryTokenStore = Object.assign((...options: Parameters<typeof make>) => make(...options), {
  layer: Layer.effect(
    TokenStore,
    Effect.map(Clock.Clock, (clock) => make({ now: () => clock.currentTimeMillisUnsafe() })),
  ),
})
