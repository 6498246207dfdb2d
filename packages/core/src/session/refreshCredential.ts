/** Refreshes one credential that several processes may share. */
import * as Effect from "effect/Effect"
import { ignoreFailure } from "../common/ignoreFailure.js"
import { gracePeriod } from "../common/waitAtMost.js"
import { LoginRequired } from "../errors/LoginRequired.js"
import type { RefreshError, TokenRequestError } from "../errors/TokenError.js"
import type { TokenErrorResponse } from "../errors/TokenErrorResponse.js"
import { TokenStoreError } from "../errors/TokenStoreError.js"
import type { Token } from "../protocol/Token.js"
import type { TokenEndpointSettings } from "../services/TokenEndpoint.js"
import { Credential, isNewer } from "./Credential.js"
import type { CredentialStore } from "./CredentialStore.js"
import { saveCredential } from "./saveCredential.js"
import { withLease } from "./withLease.js"

export interface RefreshRequest {
  readonly store: CredentialStore
  readonly settings: TokenEndpointSettings
  /** Returns a new unique id, for a lease holder or a write. */
  readonly uniqueId: () => string
  /** Whether a token is fresh enough, and not one that the callers already have. */
  readonly isAcceptable: (credential: Credential) => boolean
  /** Whether a token is still valid. */
  readonly isUsable: (credential: Credential) => boolean
  /** The newest credential in memory. After a failover or a restore, the store may have an older one. */
  readonly inMemory: Credential | undefined
  /** A new credential that could not be written to the store yet. */
  readonly unsaved: UnsavedCredential | undefined
  /** Sends one refresh grant, and runs `finish` with its token in the same uninterruptible region. */
  readonly send: <A>(
    refreshToken: string,
    options: {
      readonly previous: Token
      /** Runs before each request. Its failure ends the attempts. */
      readonly before: Effect.Effect<void, TokenStoreError>
      readonly finish: (token: Token) => Effect.Effect<A>
    },
  ) => Effect.Effect<A, TokenRequestError | TokenStoreError>
  readonly observer: RefreshObserver
}

/** A new credential that could not be written to the store yet. */
export interface UnsavedCredential {
  readonly credential: Credential
  /** The version that it replaces: `null` for no record, `undefined` for a login, which replaces any record. */
  readonly replaces: string | null | undefined
  /** The holder of the lease under which the request was sent. */
  readonly holder: string
}

export interface RefreshObserver {
  /** The store has this credential, which may be usable until the refresh has ended. */
  readonly onFound: (credential: Credential) => void
  readonly onWaiting: () => void
  readonly onWaited: (duration: number, attempts: number) => void
  readonly onRefreshing: () => void
  /** The unsaved credential is in the store now. */
  readonly onSaved: (unsaved: UnsavedCredential) => void
  /** Whether a login or a sign-out of this process came during the refresh. */
  readonly isOvertaken: () => boolean
  /** Called at once, before anything can interrupt. */
  readonly onOutcome: (outcome: RefreshOutcome) => void
}

export type RefreshOutcome =
  | { readonly kind: "adopted"; readonly credential: Credential }
  | {
      readonly kind: "refreshed"
      readonly credential: Credential
      readonly rotated: boolean
      /** The token is not new: it is one that could not be written to the store before. */
      readonly isLate?: boolean
    }
  /** The server sent a token, and it could not be written to the store. */
  | { readonly kind: "unsaved"; readonly unsaved: UnsavedCredential; readonly error: TokenStoreError }
  /** The record was removed during the refresh: the user signed out. */
  | { readonly kind: "removed" }

type Timing = Pick<TokenEndpointSettings, "timeout" | "deadline">

/** How long the write of a new token is repeated, in milliseconds. */
export const writeBudget = ({ deadline }: Timing): number => deadline / 2

/** In milliseconds: longer than the longest request and the write after it, also in a process that is stopped. */
const leaseDuration = (timing: Timing): number => timing.timeout + gracePeriod + writeBudget(timing) + 1000

/** The longest wait for a lease, in milliseconds: long enough for a slow holder, and for the lease of a killed one. */
const maxLeaseWait = (timing: Timing): number => timing.deadline + 2 * leaseDuration(timing)

/**
 * Reads the store first, since another process may have refreshed the token. Otherwise refreshes it, while holding the
 * store's lease, and writes the new token to the store before any caller gets it.
 */
