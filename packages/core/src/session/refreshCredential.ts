/** The refresh of one credential that many share: the one algorithm that must be right. */
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
  /** A name that no other holder or write has; called for each. */
  readonly uniqueId: () => string
  /** Whether a token will do: fresh enough, and not one that the callers have already. */
  readonly isAcceptable: (credential: Credential) => boolean
  /** Whether a token can still be used at all. */
  readonly isUsable: (credential: Credential) => boolean
  /** The newest credential in memory: the store may be one write behind it, after a failover or a restore. */
  readonly inHand: Credential | undefined
  /** A credential that the server gave and the store did not take yet. */
  readonly unsaved: UnsavedCredential | undefined
  /** Sends one refresh grant, and runs `finish` with its token in the same uninterruptible region. */
  readonly send: <A>(
    refreshToken: string,
    options: {
      readonly previous: Token
      /** Run before each request; its failure ends the attempts. */
      readonly before: Effect.Effect<void, TokenStoreError>
      readonly finish: (token: Token) => Effect.Effect<A>
    },
  ) => Effect.Effect<A, TokenRequestError | TokenStoreError>
  readonly observer: RefreshObserver
}

/** What the store did not take yet. */
export interface UnsavedCredential {
  readonly credential: Credential
  /** The version that it replaces: `null` for no record, `undefined` for a login, which replaces whatever is there. */
  readonly replaces: string | null | undefined
  /** The holder of the lease under which it was got. */
  readonly holder: string
}

export interface RefreshObserver {
  /** The store has this credential, which can be used until the refresh has ended. */
  readonly onFound: (credential: Credential) => void
  readonly onWaiting: () => void
  readonly onWaited: (duration: number, attempts: number) => void
  readonly onRefreshing: () => void
  /** The credential that the store had not taken is in it now. */
  readonly onSaved: (unsaved: UnsavedCredential) => void
  /** Whether a login or a sign-out of this process has come in between. */
  readonly isOvertaken: () => boolean
  /** Told at once, before anything can interrupt. */
  readonly onOutcome: (outcome: RefreshOutcome) => void
}

export type RefreshOutcome =
  | { readonly kind: "adopted"; readonly credential: Credential }
  | {
      readonly kind: "refreshed"
      readonly credential: Credential
      readonly rotated: boolean
      /** The token is one that the store had not taken before, and not new. */
      readonly isLate?: boolean
    }
  /** The server gave a token and the store did not take it. */
  | { readonly kind: "unsaved"; readonly unsaved: UnsavedCredential; readonly error: TokenStoreError }
  /** The record was removed meanwhile: a sign-out wins over a refresh that it overtook. */
  | { readonly kind: "removed" }

type Timing = Pick<TokenEndpointSettings, "timeout" | "deadline">

/** How long a write of a new token is tried again, in milliseconds. */
export const writeBudget = ({ deadline }: Timing): number => deadline / 2

/** A lease outlives the longest request and the write after it, in milliseconds, also in a process that is stopped. */
const leaseDuration = (timing: Timing): number => timing.timeout + gracePeriod + writeBudget(timing) + 1000

/** The longest that a living holder may need, and a dead one's lease after it, in milliseconds. */
const maxLeaseWait = (timing: Timing): number => timing.deadline + 2 * leaseDuration(timing)

/**
 * Looks into the store first, since another holder may have refreshed; otherwise refreshes, under the store's lease,
 * and writes the new token before anybody sees it.
 */
export const refreshCredential = Effect.fnUntraced(function* (
  request: RefreshRequest,
): Effect.fn.Return<RefreshOutcome, RefreshError> {
  const { store, settings, uniqueId, observer } = request
  if (request.unsaved === undefined) {
    const found = yield* look(request)
    if (found !== undefined) return found
  }
  const owner = request.unsaved?.holder ?? uniqueId()
  return yield* withLease(
    {
      store,
      owner,
      isKept: request.unsaved !== undefined,
      duration: leaseDuration(settings),
      maxWait: maxLeaseWait(settings),
      checkBeforeEachAttempt: look(request),
      // While the store does not take the new token, nobody else may present the one that it has.
      keepLeaseIf: (outcome: RefreshOutcome) => outcome.kind === "unsaved",
      onWaiting: observer.onWaiting,
      onWaited: observer.onWaited,
    },
    (isHeld) => underLease(request, owner, isHeld),
  )
})

