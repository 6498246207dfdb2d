/** A session: one stored credential, its current token, and everybody who waits for it. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { type AuthorizationCode, parseAuthorizationResponse } from "../authorization/AuthorizationResponse.js"
import { restoreTransaction } from "../authorization/AuthorizationTransaction.js"
import type { WebCrypto } from "../authorization/WebCrypto.js"
import { type DurationOption, describe, requireDuration, requireString } from "../common/options.js"
import { type CallOptions, run } from "../common/run.js"
import { typed } from "../common/typed.js"
import {
  type AuthorizationErrorResponse,
  ConfigurationError,
  type InvalidAuthorizationResponse,
  isTokenError,
  LoginRequired,
  TokenStoreError,
} from "../errors.js"
import { callStore, type TokenStore } from "../store/TokenStore.js"
import type { Token } from "../token/Token.js"
import { makeTokenEndpoint, type TokenEndpointSettings } from "../token/TokenEndpoint.js"
import type { Transport } from "../token/Transport.js"
import { defaultMinValidity, isValid } from "../token/tokenValidity.js"
import { type Credential, readCredential } from "./Credential.js"
import { issueCredential } from "./issueCredential.js"
import {
  leaseDuration,
  ownerOf,
  type RefreshError,
  type RefreshOutcome,
  refreshCredential,
} from "./refreshCredential.js"
import {
  makeTokenSessionShared,
  type TokenSessionSettings,
  type TokenSessionShared,
} from "./TokenSessionShared.js"
import { type Effort, TokenSessionState, withExpiry } from "./TokenSessionState.js"
import type { LoginMethod, TokenState } from "./TokenState.js"

export interface GetAccessTokenOptions extends CallOptions {
  /** How long the token has to be good for, at least: 60 seconds if left out, and never more than half its life. */
  readonly minValidity?: DurationOption
  /** Gets another token than the current one, however long that one is still good for. */
  readonly force?: boolean
}

export type CompleteAuthorizationError =
  | RefreshError
  | InvalidAuthorizationResponse
  | AuthorizationErrorResponse

type CallbackUrl = string | { readonly href: string }

interface Obtained {
  readonly credential: Credential
  readonly kind: "adopted" | "refreshed"
}

type Flight = Promise<Exit.Exit<Obtained, RefreshError>>

/** How often a caller joins a refresh whose token turns out not to be fresh enough for it. */
const maximumRounds = 3

export class TokenSession {
  readonly key: string
  readonly #shared: TokenSessionShared
  readonly #state: TokenSessionState
  /** The refresh that is under way, with everybody who waits for it. */
  #flight: Flight | undefined
  /** Counts logins and sign-outs: what was under way before one of them must not undo it. */
  #generation = 0

  /** @throws ConfigurationError for a key that no store can hold */
  constructor(key: string, shared: TokenSessionShared) {
    this.key = requireKey(key)
    this.#shared = shared
    this.#state = new TokenSessionState(key, shared)
  }

  /** One session by itself, with the services, the clock and the tracer of the effect that runs it. */
  static make(
    options: TokenEndpointSettings & TokenSessionSettings & { readonly key?: string },
  ): Effect.Effect<TokenSession, ConfigurationError, Transport | WebCrypto | TokenStore> {
    return Effect.flatMap(Effect.context<Transport | WebCrypto | TokenStore>(), (context) =>
      typed<TokenSession, ConfigurationError>(() => {
        const shared = makeTokenSessionShared(makeTokenEndpoint(options), context, options)
        return new TokenSession(options.key ?? defaultKey, shared)
      }),
    )
  }

