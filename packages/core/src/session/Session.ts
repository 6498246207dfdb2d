/** One stored credential, its current token, and the callers that use it. Both kinds of session are built on it. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Base64Url from "effect/encoding/Base64Url"
import * as Result from "effect/Result"
import type * as Tracer from "effect/Tracer"
import { checked } from "../common/checked.js"
import type { ConfigurationError } from "../errors/ConfigurationError.js"
import type { CompleteAuthorizationError, RefreshError, TokenRequestError } from "../errors/TokenError.js"
import { TokenStoreError } from "../errors/TokenStoreError.js"
import {
  type AuthorizationCode,
  type CallbackUrl,
  parseWithTransaction,
} from "../protocol/AuthorizationResponse.js"
import { authorizationCodeGrant } from "../protocol/Grant.js"
import type { Token } from "../protocol/Token.js"
import type { ClientContext } from "./ClientContext.js"
import type { Credential } from "./Credential.js"
import { type ImportedToken, readImportedToken, readReplace } from "./ImportedToken.js"
import { InFlightRefresh } from "./InFlightRefresh.js"
import { SessionCredential } from "./SessionCredential.js"
import type { SessionState } from "./SessionState.js"
import { requireKey } from "./sessionKey.js"
import { startRefresh } from "./startRefresh.js"
import { startTiming, type Timing } from "./TokenEvent.js"
import { plainMinValidity, readRequirements, type TokenRequirements } from "./TokenRequirements.js"
import { type TokenState, withExpiry } from "./TokenState.js"

/** How many times a caller joins a refresh, if the token of the first one is not fresh enough for it. */
const maximumRounds = 3

export class Session {
  readonly #credential: SessionCredential
  #inFlight: InFlightRefresh | undefined

  /** @throws ConfigurationError for a key that no store can hold */
  constructor(key: string, context: ClientContext) {
    this.#credential = new SessionCredential(requireKey(key), context)
  }

  get key(): string {
    return this.#credential.key
  }

