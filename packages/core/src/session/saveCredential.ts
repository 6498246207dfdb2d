/** Writes a new credential, with retries: what the server told is told once. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { stopwatch } from "../common/stopwatch.js"
import type { TokenStoreError } from "../errors.js"
import { callStore, type TokenStore } from "../store/TokenStore.js"
import {
  type Credential,
  type CredentialOwner,
  readCredential,
  secretsOfToken,
  toRecord,
} from "./Credential.js"

export interface SaveRequest {
  readonly key: string
  readonly owner: CredentialOwner
  readonly credential: Credential
  /** The version that it replaces, `null` for none, `undefined` for whatever is there. */
  readonly ifVersion: string | null | undefined
  /** How long a failing store is tried again, in milliseconds. */
  readonly budget: number
}

export type SaveResult =
  | { readonly saved: true }
  /** Somebody else changed the record first: here is theirs, or `undefined` where they removed it. */
  | { readonly saved: false; readonly found: Credential | undefined; readonly error?: undefined }
  /** The store failed until the budget was spent. */
  | { readonly saved: false; readonly error: TokenStoreError }

/** Never fails and cannot be interrupted: whoever calls it holds the only copy of a token. */
export const saveCredential = (request: SaveRequest): Effect.Effect<SaveResult, never, TokenStore> =>
  Effect.uninterruptible(save(request))

const save = Effect.fnUntraced(function* (
  request: SaveRequest,
): Effect.fn.Return<SaveResult, never, TokenStore> {
  const { key, owner, credential, ifVersion, budget } = request
  const record = toRecord(owner, credential)
  const elapsed = yield* stopwatch
  for (let attempt = 1; ; attempt++) {
    const result = yield* Effect.result(
      saveOnce(
        key,
        owner,
        credential.version,
        (store) => store.write(key, record, ifVersion),
        secretsOfToken(credential.token),
      ),
    )
    if (Result.isSuccess(result)) return result.success
    const pause = Math.min(50 * 2 ** attempt, 2000)
    if ((yield* elapsed) + pause >= budget) return { saved: false, error: result.failure }
    yield* Effect.sleep(pause)
  }
})

const saveOnce = Effect.fnUntraced(function* (
  key: string,
  owner: CredentialOwner,
  version: string,
  write: Parameters<typeof callStore<boolean>>[1],
  secrets: readonly string[],
): Effect.fn.Return<SaveResult, TokenStoreError, TokenStore> {
  if (yield* callStore(key, write, secrets)) return { saved: true }
  // A write that failed on the way back to us may have been done all the same; then this refusal is our own doing.
  const found = yield* readCredential(key, owner)
  return found?.version === version ? { saved: true } : { saved: false, found }
})
