/** The refresh of one credential that many share: the one algorithm that must be right. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { LoginRequired, type TokenErrorResponse, type TokenRequestError, TokenStoreError } from "../errors.js"
import { callStore, type TokenStore } from "../store/TokenStore.js"
import { requestToken, type TokenEndpointOptions } from "../token/TokenEndpoint.js"
import type { Transport } from "../token/Transport.js"
import { type Credential, type CredentialOwner, readCredential } from "./Credential.js"
import { saveCredential } from "./saveCredential.js"
import { withLease } from "./withLease.js"

export interface RefreshRequest {
  readonly key: string
  readonly endpoint: TokenEndpointOptions
  /** A name that no other holder or write has; called for each. */
  readonly uniqueId: () => string
  /** Whether a token is what the callers want: fresh enough, and not one that they have already. */
  readonly isWanted: (credential: Credential) => boolean
  /** A credential that the server gave and the store did not take yet, and the version that it replaces. */
  readonly unsaved: UnsavedCredential | undefined
  /** The longest wait for somebody else's refresh, in milliseconds. */
  readonly patience: number
  /** Holds back the refresh while too many others are under way. */
  readonly limit: <A, E, R>(refresh: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  readonly observer: RefreshObserver
}

export interface UnsavedCredential extends Credential {
  /** `null` for no record, `undefined` for a login, which replaces whatever is there. */
  readonly replaces: string | null | undefined
  /** Who holds the lease under which it was got. */
  readonly holder: string
}

export interface RefreshObserver {
  readonly onWaiting: () => void
  readonly onWaited: (duration: number, attempts: number) => void
  readonly onRefreshing: () => void
}

export type RefreshOutcome =
  | { readonly kind: "adopted"; readonly credential: Credential }
  | { readonly kind: "refreshed"; readonly credential: Credential; readonly rotated: boolean }
  /** The server gave a token and the store did not take it. */
  | { readonly kind: "unsaved"; readonly credential: UnsavedCredential; readonly error: TokenStoreError }

export type RefreshError = TokenRequestError | TokenStoreError | LoginRequired

/** A lease outlives the longest hold: the request's deadline, and half of it again for the write that follows. */
export const leaseDuration = ({ deadline }: TokenEndpointOptions): number => 2 * deadline

/**
 * Looks into the store first, since somebody else may have refreshed; otherwise refreshes, under the store's lease,
 * and writes the reply before anybody sees it. Runs in a fiber of its own that no caller can interrupt: from the
 * server's reply to the end of the write, this holds the only copy of a rotated refresh token.
 */
export const refreshCredential = Effect.fn("ellipsis-oauth.refreshCredential")(function* (
  request: RefreshRequest,
): Effect.fn.Return<RefreshOutcome, RefreshError, Transport | TokenStore> {
  const { key, endpoint, uniqueId, patience, limit, observer } = request
  yield* Effect.annotateCurrentSpan({ "ellipsis-oauth.key": key })
  if (request.unsaved === undefined) {
    const found = yield* look(request)
    if (Option.isSome(found)) return found.value
  }
  const owner = request.unsaved?.holder ?? uniqueId()
  const lease = {
    key,
    owner,
    duration: leaseDuration(endpoint),
    patience,
    // While the store does not take the new token, nobody else may present the one that it has.
    keepFor: (outcome: RefreshOutcome) => outcome.kind === "unsaved",
    ...observer,
  }
  return yield* limit(withLease(lease, look(request), (isHeld) => underLease(request, owner, isHeld)))
})

/** What is in the store, if the callers want it. Nothing there means a sign-out, unless something waits to be saved. */
const look = (
  request: RefreshRequest,
): Effect.Effect<Option.Option<RefreshOutcome>, RefreshError, TokenStore> =>
  Effect.flatMap(readCredential(request.key, ownerOf(request.endpoint)), (credential) => {
    if (credential !== undefined && request.isWanted(credential)) {
      return Effect.succeedSome({ kind: "adopted", credential })
    }
    return credential === undefined && request.unsaved === undefined
      ? Effect.fail(new LoginRequired({ reason: "noToken", key: request.key }))
      : Effect.succeedNone
  })

const readStored = ({ key, endpoint }: RefreshRequest): Effect.Effect<Credential, RefreshError, TokenStore> =>
  Effect.flatMap(readCredential(key, ownerOf(endpoint)), (credential) =>
    credential === undefined
      ? Effect.fail(new LoginRequired({ reason: "noToken", key }))
      : Effect.succeed(credential),
  )

