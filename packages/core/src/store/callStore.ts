/** One call of the store, with typed errors and a limit to the wait. */
import { withTimeout } from "../common/abort.js"
import type { PlatformClock } from "../common/PlatformClock.js"
import { redact } from "../common/redact.js"
import { isTokenError, TokenStoreError } from "../errors.js"
import type { Awaitable, TokenStoreAdapter } from "./TokenStore.js"

/** The longest wait for one answer of the store, in milliseconds: a store that hangs must not hang its callers. */
const storeTimeout = 10_000

/**
 * Runs one call of the store. Rejects with TokenStoreError: the adapter's own, or `unavailable` for anything else.
 *
 * @param secrets what the call carries, to be taken out of the driver's message
 */
export const callStore = <A>(
  { store, clock }: StorePlatform,
  key: string,
  call: (store: TokenStoreAdapter) => Awaitable<A>,
  secrets: readonly string[] = [],
): Promise<A> =>
  withTimeout(
    clock,
    storeTimeout,
    async () => {
      try {
        return await call(store)
      } catch (error) {
        throw toTokenStoreError(key, error, secrets)
      }
    },
    () => new TokenStoreError({ reason: "unavailable", key, detail: "no answer in time" }),
  )

export interface StorePlatform {
  readonly store: TokenStoreAdapter
  readonly clock: PlatformClock
}

/** A driver's error may quote what it was given, so only its code and its cleaned message are kept. */
const toTokenStoreError = (key: string, error: unknown, secrets: readonly string[]): TokenStoreError => {
  if (isTokenError(error) && error._tag === "TokenStoreError") return error
  const code =
    typeof error === "object" && error !== null && "code" in error && /^[\w-]{1,40}$/.test(String(error.code))
      ? String(error.code)
      : undefined
  // A driver that fails to read quotes what nobody here knows yet; a record is told by its braces and names.
  const quotes = error instanceof Error && /[{}]|accessToken|refreshToken/.test(error.message)
  const message = error instanceof Error && !quotes ? redact(error.message, secrets) : undefined
  const detail = [code, message].filter(Boolean).join(": ")
  return new TokenStoreError({ reason: "unavailable", key, detail: detail || undefined })
}
