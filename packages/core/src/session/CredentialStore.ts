/** The store of one session: it converts records to credentials, and its errors name the session's key. */
import * as Effect from "effect/Effect"
import type { TokenStoreError } from "../errors/TokenStoreError.js"
import type { Lease } from "../services/TokenStoreAdapter.js"
import type { TokenStoreCalls } from "../services/TokenStoreCalls.js"
import { type Credential, type CredentialOwner, fromRecord, storeKey, toRecord } from "./Credential.js"

export interface CredentialStore {
  readonly key: string
  readonly read: Effect.Effect<Credential | undefined, TokenStoreError>
  /** `ifVersion`: the version that it replaces, `null` if there must be no record, `undefined` for any record. */
  readonly write: (
    credential: Credential,
    ifVersion: string | null | undefined,
  ) => Effect.Effect<boolean, TokenStoreError>
  readonly remove: (ifVersion?: string) => Effect.Effect<boolean, TokenStoreError>
  readonly lease: (owner: string, duration: number) => Effect.Effect<Lease, TokenStoreError>
  /** Extends a lease that its owner holds. */
  readonly prolong: (
    owner: string,
    duration: number,
    isHeld: () => boolean,
  ) => Effect.Effect<Lease, TokenStoreError>
  readonly release: (owner: string) => Effect.Effect<void, TokenStoreError>
}

export const credentialStore = (
  store: TokenStoreCalls,
  owner: CredentialOwner,
  key: string,
): CredentialStore => {
  const at = storeKey(owner, key)
  const named = <A>(call: Effect.Effect<A, TokenStoreError>) =>
    Effect.mapError(call, (error) => error.at(key))
  return {
    key,
    read: named(
      Effect.flatMap(store.read(at), (record) =>
        record === undefined ? Effect.undefined : Effect.fromResult(fromRecord(owner, key, record)),
      ),
    ),
    write: (credential, ifVersion) => named(store.write(at, toRecord(owner, credential), ifVersion)),
    remove: (ifVersion) => named(store.remove(at, ifVersion)),
    lease: (holder, duration) => named(store.lease(at, holder, duration)),
    prolong: (holder, duration, isHeld) => named(store.prolong(at, holder, duration, isHeld)),
    release: (holder) => named(store.release(at, holder)),
  }
}
