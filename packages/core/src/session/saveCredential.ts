/** Writes a new credential, with retries: what the server told is told once. */
import { stopwatch } from "../common/stopwatch.js"
import { isTokenError, type TokenStoreError } from "../errors.js"
import { callStore, type StorePlatform } from "../store/callStore.js"
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

/** Never rejects for a store's failure, and takes no signal: whoever calls it holds the only copy of a token. */
export const saveCredential = async (platform: StorePlatform, request: SaveRequest): Promise<SaveResult> => {
  const elapsed = stopwatch(platform.clock)
  for (let attempt = 1; ; attempt++) {
    try {
      return await saveOnce(platform, request)
    } catch (error) {
      if (!isTokenError(error) || error._tag !== "TokenStoreError") throw error
      const pause = Math.min(50 * 2 ** attempt, 2000)
      if (elapsed() + pause >= request.budget) return { saved: false, error }
      await platform.clock.sleep(pause)
    }
  }
}

const saveOnce = async (
  platform: StorePlatform,
  { key, owner, credential, ifVersion }: SaveRequest,
): Promise<SaveResult> => {
  const record = toRecord(owner, credential)
  const secrets = secretsOfToken(credential.token)
  if (await callStore(platform, key, (store) => store.write(key, record, ifVersion), secrets)) {
    return { saved: true }
  }
  // A write that failed on the way back to us may have been done all the same; then this refusal is our own doing.
  const found = await readCredential(platform, key, owner)
  return found?.version === credential.version ? { saved: true } : { saved: false, found }
}
