/** One call of a store's adapter as an effect, with typed errors and a timeout. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { redact } from "../common/redact.js"
import { gracePeriod } from "../common/waitAtMost.js"
import { isTokenError } from "../errors/TokenError.js"
import { TokenStoreError } from "../errors/TokenStoreError.js"
import type { Awaitable } from "./TokenStoreAdapter.js"

/** How long to wait for one call of the store, in milliseconds. A store that never responds must not block its callers. */
const storeTimeout = 10_000

export interface StoreCall<A> {
  readonly key: string
  readonly call: () => Awaitable<A>
  /** The secrets in the call. They are removed from the driver's message. */
  readonly secrets?: readonly string[]
  /** Called with a result that came after the timeout. */
  readonly onLate?: (result: A) => void
}

/** Fails with the adapter's own TokenStoreError, or with `unavailable` for anything else that it throws. */
export const callStore = <A>({
  key,
  call,
  secrets = [],
  onLate,
}: StoreCall<A>): Effect.Effect<A, TokenStoreError> =>
  Effect.raceFirst(
    Effect.callback<A, TokenStoreError>((resume) => {
      let isWaitedFor = true
      const settle = (exit: Exit.Exit<A, TokenStoreError>) => {
        if (isWaitedFor) return resume(exit)
        if (Exit.isSuccess(exit)) onLate?.(exit.value)
      }
      const fail = (error: unknown) => settle(Exit.fail(toTokenStoreError(key, error, secrets)))
      try {
        const result = call()
        if (isPromiseLike(result)) result.then((value) => settle(Exit.succeed(value)), fail)
        else settle(Exit.succeed(result))
      } catch (error) {
        fail(error)
      }
      return Effect.sync(() => {
        isWaitedFor = false
      })
    }),
    giveUp(key),
  )

/** When a stopped process goes on, its timer and the result are ready at the same time, and the result must win. */
const giveUp = (key: string): Effect.Effect<never, TokenStoreError> =>
  Effect.andThen(
    Effect.andThen(Effect.sleep(storeTimeout), Effect.sleep(gracePeriod)),
    Effect.suspend(() =>
      Effect.fail(new TokenStoreError({ reason: "unavailable", key, detail: "no response in time" })),
    ),
  )

const isPromiseLike = <A>(value: Awaitable<A>): value is PromiseLike<A> =>
  typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function"

/** A driver's error may quote what it was given, so only its code and its cleaned message are kept. */
export const toTokenStoreError = (
  key: string,
  error: unknown,
  secrets: readonly string[],
): TokenStoreError => {
  if (isTokenError(error) && error._tag === "TokenStoreError") return error
  const code =
    typeof error === "object" && error !== null && "code" in error && /^[\w-]{1,40}$/.test(String(error.code))
      ? String(error.code)
      : undefined
  // A failed read may quote a record whose secrets are not known here. Braces and member names show that it does.
  const quotes = error instanceof Error && /[{}]|accessToken|refreshToken/.test(error.message)
  const message = error instanceof Error && !quotes ? redact(error.message, secrets) : undefined
  const detail = [code, message].filter(Boolean).join(": ")
  return new TokenStoreError({ reason: "unavailable", key, detail: detail || undefined })
}