  /**
   * A valid access token: the current one where it is fresh, at once and without I/O, and otherwise the result of the
   * one refresh that everybody waits for. Aborting it lets the caller go; the refresh goes on.
   *
   * @throws LoginRequired, TokenStoreError, TokenErrorResponse, TokenEndpointUnavailable, TransportError, InvalidTokenResponse, ConfigurationError
   */
  getAccessToken(options?: GetAccessTokenOptions): Promise<string> {
    const cached = this.#cached(options)
    return cached === undefined
      ? run(this.#getAccessToken(options), options?.signal)
      : Promise.resolve(cached)
  }

  /**
   * Tells that an API refused this access token (HTTP 401): the next call gets another one. Naming the token keeps
   * three requests that meet the same dead token from causing three refreshes.
   */
  reportRejected(accessToken: string): void {
    this.#state.reject(accessToken)
  }

  /**
   * Ends a login: checks the URL that the user came back to, exchanges the code, and stores the token.
   *
   * @throws InvalidAuthorizationResponse, AuthorizationErrorResponse, TokenErrorResponse, TokenStoreError, TokenEndpointUnavailable, TransportError, InvalidTokenResponse, ConfigurationError
   */
  completeAuthorization(
    callbackUrl: CallbackUrl,
    transaction: string,
    options?: CallOptions,
  ): Promise<Token> {
    return run(this.effect.completeAuthorization(callbackUrl, transaction), options?.signal)
  }

  /** The access token in hand, if it has not expired and no API has refused it. Makes no request. */
  peekAccessToken(): string | undefined {
    const { credential } = this.#state
    return credential !== undefined && this.#state.isWanted(credential, 0)
      ? credential.token.accessToken
      : undefined
  }

  /**
   * Tells those who watch that the user has been sent to log in. `completeAuthorization` ends that, and so does the
   * returned function, which puts the state back where the login was given up.
   */
  beginLogin(method: LoginMethod): () => void {
    return this.#state.beginLogin(method)
  }

  /** Reads the store, and tells what is there. Makes no request. @throws TokenStoreError */
  restore(options?: CallOptions): Promise<TokenState> {
    return run(this.effect.restore(), options?.signal)
  }

  /**
   * Looks into the store again, since somebody who shares it has written: takes what is there, or signs out where
   * nothing is. Makes no request, and leaves a refresh that is under way alone.
   *
   * @throws TokenStoreError
   */
  reload(options?: CallOptions): Promise<TokenState> {
    return run(this.effect.reload(), options?.signal)
  }

  /**
   * Forgets the token here and in the store. Whoever shares the store is signed out when they next look there.
   *
   * @throws TokenStoreError where the store did not take it: then the token is forgotten here alone
   */
  signOut(): Promise<void> {
    return run(this.effect.signOut())
  }

  /** The same calls as effects. */
  get effect() {
    return {
      getAccessToken: (
        options?: Omit<GetAccessTokenOptions, "signal">,
      ): Effect.Effect<string, RefreshError> => this.#getAccessToken(options),
      completeAuthorization: (
        callbackUrl: CallbackUrl,
        transaction: string,
      ): Effect.Effect<Token, CompleteAuthorizationError> =>
        this.#completeAuthorization(callbackUrl, transaction),
      restore: (): Effect.Effect<TokenState, TokenStoreError> => this.#restore(),
      reload: (): Effect.Effect<TokenState, TokenStoreError> => this.#reload(),
      signOut: (): Effect.Effect<void, TokenStoreError> => this.#signOut(),
    }
  }

  /** The current state. The same object until it changes. */
  getSnapshot(): TokenState {
    return this.#state.snapshot()
  }

  /** Calls the listener after each change of the state, until the returned function is called. */
  subscribe(listener: () => void): () => void {
    return this.#state.subscribe(listener)
  }

  /** Nobody watches it and nothing is under way, so that it can be forgotten and made again. */
  get isIdle(): boolean {
    return this.#flight === undefined && this.#state.unsaved === undefined && !this.#state.isWatched
  }

  /** The token in hand, if it will do. Allocates nothing. */
  #cached(options: GetAccessTokenOptions | undefined): string | undefined {
    const { credential, unsaved } = this.#state
    const minValidity = options?.minValidity ?? defaultMinValidity
    if (credential === undefined || options?.force || options?.signal?.aborted) return undefined
    if (typeof minValidity !== "number" || !(minValidity >= 0)) return undefined
    if (!this.#state.isWanted(credential, minValidity)) return undefined
    // What the store has not taken yet is offered to it again, while the callers go on.
    if (unsaved !== undefined && this.#state.failure() === undefined)
      void this.#refresh(minValidity, undefined)
    return credential.token.accessToken
  }

  #getAccessToken(options: Omit<GetAccessTokenOptions, "signal"> = {}): Effect.Effect<string, RefreshError> {
    return Effect.suspend(() => {
      const { minValidity = defaultMinValidity, force = false } = options
      const unwanted = force ? this.#state.credential?.token.accessToken : undefined
      return Effect.flatMap(
        typed<number, ConfigurationError>(() =>
          minValidity === 0 ? 0 : requireDuration("minValidity", minValidity),
        ),
        (millis) => this.#obtain(millis, unwanted, maximumRounds),
      )
    })
  }

  #obtain(
    minValidity: number,
    unwanted: string | undefined,
    rounds: number,
  ): Effect.Effect<string, RefreshError> {
    return Effect.suspend(() => {
      const state = this.#state
      if (state.credential !== undefined && state.isWanted(state.credential, minValidity, unwanted)) {
        return Effect.succeed(state.credential.token.accessToken)
      }
      const failure = unwanted === undefined ? state.failure() : undefined
      if (failure !== undefined) return this.#stillValid(failure as RefreshError, unwanted)
      return Effect.matchEffect(join(this.#refresh(minValidity, unwanted)), {
        onFailure: (error) => this.#stillValid(error, unwanted),
        onSuccess: ({ credential, kind }) => {
          if (kind === "refreshed" || state.isWanted(credential, minValidity, unwanted)) {
            return Effect.succeed(credential.token.accessToken)
          }
          // Somebody else's token came out, and it is not fresh enough for this caller.
          if (rounds > 1) return this.#obtain(minValidity, unwanted, rounds - 1)
          return Effect.fail(new TokenStoreError({ reason: "leaseTimeout", key: this.key }))
        },
      })
    })
  }