export const refreshCredential = Effect.fnUntraced(function* (
  request: RefreshRequest,
): Effect.fn.Return<RefreshOutcome, RefreshError> {
  const { store, settings, uniqueId, observer } = request
  if (request.unsaved === undefined) {
    const found = yield* readStore(request)
    if (found !== undefined) return found
  }
  for (let attempt = 1; attempt <= maximumLeases; attempt++) {
    const owner = request.unsaved?.holder ?? uniqueId()
    const outcome = yield* withLease<RefreshOutcome | LostLease, RefreshError, never>(
      {
        store,
        owner,
        isKept: request.unsaved !== undefined,
        duration: leaseDuration(settings),
        maxWait: maxLeaseWait(settings),
        checkBeforeEachAttempt: readStore(request),
        // Until the new token is in the store, no other process may send the old refresh token.
        keepLeaseIf: ({ kind }) => kind === "unsaved",
        onWaiting: observer.onWaiting,
        onWaited: observer.onWaited,
      },
      (isHeld) => underLease(request, owner, isHeld),
    )
    if (outcome.kind !== "lostLease") return outcome
  }
  return yield* leaseLost(store)
})

/** The lease was lost before a request was sent, while this process was stopped. Another lease can be taken. */
interface LostLease {
  readonly kind: "lostLease"
}

const lostLease: LostLease = { kind: "lostLease" }

/** How many leases a refresh takes, one after the other, if it loses them. */
const maximumLeases = 3

/** The store's credential, if it is acceptable. Without a record the user has signed out, unless one is still unsaved. */
const readStore = Effect.fnUntraced(function* (
  request: RefreshRequest,
): Effect.fn.Return<RefreshOutcome | undefined, RefreshError> {
  const credential = yield* request.store.read
  if (credential === undefined) {
    return request.unsaved === undefined ? yield* noToken(request) : undefined
  }
  if (isStoreBehind(request, credential)) return undefined
  if (request.isAcceptable(credential)) return { kind: "adopted", credential }
  request.observer.onFound(credential)
  return undefined
})

/** Whether the store has an older credential than this process, because a failover or a restore undid a write. */
const isStoreBehind = ({ inMemory }: RefreshRequest, stored: Credential): boolean =>
  inMemory !== undefined && isNewer(inMemory, stored)

const noToken = ({ store }: RefreshRequest) =>
  Effect.fail(new LoginRequired({ reason: "noToken", key: store.key }))

const requireStored = (request: RefreshRequest): Effect.Effect<Credential, RefreshError> =>
  Effect.flatMap(request.store.read, (credential) =>
    credential === undefined ? noToken(request) : Effect.succeed(credential),
  )

const underLease = Effect.fnUntraced(function* (
  request: RefreshRequest,
  holder: string,
  isHeld: () => boolean,
): Effect.fn.Return<RefreshOutcome | LostLease, RefreshError> {
  const { unsaved, isAcceptable } = request
  if (unsaved !== undefined) {
    const outcome = yield* saveLate(request, unsaved)
    if (outcome.kind !== "unsaved") request.observer.onSaved(unsaved)
    if (!("credential" in outcome)) return outcome
    if (isAcceptable(outcome.credential)) {
      return outcome.kind === "refreshed" ? { ...outcome, isLate: true } : outcome
    }
  }
  const newest = yield* offerNewer(request, yield* requireStored(request))
  if (isAcceptable(newest)) return { kind: "adopted", credential: newest }
  return yield* exchange(request, newest, holder, isHeld)
})

const readStoreAgain = Effect.fnUntraced(function* (
  request: RefreshRequest,
): Effect.fn.Return<RefreshOutcome, RefreshError> {
  const found = yield* readStore(request)
  return found ?? (yield* leaseLost(request.store))
})

const leaseLost = ({ key }: CredentialStore) => {
  const detail = "this process was stopped for longer than its lease"
  return Effect.fail(new TokenStoreError({ reason: "leaseTimeout", key, detail }))
}

/** If the store has an older credential, whose refresh token was used already, writes the newer one of this process. */
const offerNewer = Effect.fnUntraced(function* (
  request: RefreshRequest,
  stored: Credential,
): Effect.fn.Return<Credential, RefreshError> {
  const { store, settings, inMemory } = request
  if (inMemory === undefined || !isStoreBehind(request, stored)) return stored
  const budget = writeBudget(settings)
  const result = yield* saveCredential(store, { credential: inMemory, ifVersion: stored.version, budget })
  return result.saved || result.error !== undefined ? inMemory : (result.found ?? inMemory)
})