const underLease = Effect.fnUntraced(function* (
  request: RefreshRequest,
  holder: string,
  isHeld: Effect.Effect<boolean>,
): Effect.fn.Return<RefreshOutcome, RefreshError, Transport | TokenStore> {
  const { unsaved, isWanted } = request
  if (unsaved !== undefined) {
    const outcome = yield* saveLate(request, unsaved)
    if (outcome.kind === "unsaved") return outcome
    if (isWanted(outcome.credential)) return { kind: "adopted", credential: outcome.credential }
  }
  const credential = yield* readStored(request)
  if (isWanted(credential)) return { kind: "adopted", credential }
  // Whoever had the lease while this process was asleep has spent the refresh token that was read, or is about to.
  if (yield* isHeld) return yield* exchange(request, credential, holder)
  const found = yield* look(request)
  return Option.isSome(found)
    ? found.value
    : yield* new TokenStoreError({ reason: "leaseTimeout", key: request.key })
})

/** A login that the store did not take replaces what is there, unless a later login has come in between. */
const saveLate = Effect.fnUntraced(function* (
  request: RefreshRequest,
  unsaved: UnsavedCredential,
): Effect.fn.Return<RefreshOutcome, RefreshError, TokenStore> {
  if (unsaved.replaces !== undefined) return yield* save(request, unsaved, false)
  const stored = yield* readCredential(request.key, ownerOf(request.endpoint))
  if (stored !== undefined && stored.token.issuedAt > unsaved.token.issuedAt) {
    return { kind: "adopted", credential: stored }
  }
  return yield* save(request, { ...unsaved, replaces: stored?.version ?? null }, false)
})

const exchange = Effect.fnUntraced(function* (
  request: RefreshRequest,
  credential: Credential,
  holder: string,
): Effect.fn.Return<RefreshOutcome, RefreshError, Transport | TokenStore> {
  const { key, endpoint, uniqueId, observer } = request
  const { refreshToken } = credential.token
  if (refreshToken === undefined) return yield* new LoginRequired({ reason: "expired", key })
  observer.onRefreshing()
  const result = yield* Effect.result(
    requestToken(endpoint, { grantType: "refresh_token", refreshToken }, credential.token),
  )
  if (Result.isFailure(result)) {
    const error = result.failure
    if (error._tag !== "TokenErrorResponse" || error.error !== "invalid_grant") return yield* error
    return yield* refused(request, credential, error)
  }
  const fresh = { token: result.success, version: uniqueId(), replaces: credential.version, holder }
  return yield* save(request, fresh, result.success.refreshToken !== refreshToken)
})

const save = Effect.fnUntraced(function* (
  request: RefreshRequest,
  credential: UnsavedCredential,
  rotated: boolean,
): Effect.fn.Return<RefreshOutcome, RefreshError, TokenStore> {
  const { key, endpoint, unsaved } = request
  const owner = ownerOf(endpoint)
  const budget = endpoint.deadline / 2
  const result = yield* saveCredential({ key, owner, credential, ifVersion: credential.replaces, budget })
  if (result.saved) return { kind: "refreshed", credential, rotated }
  if (result.error !== undefined) {
    return { kind: "unsaved", credential, error: result.error.as("notDurable") }
  }
  // Somebody else wrote: they hold the lease now, or a new login replaced everything. Theirs counts.
  if (result.found !== undefined) return { kind: "adopted", credential: result.found }
  // The record is gone. A sign-out wins over a refresh that it overtook; but a credential that waited for the store
  // to come back may be gone because others, who could not see it, had only the spent one to present.
  if (unsaved === undefined) return yield* new LoginRequired({ reason: "noToken", key })
  const again = yield* saveCredential({ key, owner, credential, ifVersion: null, budget })
  if (again.saved) return { kind: "refreshed", credential, rotated }
  return yield* again.error ?? new TokenStoreError({ reason: "unavailable", key })
})

/** The server refused the refresh token: perhaps because somebody else has used it, and then theirs is in the store. */
const refused = Effect.fnUntraced(function* (
  request: RefreshRequest,
  credential: Credential,
  error: TokenErrorResponse,
): Effect.fn.Return<RefreshOutcome, RefreshError, TokenStore> {
  const { key } = request
  const stored = yield* readStored(request)
  if (stored.version !== credential.version) return { kind: "adopted", credential: stored }
  const removed = yield* callStore(key, (store) => store.remove(key, credential.version))
  if (!removed) return { kind: "adopted", credential: yield* readStored(request) }
  return yield* new LoginRequired({ reason: "revoked", key, error })
})

export const ownerOf = ({ server, client }: TokenEndpointOptions): CredentialOwner => ({
  clientId: client.clientId,
  tokenEndpoint: server.tokenEndpoint,
})
