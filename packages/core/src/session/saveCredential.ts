/** Writes a new credential, with retries, because the server sends a token only once. */
import * as Effect from "effect/Effect"
import { stopwatch } from "../common/stopwatch.js"
import { TokenStoreError } from "../errors/TokenStoreError.js"
import { type Credential, isNewer } from "./Credential.js"
import type { CredentialStore } from "./CredentialStore.js"

export interface SaveRequest {
  readonly credential: Credential
  /** The version that it replaces, `null` if there must be no record, `undefined` for any record. */
  readonly ifVersion: string | null | undefined
  /** How long a failing write is repeated, in milliseconds. There are at least two attempts. */
  readonly budget: number
  /** A login that could not be written before. If the store has a later login now, that one counts. */
  readonly isLate?: boolean
}

export type SaveResult =
  | { readonly saved: true }
  /** Another process changed the record first. `found`: its credential, or `undefined` if it removed the record. */
  | { readonly saved: false; readonly found: Credential | undefined; readonly error?: undefined }
  /** The store failed until `budget` had passed. */
  | { readonly saved: false; readonly error: TokenStoreError }

/** Never fails and cannot be interrupted, because its caller has the only copy of a token. */
export const saveCredential = (store: CredentialStore, request: SaveRequest): Effect.Effect<SaveResult> =>
  Effect.uninterruptible(
    Effect.flatMap(stopwatch, (elapsed) => {
      const attempt = (count: number): Effect.Effect<SaveResult> =>
        Effect.catch(saveOnce(store, request, count > 1 || request.isLate === true), (error) => {
          const pause = Math.min(50 * 2 ** count, 2000)
          // At least two attempts, even if the process was stopped for longer than the budget.
          const isOver = error.action === "fix" || (count > 1 && elapsed() + pause >= request.budget)
          return isOver
            ? Effect.succeed<SaveResult>({ saved: false, error })
            : Effect.andThen(Effect.sleep(pause), attempt(count + 1))
        })
      return attempt(1)
    }),
  )

/** How many times a write is repeated after a failover of the store to an older record. */
const maximumRounds = 3

const saveOnce = Effect.fnUntraced(function* (
  store: CredentialStore,
  { credential, ifVersion, isLate = false }: SaveRequest,
  isRetry: boolean,
): Effect.fn.Return<SaveResult, TokenStoreError> {
  const isLogin = ifVersion === undefined
  let expected = ifVersion
  if (isLogin && isRetry) {
    // A write that reported an error may have been successful, and other processes may have refreshed its token since.
    const found = yield* readUnlessDamaged(store)
    if (found !== "damaged") {
      if (found?.version === credential.version) return { saved: true }
      const isLater = isLate && found !== undefined && found.sequence >= credential.sequence
      if (isLater || found?.login === credential.login) return { saved: false, found }
      expected = found?.version ?? null
    }
  }
  for (let round = 1; ; round++) {
    if (yield* store.write(credential, expected)) return { saved: true }
    // A write that reported an error may have been successful. Then the store refuses its repetition.
    const found = yield* store.read
    if (found?.version === credential.version) return { saved: true }
    // A login replaces any record. A refresh replaces only an older record, to which a failover went back.
    const goesOn = isLogin
      ? found?.login !== credential.login
      : found !== undefined && isNewer(credential, found)
    if (!goesOn) return { saved: false, found }
    if (round === maximumRounds) {
      // The record is older than the new token, so the new token must be kept.
      const detail = "it refused each write, and no other process wrote"
      return { saved: false, error: new TokenStoreError({ reason: "unavailable", key: store.key, detail }) }
    }
    expected = found?.version ?? null
  }
})

/** Reads the record. A damaged one is not an error, since a login replaces it. */
const readUnlessDamaged = (
  store: CredentialStore,
): Effect.Effect<Credential | "damaged" | undefined, TokenStoreError> =>
  Effect.catch(store.read, (error) =>
    error.action === "login" ? Effect.succeed("damaged" as const) : Effect.fail(error),
  )
