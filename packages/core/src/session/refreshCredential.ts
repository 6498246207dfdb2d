/** The refresh of one credential that many share: the one algorithm that must be right. */
import type { Limiter } from "../common/limiter.js"
import {
  isTokenError,
  LoginRequired,
  type TokenErrorResponse,
  type TokenRequestError,
  TokenStoreError,
} from "../errors.js"
import type { Platform } from "../platform/Platform.js"
import { callStore } from "../store/callStore.js"
import type { Token } from "../token/Token.js"
import { requestToken, type TokenEndpointOptions } from "../token/TokenEndpoint.js"
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
  readonly limit: Limiter
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
 * and writes the reply before anybody sees it. Takes no signal: from the server's reply to the end of the write, this
 * holds the only copy of a rotated refresh token. Rejects with a RefreshError.
 */
export const refreshCredential = (platform: Platform, request: RefreshRequest): Promise<RefreshOutcome> =>
  platform.trace("ellipsis-oauth.refreshCredential", { "ellipsis-oauth.key": request.key }, (inside) =>
    refresh({ ...platform, ...inside }, request),
  )

const refresh = async (platform: Platform, request: RefreshRequest): Promise<RefreshOutcome> => {
  const { key, endpoint, uniqueId, patience, limit, observer } = request
  if (request.unsaved === undefined) {
    const found = await look(platform, request)
    if (found !== undefined) return found
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
  return limit(() =>
    withLease(
      platform,
      lease,
      () => look(platform, request),
      (isHeld) => underLease(platform, request, owner, isHeld),
    ),
  )
}

const readStored = (platform: Platform, { key, endpoint }: RefreshRequest) =>
  readCredential(platform, key, ownerOf(endpoint))

/** What is in the store, if the callers want it. Nothing there means a sign-out, unless something waits to be saved. */
const look = async (platform: Platform, request: RefreshRequest): Promise<RefreshOutcome | undefined> => {
  const credential = await readStored(platform, request)
  if (credential !== undefined && request.isWanted(credential)) return { kind: "adopted", credential }
  if (credential === undefined && request.unsaved === undefined) {
    throw new LoginRequired({ reason: "noToken", key: request.key })
  }
  return undefined
}

const requireStored = async (platform: Platform, request: RefreshRequest): Promise<Credential> => {
  const credential = await readStored(platform, request)
  if (credential === undefined) throw new LoginRequired({ reason: "noToken", key: request.key })
  return credential
}

const underLease = async (
  platform: Platform,
  request: RefreshRequest,
  holder: string,
  isHeld: () => boolean,
): Promise<RefreshOutcome> => {
  const { unsaved, isWanted } = request
  if (unsaved !== undefined) {
    const outcome = await saveLate(platform, request, unsaved)
    if (outcome.kind === "unsaved") return outcome
    if (isWanted(outcome.credential)) return { kind: "adopted", credential: outcome.credential }
  }
  const credential = await requireStored(platform, request)
  if (isWanted(credential)) return { kind: "adopted", credential }
  // Whoever had the lease while this process was asleep has spent the refresh token that was read, or is about to.
  if (isHeld()) return exchange(platform, request, credential, holder)
  const found = await look(platform, request)
  if (found === undefined) throw new TokenStoreError({ reason: "leaseTimeout", key: request.key })
  return found
}

/** A login that the store did not take replaces what is there, unless a later login has come in between. */
const saveLate = async (
  platform: Platform,
  request: RefreshRequest,
  unsaved: UnsavedCredential,
): Promise<RefreshOutcome> => {
  if (unsaved.replaces !== undefined) return save(platform, request, unsaved, false)
  const stored = await readStored(platform, request)
  if (stored !== undefined && stored.token.issuedAt > unsaved.token.issuedAt) {
    return { kind: "adopted", credential: stored }
  }
  return save(platform, request, { ...unsaved, replaces: stored?.version ?? null }, false)
}

const exchange = async (
  platform: Platform,
  request: RefreshRequest,
  credential: Credential,
  holder: string,
): Promise<RefreshOutcome> => {
  const { key, endpoint, uniqueId, observer } = request
  const { refreshToken } = credential.token
  if (refreshToken === undefined) throw new LoginRequired({ reason: "expired", key })
  observer.onRefreshing()
  let token: Token
  try {
    const grant = { grantType: "refresh_token", refreshToken } as const
    token = await requestToken(platform, endpoint, grant, { previous: credential.token })
  } catch (error) {
    if (isTokenError(error) && error._tag === "TokenErrorResponse" && error.error === "invalid_grant") {
      return refused(platform, request, credential, error)
    }
    throw error
  }
  const fresh = { token, version: uniqueId(), replaces: credential.version, holder }
  return save(platform, request, fresh, token.refreshToken !== refreshToken)
}

const save = async (
  platform: Platform,
  request: RefreshRequest,
  credential: UnsavedCredential,
  rotated: boolean,
): Promise<RefreshOutcome> => {
  const { key, endpoint, unsaved } = request
  const owner = ownerOf(endpoint)
  const budget = endpoint.deadline / 2
  const record = { key, owner, credential, budget }
  const result = await saveCredential(platform, { ...record, ifVersion: credential.replaces })
  if (result.saved) return { kind: "refreshed", credential, rotated }
  if (result.error !== undefined) {
    return { kind: "unsaved", credential, error: result.error.as("notDurable") }
  }
  // Somebody else wrote: they hold the lease now, or a new login replaced everything. Theirs counts.
  if (result.found !== undefined) return { kind: "adopted", credential: result.found }
  // The record is gone. A sign-out wins over a refresh that it overtook; but a credential that waited for the store
  // to come back may be gone because others, who could not see it, had only the spent one to present.
  if (unsaved === undefined) throw new LoginRequired({ reason: "noToken", key })
  const again = await saveCredential(platform, { ...record, ifVersion: null })
  if (again.saved) return { kind: "refreshed", credential, rotated }
  throw again.error ?? new TokenStoreError({ reason: "unavailable", key })
}

/** The server refused the refresh token: perhaps because somebody else has used it, and then theirs is in the store. */
const refused = async (
  platform: Platform,
  request: RefreshRequest,
  credential: Credential,
  error: TokenErrorResponse,
): Promise<RefreshOutcome> => {
  const { key } = request
  const stored = await requireStored(platform, request)
  if (stored.version !== credential.version) return { kind: "adopted", credential: stored }
  if (await callStore(platform, key, (store) => store.remove(key, credential.version))) {
    throw new LoginRequired({ reason: "revoked", key, error })
  }
  return { kind: "adopted", credential: await requireStored(platform, request) }
}

export const ownerOf = ({ server, client }: TokenEndpointOptions): CredentialOwner => ({
  clientId: client.clientId,
  tokenEndpoint: server.tokenEndpoint,
})