  /** A refresh that failed costs nobody a token that is still valid. */
  #stillValid(error: RefreshError, unwanted: string | undefined): Effect.Effect<string, RefreshError> {
    const { credential } = this.#state
    const final =
      error._tag === "LoginRequired" || (error._tag === "TokenStoreError" && error.reason === "notDurable")
    return !final && credential !== undefined && this.#state.isWanted(credential, 0, unwanted)
      ? Effect.succeed(credential.token.accessToken)
      : Effect.fail(error)
  }

  /** Joins the refresh that is under way, or starts one. */
  #refresh(minValidity: number, unwanted: string | undefined): Flight {
    this.#flight ??= this.#startRefresh(minValidity, unwanted)
    return this.#flight
  }

  #startRefresh(minValidity: number, unwanted: string | undefined): Flight {
    const { endpoint, uniqueId, refreshes } = this.#shared
    const state = this.#state
    const held = state.credential
    const generation = this.#generation
    const effort = this.#measure()
    const program = refreshCredential({
      key: this.key,
      endpoint: { ...endpoint, onAttempt: effort.onAttempt },
      uniqueId,
      isWanted: (credential) => state.isWanted(credential, minValidity, unwanted),
      unsaved: state.unsaved,
      // Nobody who has a token that is still valid waits for long.
      patience:
        held !== undefined && isValid(held.token, state.now())
          ? endpoint.timeout
          : leaseDuration(endpoint) + endpoint.timeout,
      limit: refreshes.withPermits(1),
      observer: {
        onWaiting: () => state.phase("waiting"),
        onWaited: (duration, attempts) => state.emit({ type: "leaseWaited", duration, attempts }),
        onRefreshing: () => {
          state.phase("refreshing")
          state.emit({ type: "refreshStarted" })
        },
      },
    })
    return this.#detach(program).then((exit) => {
      this.#flight = undefined
      // A login or a sign-out has overtaken this refresh, and what they left is what counts.
      if (generation !== this.#generation) return this.#overtaken()
      if (Exit.isSuccess(exit)) return this.#accept(exit.value, effort.read())
      const error = Cause.squash(exit.cause)
      if (isTokenError(error)) state.fail(error, effort.read())
      return Exit.failCause(exit.cause)
    })
  }

  #accept(outcome: RefreshOutcome, effort: Effort): Exit.Exit<Obtained, RefreshError> {
    const { credential, kind } = outcome
    if (kind === "unsaved") {
      this.#state.publish(credential, credential)
      this.#state.fail(outcome.error, effort)
      return Exit.fail(outcome.error)
    }
    this.#state.publish(credential)
    const told = { ...withExpiry(credential.token), ...effort }
    this.#state.emit(
      kind === "adopted" ? { type: kind, ...told } : { type: kind, rotated: outcome.rotated, ...told },
    )
    return Exit.succeed({ credential, kind })
  }

  #overtaken(): Exit.Exit<Obtained, RefreshError> {
    const { credential } = this.#state
    return credential === undefined
      ? Exit.fail(new LoginRequired({ reason: "noToken", key: this.key }))
      : Exit.succeed({ credential, kind: "adopted" })
  }

  #completeAuthorization(
    callbackUrl: CallbackUrl,
    transaction: string,
  ): Effect.Effect<Token, CompleteAuthorizationError> {
    return Effect.suspend(() => {
      const state = this.#state
      const before = state.beforeLogin()
      const parsed = typed<AuthorizationCode, InvalidAuthorizationResponse | AuthorizationErrorResponse>(() =>
        parseAuthorizationResponse(callbackUrl, restoreTransaction(transaction), state.now()),
      )
      const giveUp = (error: CompleteAuthorizationError) =>
        Effect.sync(() => {
          if (state.snapshot().status !== "exchanging") return
          const reason = before.status === "signedOut" ? before.reason : "initial"
          state.set("refresh" in before ? before : { status: "signedOut", reason, error })
        })
      return Effect.flatMap(parsed, (code) => {
        state.set({ status: "exchanging" })
        // The state is put right even if the caller has gone.
        return join(this.#detach(Effect.tapError(this.#exchange(code), giveUp)))
      })
    })
  }

  #exchange(
    code: AuthorizationCode,
  ): Effect.Effect<Token, CompleteAuthorizationError, Transport | TokenStore> {
    const { endpoint, uniqueId } = this.#shared
    const { key } = this
    const effort = this.#measure()
    const request = { key, endpoint: { ...endpoint, onAttempt: effort.onAttempt }, uniqueId, code }
    return Effect.flatMap(issueCredential(request), ({ credential, notDurable }) => {
      const { token } = credential
      this.#generation++
      this.#state.publish(credential, notDurable && credential)
      this.#state.emit({ type: "tokenIssued", ...withExpiry(token), ...effort.read() })
      if (notDurable === undefined) return Effect.succeed(token)
      this.#state.fail(notDurable, effort.read())
      return Effect.fail(notDurable)
    })
  }

  #restore(): Effect.Effect<TokenState, TokenStoreError> {
    return Effect.suspend(() => {
      const state = this.#state.snapshot()
      return state.status === "restoring" ? this.#reload() : Effect.succeed(state)
    })
  }

  #reload(): Effect.Effect<TokenState, TokenStoreError> {
    return Effect.suspend(() => {
      const state = this.#state
      const generation = this.#generation
      const effort = this.#measure()
      const read = readCredential(this.key, ownerOf(this.#shared.endpoint))
      return Effect.map(join(this.#detach(read)), (credential) => {
        const busy = this.#flight !== undefined || state.unsaved !== undefined
        if (busy || generation !== this.#generation || state.snapshot().status === "exchanging") {
          return state.snapshot()
        }
        if (credential === undefined) {
          if (state.snapshot().status === "restoring") state.set({ status: "signedOut", reason: "initial" })
          else if (state.credential !== undefined) state.forget("otherTab")
        } else if (credential.version !== state.credential?.version) {
          const known = state.credential !== undefined
          state.publish(credential)
          if (known) state.emit({ type: "adopted", ...withExpiry(credential.token), ...effort.read() })
        }
        return state.snapshot()
      })
    })
  }

  #signOut(): Effect.Effect<void, TokenStoreError> {
    return Effect.suspend(() => {
      this.#generation++
      this.#state.forget("logout")
      const remove = callStore(this.key, (store) => store.remove(this.key))
      return Effect.asVoid(join(this.#detach(Effect.catch(remove, () => remove))))
    })
  }

  /** Runs in a fiber of its own, which no caller can interrupt. */
  #detach<A, E>(effect: Effect.Effect<A, E, Transport | TokenStore>): Promise<Exit.Exit<A, E>> {
    const { context, pending } = this.#shared
    const running = Effect.runPromiseExitWith(context)(effect)
    pending.add(running)
    void running.then(() => pending.delete(running))
    return running
  }

  #measure() {
    const startedAt = this.#state.now()
    let attempts = 0
    return {
      onAttempt: (attempt: number) => {
        attempts = attempt
      },
      read: (): Effort => ({ duration: this.#state.now() - startedAt, attempts }),
    }
  }
}

/** The key of the only session of an app with one user. */
export const defaultKey = "default"

const requireKey = (key: unknown): string => {
  const expected = "a string of 1 to 512 characters of well-formed Unicode, without NUL"
  const found = requireString("key", key, { expected, maxLength: 512 })
  if (/\0|\p{Surrogate}/u.test(found))
    throw new ConfigurationError({ option: "key", got: describe(key), expected })
  return found
}

/** Waits for what runs elsewhere. Interrupting the wait does not interrupt that. */
const join = <A, E>(running: Promise<Exit.Exit<A, E>>): Effect.Effect<A, E> =>
  Effect.callback((resume) => {
    void running.then(resume)
  })