/** The store's credential, if it will do. None means a sign-out, unless one waits to be written. */
const look = Effect.fnUntraced(function* (
  request: RefreshRequest,
): Effect.fn.Return<RefreshOutcome | undefined, RefreshError> {
  const credential = yield* request.store.read
  if (credential === undefined) {
    return request.unsaved === undefined ? yield* noToken(request) : undefined
  }
  if (isBehind(request, credential)) return undefined
  if (request.isAcceptable(credential)) return { kind: "adopted", credential }
  request.observer.onFound(credential)
  return undefined
})

/** The store has an older credential than this process: a failover or a restore has undone the last write. */
const isBehind = ({ inHand }: RefreshRequest, stored: Credential): boolean =>
  inHand !== undefined && isNewer(inHand, stored)

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
): Effect.fn.Return<RefreshOutcome, RefreshError> {
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
  // The process was stopped meanwhile, and another holder has spent the refresh token that was read, or is about to.
  if (isHeld()) return yield* exchange(request, newest, holder, isHeld)
  return yield* lookOnceMore(request)
})

const lookOnceMore = Effect.fnUntraced(function* (
  request: RefreshRequest,
): Effect.fn.Return<RefreshOutcome, RefreshError> {
  const found = yield* look(request)
  return found ?? (yield* leaseLost(request.store))
})

const leaseLost = ({ key }: CredentialStore) => {
  const detail = "this process was stopped for longer than its lease"
  return Effect.fail(new TokenStoreError({ reason: "leaseTimeout", key, detail }))
}

/** A store that is one write behind has a refresh token that was spent: it gets the newer credential of this process. */
const offerNewer = Effect.fnUntraced(function* (
  request: RefreshRequest,
  stored: Credential,
): Effect.fn.Return<Credential, RefreshError> {
  const { store, settings, inHand } = request
  if (inHand === undefined || !isBehind(request, stored)) return stored
  const budget = writeBudget(settings)
  const result = yield* saveCredential(store, { credential: inHand, ifVersion: stored.version, budget })
  return result.saved || result.error !== undefined ? inHand : (result.found ?? inHand)
})

/** A login that the store did not take replaces what is there, unless a later login has come in between. */
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
): Effect.fn.Return<RefreshOutcome, RefreshError> {
  const { store, uniqueId, observer, send, isUsable } = request
  const { token, login, sequence, imported } = credential
  const { refreshToken } = token
  if (refreshToken === undefined) {
    // A record that nobody can use would only be found again and again.
    if (!isUsable(credential)) yield* ignoreFailure(store.remove(credential.version))
    return yield* Effect.fail(new LoginRequired({ reason: "expired", key: store.key }))
  }
  observer.onRefreshing()
  // A lease may be lost in a pause between two requests.
  const before = Effect.suspend(() => (isHeld() ? Effect.void : leaseLost(store)))
  const finish = (fresh: Token): Effect.Effect<RefreshOutcome> => {
    const next = new Credential({
      token: fresh,
      version: uniqueId(),
      login,
      sequence: sequence + 1,
      imported,
    })
    const unsaved = { credential: next, replaces: credential.version, holder }
    return Effect.tap(save(request, unsaved, fresh.refreshToken !== refreshToken), (outcome) =>
      Effect.sync(() => observer.onOutcome(outcome)),
    )
  }
  return yield* Effect.catch(
    send(refreshToken, { previous: token, before, finish }),
    (error): Effect.Effect<RefreshOutcome, RefreshError> => {
      if (error._tag === "TokenStoreError" && error.reason === "leaseTimeout") return lookOnceMore(request)
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
  // Another holder wrote: they hold the lease now, or a new login replaced everything. Theirs counts.
  if (result.found !== undefined) return { kind: "adopted", credential: result.found }
  // The record is gone. A sign-out wins over a refresh that it overtook; but a credential that waited for the store
  // to come back may be gone because others, who could not see it, had only the spent one to present.
  if (request.unsaved === undefined || request.observer.isOvertaken()) return { kind: "removed" }
  const again = yield* saveCredential(store, { credential, ifVersion: null, budget })
  if (again.saved) return { kind: "refreshed", credential, rotated }
  if (again.error === undefined && again.found !== undefined)
    return { kind: "adopted", credential: again.found }
  return failed(again.error ?? new TokenStoreError({ reason: "unavailable", key: store.key }))
})

/** The server refused the refresh token: perhaps because another holder has used it, and then theirs is in the store. */
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