/** Writes an unsaved credential. That of a login replaces any record, unless a later login is in the store. */
const saveLate = Effect.fnUntraced(function* (
  request: RefreshRequest,
  unsaved: UnsavedCredential,
): Effect.fn.Return<RefreshOutcome, RefreshError> {
  if (unsaved.replaces !== undefined) return yield* save(request, unsaved, false)
  const stored = yield* request.store.read
  if (stored !== undefined && stored.sequence >= unsaved.credential.sequence) {
    return { kind: "adopted", credential: stored }
  }
  return yield* save(request, { ...unsaved, replaces: stored?.version ?? null }, false)
})

const exchange = Effect.fnUntraced(function* (
  request: RefreshRequest,
  credential: Credential,
  holder: string,
  isHeld: () => boolean,
): Effect.fn.Return<RefreshOutcome | LostLease, RefreshError> {
  const { store, uniqueId, observer, send, isUsable } = request
  const { token, login, sequence, imported } = credential
  const { refreshToken } = token
  if (refreshToken === undefined) {
    // The record can never be used again, so it is removed.
    if (!isUsable(credential)) yield* ignoreFailure(store.remove(credential.version))
    return yield* Effect.fail(new LoginRequired({ reason: "expired", key: store.key }))
  }
  // Another process may have sent the refresh token that was read.
  if (!isHeld()) return lostLease
  observer.onRefreshing()
  let isSent = false
  // A lease may also be lost in the queue, or in a pause between two requests.
  const before = Effect.suspend(() => {
    if (!isHeld()) return leaseLost(store)
    isSent = true
    return Effect.void
  })
  const finish = (fresh: Token): Effect.Effect<RefreshOutcome> => {
    const next = new Credential({
      token: fresh,
      version: uniqueId(),
      login,
      sequence: sequence + 1,
      imported,
    })
    const unsaved = { credential: next, replaces: credential.version, holder }
    return Effect.map(save(request, unsaved, fresh.refreshToken !== refreshToken), (outcome) => {
      observer.onOutcome(outcome)
      return outcome
    })
  }
  return yield* Effect.catch(
    send(refreshToken, { previous: token, before, finish }),
    (error): Effect.Effect<RefreshOutcome | LostLease, RefreshError> => {
      if (error._tag === "TokenStoreError")
        return isSent ? readStoreAgain(request) : Effect.succeed(lostLease)
      return error._tag === "TokenErrorResponse" && error.error === "invalid_grant"
        ? refused(request, credential, error)
        : Effect.fail(error)
    },
  )
})

/** Never fails: its caller holds the only copy of a token. */
const save = Effect.fnUntraced(function* (
  request: RefreshRequest,
  unsaved: UnsavedCredential,
  rotated: boolean,
): Effect.fn.Return<RefreshOutcome> {
  const { store, settings } = request
  const { credential, replaces } = unsaved
  const budget = writeBudget(settings)
  const failed = (error: TokenStoreError): RefreshOutcome => ({
    kind: "unsaved",
    unsaved,
    error: error.as("notDurable"),
  })
  const result = yield* saveCredential(store, { credential, ifVersion: replaces, budget })
  if (result.saved) return { kind: "refreshed", credential, rotated }
  if (result.error !== undefined) return failed(result.error)
  // Another process wrote: it has the lease now, or it stored a new login. Its credential counts.
  if (result.found !== undefined) return { kind: "adopted", credential: result.found }
  // The record is gone, normally because the user signed out, which wins. But an unsaved credential is written again:
  // another process may have removed the record after the server refused its old refresh token.
  if (request.unsaved === undefined || request.observer.isOvertaken()) return { kind: "removed" }
  const again = yield* saveCredential(store, { credential, ifVersion: null, budget })
  if (again.saved) return { kind: "refreshed", credential, rotated }
  if (again.error === undefined && again.found !== undefined)
    return { kind: "adopted", credential: again.found }
  return failed(again.error ?? new TokenStoreError({ reason: "unavailable", key: store.key }))
})

/** The server refused the refresh token. If another process used it before, its new credential is in the store. */
const refused = Effect.fnUntraced(function* (
  request: RefreshRequest,
  credential: Credential,
  error: TokenErrorResponse,
): Effect.fn.Return<RefreshOutcome, RefreshError> {
  const { store } = request
  const stored = yield* requireStored(request)
  if (stored.version !== credential.version) return { kind: "adopted", credential: stored }
  if (yield* store.remove(credential.version)) {
    return yield* Effect.fail(new LoginRequired({ reason: "revoked", key: store.key, error }))
  }
  return { kind: "adopted", credential: yield* requireStored(request) }
})