  /** Not kept, to save memory: a process may have many idle sessions. */
  get #context(): ClientContext {
    return this.#credential.context
  }

  get state(): SessionState<Credential> {
    return this.#credential.state
  }

  /** Whether no credential is only in memory, because it could not be written to the store. */
  get isSaved(): boolean {
    return this.#credential.unsaved === undefined
  }

  /** Whether the session has no running work, and nothing that is only in memory. */
  get #isQuiet(): boolean {
    return !this.isRefreshing && this.isSaved && this.state.snapshot().status !== "exchanging"
  }

  /** Whether the session has no listener and no running work, so that it can be dropped and made again later. */
  get isIdle(): boolean {
    return this.#isQuiet && !this.state.isWatched
  }

  get isRefreshing(): boolean {
    return this.#inFlight !== undefined
  }

  /** The token in memory, if it meets the requirements. Allocates nothing. */
  cached(options: TokenRequirements | undefined): Credential | undefined {
    const minValidity = plainMinValidity(options)
    if (minValidity === undefined) return undefined
    const held = this.state.usable(minValidity)
    // A credential that is not in the store yet is written again in the background.
    if (held !== undefined && !this.isSaved && this.state.recentFailure() === undefined) {
      this.#join(minValidity)
    }
    return held
  }

  /** The current token at once if it is fresh. Otherwise the token is refreshed, once for all callers. */
  getToken(options: TokenRequirements = {}): Effect.Effect<Token, RefreshError> {
    return Effect.suspend(() => {
      const cached = this.cached(options)
      if (cached !== undefined) return Effect.succeed(cached.token)
      return Effect.map(this.#obtain(options), ({ token }) => token)
    })
  }

  #obtain(options: TokenRequirements): Effect.Effect<Credential, RefreshError> {
    return Effect.gen({ self: this }, function* () {
      const { state } = this
      const { least, force } = yield* Effect.fromResult(checked(() => readRequirements(options)))
      const unwanted = force ? state.held?.accessToken : undefined
      const span = yield* this.#context.tracing.current
      const caller = {
        deadline: this.#context.settings.deadline,
        now: this.#context.monotonic,
        usable: () => state.usable(0, unwanted),
      }
      for (let round = 1; round <= maximumRounds; round++) {
        const fresh = state.usable(least, unwanted)
        if (fresh !== undefined) return fresh
        const failure = unwanted === undefined ? state.recentFailure() : undefined
        // The recent failure is always one of a refresh, so the cast is safe.
        if (failure !== undefined) return yield* this.#stillUsable(failure as RefreshError, unwanted)
        const result = yield* Effect.result(this.#join(least, unwanted, span).wait(caller))
        if (Result.isFailure(result)) return yield* this.#stillUsable(result.failure, unwanted)
        const { credential, kind } = result.success
        if (kind !== "adopted" || state.isAcceptable(credential, least, unwanted)) return credential
        // The refresh adopted a token of another process that is not fresh enough for this caller.
      }
      return yield* this.#stillUsable(
        new TokenStoreError({ reason: "leaseTimeout", key: this.key }),
        unwanted,
      )
    })
  }

  /** Joins the refresh that is under way, or starts one. */
  #join(minValidity: number, unwanted?: string, caller?: Tracer.AnySpan): InFlightRefresh {
    if (this.#inFlight !== undefined) return this.#inFlight
    const inFlight = new InFlightRefresh()
    // Set before the work starts, because the work may end before `startRefresh` returns.
    this.#inFlight = inFlight
    const onEnd = () => {
      this.#inFlight = undefined
    }
    const credential = this.#credential
    startRefresh(this.#context, { credential, inFlight, minValidity, unwanted, caller, onEnd })
    return inFlight
  }

  /** After a refresh that failed, the current token is returned if it is still valid. */
  #stillUsable(error: RefreshError, unwanted: string | undefined): Effect.Effect<Credential, RefreshError> {
    const isFinal =
      error._tag === "LoginRequired" || (error._tag === "TokenStoreError" && error.reason === "notDurable")
    const usable = isFinal ? undefined : this.state.usable(0, unwanted)
    return usable === undefined ? Effect.fail(error) : Effect.succeed(usable)
  }

  /** When the client closes, a credential that is not in the store yet is written once more. */
  saveUnsaved(): Effect.Effect<void> {
    return this.#credential.saveUnsaved()
  }

  /** Completes a login: checks the URL that the user came back to, exchanges the code, and stores the token. */
  completeAuthorization(
    callbackUrl: CallbackUrl,
    transaction: string,
  ): Effect.Effect<Token, CompleteAuthorizationError> {
    return Effect.suspend((): Effect.Effect<Token, CompleteAuthorizationError> => {
      const response = parseWithTransaction(callbackUrl, transaction, this.#context.now())
      if (Result.isFailure(response)) {
        // A redirect that does not belong to this login must not end it.
        const error = response.failure
        if (error._tag === "AuthorizationErrorResponse") this.state.endLogin(error)
        return Effect.fail(error)
      }
      const code = response.success
      const login = this.#context.share(
        JSON.stringify(["login", this.key, code.code, code.codeVerifier]),
        () => this.#exchange(code),
      )
      return this.#context.untilDeadline(login)
    })
  }

  #exchange(code: AuthorizationCode): Effect.Effect<Token, TokenRequestError | TokenStoreError> {
    const { state } = this
    state.beginExchange()
    const timing = startTiming(this.#context.now)
    let attempts = 0
    const onAttempt = (attempt: number) => {
      attempts = attempt
    }
    let before: Credential | undefined
    const finish = (token: Token) =>
      Effect.map(this.#credential.replace({ token, before }), (error) => ({ token, error }))
    let failure: TokenRequestError | TokenStoreError | undefined
    const onFailure = (error: TokenRequestError | TokenStoreError) => {
      failure = error
    }
    // A code can be sent only once, so it is not sent if the store can never accept the token.
    const checkStore = Effect.catch(
      Effect.map(this.#credential.store.read, (stored) => {
        before = stored
      }),
      (error) => {
        if (error.reason !== "unusable") return Effect.void
        onFailure(error)
        return Effect.fail(error)
      },
    )
    const issued = this.#context.send(authorizationCodeGrant(code), { finish, onAttempt, onFailure })
    return Effect.andThen(checkStore, issued).pipe(
      Effect.onExit((exit) =>
        Effect.sync(() => (Exit.isSuccess(exit) ? undefined : state.endLogin(failure))),
      ),
      Effect.flatMap(({ token, error }) => {
        state.emit({ type: "tokenIssued", ...withExpiry(token), ...timing(attempts) })
        if (error === undefined) return Effect.succeed(token)
        state.fail(error, timing(attempts))
        return Effect.fail(error)
      }),
    )
  }

  /**
   * Takes over a token from another place. Importing the same token again changes nothing, since the store may hold a
   * newer one, unless `replace` is true.
   */
  importToken(
    imported: Token | ImportedToken,
    options: { readonly replace?: boolean | undefined } = {},
  ): Effect.Effect<void, TokenStoreError | ConfigurationError> {
    const context = this.#context
    const credential = this.#credential
    return Effect.gen({ self: this }, function* () {
      const { defaultScope } = context.settings.server
      const { token, replace } = yield* Effect.fromResult(
        checked(() => ({
          token: readImportedToken(imported, defaultScope, context.now()),
          replace: readReplace(options),
        })),
      )
      const hash = yield* context.crypto.sha256(token.refreshToken ?? token.accessToken)
      const name = Base64Url.encode(hash)
      const { unsaved } = credential
      // The newer token is not in the store yet, and the imported one may have been used already.
      if (!replace && unsaved?.credential.imported === name && unsaved.replaces !== undefined) return
      const isOvertaken = credential.watchOvertaken()
      const stored = replace ? undefined : yield* this.#readUndamaged
      if (stored?.imported === name) {
        yield* this.#reloaded(isOvertaken, stored, startTiming(context.now)(0))
        return
      }
      const error = yield* context.run(credential.replace({ token, before: stored, imported: name }))
      if (error === undefined) return
      this.state.fail(error, { duration: 0, attempts: 0 })
      return yield* Effect.fail(error)
    })
  }

  /** A damaged record is treated as missing, since a new token will replace it. */
  get #readUndamaged(): Effect.Effect<Credential | undefined, TokenStoreError> {
    return Effect.catch(this.#credential.store.read, (error) =>
      error.action === "login" ? Effect.undefined : Effect.fail(error),
    )
  }

  /** Reads the store, unless it was read before, and returns the state. Makes no request. */
  restore(): Effect.Effect<TokenState, TokenStoreError> {
    return Effect.suspend(() => {
      const state = this.state.snapshot()
      return state.status === "restoring" ? this.reload() : Effect.succeed(state)
    })
  }

  /** Reads the store again, for example after another tab, process or machine wrote to it. Makes no request. */
  reload(): Effect.Effect<TokenState, TokenStoreError> {
    return Effect.suspend(() => {
      const isOvertaken = this.#credential.watchOvertaken()
      const timing = startTiming(this.#context.now)
      return Effect.flatMap(this.#credential.store.read, (stored) =>
        this.#reloaded(isOvertaken, stored, timing(0)),
      )
    })
  }

  /** @param isOvertaken whether a login or a sign-out came while the store was read */
  #reloaded(
    isOvertaken: () => boolean,
    stored: Credential | undefined,
    timing: Timing,
  ): Effect.Effect<TokenState> {
    const { state } = this
    const isQuiet = this.#isQuiet
    let work = Effect.void
    if (!isOvertaken()) {
      if (isQuiet) work = this.#credential.adopt(stored, timing)
      // The state must show the stored token even if the refresh that is under way fails.
      else if (stored !== undefined && state.snapshot().status === "restoring") state.adoptMeanwhile(stored)
    }
    return Effect.map(work, () => state.snapshot())
  }

  /** Removes the token from memory and from the store. Other processes are signed out when they next read the store. */
  signOut(): Effect.Effect<void, TokenStoreError | ConfigurationError> {
    return this.#credential.signOut()
  }
}
