/** Writes a new credential, with retries: the server gives a token once. */
import * as Effect from "effect/Effect"
import { stopwatch } from "../common/stopwatch.js"
import { TokenStoreError } from "../errors/TokenStoreError.js"
import { type Credential, isNewer } from "./Credential.js"
import type { CredentialStore } from "./CredentialStore.js"

export interface SaveRequest {
  readonly credential: Credential
  /** The version that it replaces, `null` for none, `undefined` for whatever is there. */
  readonly ifVersion: string | null | undefined
  /** How long a failing store is tried again, in milliseconds: it gets two tries at least. */
  readonly budget: number
  /** The store was offered this login before, and did not take it: where it has a later one now, that counts. */
  readonly isLate?: boolean
}

export type SaveResult =
  | { readonly saved: true }
  /** Another holder changed the record first: here is theirs, or `undefined` where they removed it. */
  | { readonly saved: false; readonly found: Credential | undefined; readonly error?: undefined }
  /** The store failed until the budget was spent. */
  | { readonly saved: false; readonly error: TokenStoreError }

/** Never fails and cannot be interrupted: its caller holds the only copy of a token. */
export const saveCredential = (store: CredentialStore, request: SaveRequest): Effect.Effect<SaveResult> =>
  Effect.uninterruptible(
    Effect.flatMap(stopwatch, (elapsed) => {
      const attempt = (count: number): Effect.Effect<SaveResult> =>
        Effect.catch(saveOnce(store, request, count > 1 || request.isLate === true), (error) => {
          const pause = Math.min(50 * 2 ** count, 2000)
          // The time in which a process was stopped is no attempt.
          const isOver = error.action === "fix" || (count > 1 && elapsed() + pause >= request.budget)
          return isOver
            ? Effect.succeed<SaveResult>({ saved: false, error })
            : Effect.andThen(Effect.sleep(pause), attempt(count + 1))
        })
      return attempt(1)
    }),
  )

/** How often the store may go back while a credential is written to it. */
const maximumRounds = 3

const saveOnce = Effect.fnUntraced(function* (
  store: CredentialStore,
  { credential, ifVersion, isLate = false }: SaveRequest,
  isRetry: boolean,
): Effect.fn.Return<SaveResult, TokenStoreError> {
  const isLogin = ifVersion === undefined
  let expected = ifVersion
  if (isLogin && isRetry) {
    // The write that failed may have been done all the same, and others may have gone on from it.
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
    // A write that failed on the way back to us may have been done all the same; then this refusal is our own doing.
    const found = yield* store.read
    if (found?.version === credential.version) return { saved: true }
    // A login replaces whatever is there; anything else an older credential alone, to which a failover went back.
    const goesOn = isLogin
      ? found?.login !== credential.login
      : found !== undefined && isNewer(credential, found)
    if (!goesOn) return { saved: false, found }
    if (round === maximumRounds) {
      // What is there is older than the new token, which must not be dropped for it.
      const detail = "it took no write, and nobody else wrote"
      return { saved: false, error: new TokenStoreError({ reason: "unavailable", key: store.key, detail }) }
    }
    expected = found?.version ?? null
  }
})

/** A damaged record is one that a login replaces. */
const readUnlessDamaged = (
  store: CredentialStore,
): Effect.Effect<Credential | "damaged" | undefined, TokenStoreError> =>
  Effect.catch(store.read, (error) =>
    error.action === "login" ? Effect.succeed("damaged" as const) : Effect.fail(error),
  )
