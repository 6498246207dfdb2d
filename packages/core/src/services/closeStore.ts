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
  Effect.asVoid(
    waitAtMost(
      Effect.tryPromise({
        try: async () => store.close?.(),
        catch: (error) => toTokenStoreError("*", error, []),
      }),
      longestClose,
    ),
  )
