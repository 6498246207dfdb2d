/** Frees what a store opened itself. */
import * as Effect from "effect/Effect"
import { waitAtMost } from "../common/waitAtMost.js"
import type { TokenStoreError } from "../errors/TokenStoreError.js"
import { toTokenStoreError } from "./callStore.js"
import type { TokenStoreAdapter } from "./TokenStoreAdapter.js"

/** The longest wait for a store that closes, in milliseconds: one that hangs must not hang the program. */
const longestClose = 10_000

/** Its error, like that of every call, is a typed one without secrets. */
export const closeStore = (store: TokenStoreAdapter): Effect.Effect<void, TokenStoreError> =>
  Effect.suspend(() => {
    // Called only once, because `waitAtMost` may wait twice, and a driver may refuse to be closed twice.
    const closed = (async () => store.close?.())()
    const wait = Effect.tryPromise({
      try: () => closed,
      catch: (error) => toTokenStoreError("*", error, []),
    })
    return Effect.asVoid(waitAtMost(wait, longestClose))
  })
