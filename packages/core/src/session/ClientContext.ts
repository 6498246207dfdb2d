/** What all sessions of a client share: its settings, its services, and the scope that owns running work. */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Base64Url from "effect/encoding/Base64Url"
import type * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import type * as Tracer from "effect/Tracer"
import { waitAtMost } from "../common/waitAtMost.js"
import { ConfigurationError } from "../errors/ConfigurationError.js"
import type { TokenRequestError } from "../errors/TokenError.js"
import type { TokenStoreError } from "../errors/TokenStoreError.js"
import { TransportError } from "../errors/TransportError.js"
import type { Grant } from "../protocol/Grant.js"
import type { Token } from "../protocol/Token.js"
import type { TransportCalls } from "../services/fromPromiseTransport.js"
import type { WebCryptoCalls } from "../services/fromWebCrypto.js"
import {
  retryTokenRequest,
  sendGrant,
  spanAttributes,
  type TokenEndpointSettings,
} from "../services/TokenEndpoint.js"
import type { TokenStoreCalls } from "../services/TokenStoreCalls.js"
import type { Tracing } from "../services/Tracing.js"
import { type CredentialStore, credentialStore } from "./CredentialStore.js"
import type { SessionSettings } from "./SessionOptions.js"

export interface SendOptions<A> {
  readonly previous?: Token | undefined
  readonly finish: (token: Token) => Effect.Effect<A>
  readonly onAttempt?: ((attempt: number, lastError: TokenRequestError | undefined) => void) | undefined
  /** Called when the request may be sent, as one of the concurrent requests. */
  readonly onSent?: (() => void) | undefined
  /** Called for each request that failed, before anything can interrupt. */
  readonly onFailure?: ((error: TokenRequestError) => void) | undefined
}

/** The services that a client uses. */
export interface ClientServices {
  readonly transport: TransportCalls
  readonly crypto: WebCryptoCalls
  readonly store: TokenStoreCalls
  /** The clock, the randomness and the tracer of the client's work. */
  readonly context: Context.Context<never>
  readonly tracing: Tracing
}

/** In milliseconds. A slower request no longer counts as concurrent, so that requests that hang do not block others. */
const slotTime = 10_000

export class ClientContext {
  readonly settings: TokenEndpointSettings
  readonly onEvent: SessionSettings["onEvent"]
  readonly crypto: WebCryptoCalls
  readonly tracing: Tracing
  readonly #transport: TransportCalls
  readonly #store: TokenStoreCalls
  readonly #context: Context.Context<never>
  readonly #clock: Clock.Clock
  readonly #scope: Scope.Scope
  readonly #slots: Semaphore.Semaphore
  /** Requests under way, by their code or refresh token, which must not be sent again in the meantime. */
  readonly #shared = new Map<string, Deferred.Deferred<unknown, unknown>>()

  /** @param scope owns running work: closing it interrupts waits, and awaits requests that were sent */
  constructor(
    settings: TokenEndpointSettings,
    sessions: SessionSettings,
    { transport, crypto, store, context, tracing }: ClientServices,
    scope: Scope.Scope,
  ) {
    this.settings = settings
    this.onEvent = sessions.onEvent
    this.tracing = tracing
    // The client is used after the span in which it was made has ended.
    this.#context = tracing.inside(context, undefined)
    this.#clock = Context.get(context, Clock.Clock)
    this.#transport = transport
    this.#store = store
    this.crypto = crypto
    this.#scope = scope
    this.#slots = Semaphore.makeUnsafe(sessions.maxConcurrentRefreshes)
  }

  get isClosed(): boolean {
    return this.#scope.state._tag === "Closed"
  }

  /** Milliseconds since the epoch. */
  readonly now = (): number => this.#clock.currentTimeMillisUnsafe()

  /** Milliseconds of the monotonic clock, which is never set back. */
  readonly monotonic = (): number => Number(this.#clock.monotonicTimeNanosUnsafe()) / 1e6

  /** 128 random bits, unique for each lease holder and each write. */
  readonly uniqueId = (): string => Base64Url.encode(this.crypto.randomBytes(16))

  store(key: string): CredentialStore {
    const { clientId } = this.settings.client
    const { tokenEndpoint } = this.settings.server
    return credentialStore(this.#store, { clientId, tokenEndpoint }, key)
  }

  /**
   * Starts work in the client's scope: it goes on if its caller is interrupted. It starts at once, so that it runs even if
   * the client is closed right after.
   */
  fork<A, E>(work: Effect.Effect<A, E>, parent?: Tracer.AnySpan): Fiber.Fiber<A, E> | undefined {
    if (this.isClosed) return undefined
    const context = parent === undefined ? this.#context : this.tracing.inside(this.#context, parent)
    return Effect.runSyncWith(context)(Effect.forkIn(work, this.#scope, { startImmediately: true }))
  }

  /** Runs work that goes on if its caller stops waiting. */
  run<A, E>(work: Effect.Effect<A, E>): Effect.Effect<A, E | ConfigurationError> {
    return Effect.flatMap(this.tracing.current, (parent) => {
      const done = Deferred.makeUnsafe<A, E | ConfigurationError>()
      this.start(done, work, parent)
      return Deferred.await(done)
    })
  }

  /** The same, once for each id: a caller that comes while the work is under way joins it. */
  share<A, E>(
    id: string,
    work: () => Effect.Effect<A, E>,
  ): Effect.Effect<Deferred.Deferred<A, E | ConfigurationError>> {
    return Effect.map(this.tracing.current, (parent) => {
      const underWay = this.#shared.get(id) as Deferred.Deferred<A, E | ConfigurationError> | undefined
      if (underWay !== undefined) return underWay
      const done = Deferred.makeUnsafe<A, E | ConfigurationError>()
      this.#shared.set(id, done as Deferred.Deferred<unknown, unknown>)
      const forget = Effect.sync(() => this.#shared.delete(id))
      this.start(
        done,
        Effect.onExit(work(), () => forget),
        parent,
      )
      if (this.isClosed) this.#shared.delete(id)
      return done
    })
  }

  /** Starts work in the client's scope. Completes `done` with its result, or with an error if the client is closed. */
  start<A, E>(
    done: Deferred.Deferred<A, E | ConfigurationError>,
    work: Effect.Effect<A, E>,
    parent?: Tracer.AnySpan,
  ): void {
    const closed = Effect.suspend(() => Effect.fail(clientClosed()))
    const fiber = this.fork(
      Effect.onExit(work, (exit) =>
        Effect.sync(() => {
          const isInterrupted = Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)
          Deferred.doneUnsafe(done, isInterrupted ? closed : exit)
        }),
      ),
      parent,
    )
    if (fiber === undefined) Deferred.doneUnsafe(done, closed)
  }

  /** Sends one grant, without a session. */
  requestToken(grant: Grant, previous?: Token): Effect.Effect<Token, TokenRequestError> {
    const secret = grant.grantType === "refresh_token" ? grant.refreshToken : grant.code
    const work = () => this.send(grant, { previous, finish: Effect.succeed })
    const verifier = grant.grantType === "refresh_token" ? undefined : grant.codeVerifier
    return this.untilDeadline(this.share(JSON.stringify([grant.grantType, secret, verifier]), work))
  }

  /** Sends one grant, with retries. Runs `finish` with its token in the same uninterruptible region. */
  send<A>(grant: Grant, options: SendOptions<A>): Effect.Effect<A, TokenRequestError>
  send<A, E extends TokenStoreError>(
    grant: Grant,
    options: SendOptions<A> & { readonly before: Effect.Effect<void, E> },
  ): Effect.Effect<A, TokenRequestError | E>
  send<A>(
    grant: Grant,
    {
      previous,
      finish,
      before = Effect.void,
      onAttempt,
      onSent = () => {},
      onFailure,
    }: SendOptions<A> & { readonly before?: Effect.Effect<void, TokenStoreError> },
  ): Effect.Effect<A, TokenRequestError | TokenStoreError> {
    const slots = grant.grantType === "refresh_token" ? 1 : 0
    const attempt = Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(restore(this.#slots.take(slots)), () => {
        let taken = slots
        const giveBack = Effect.suspend(() => {
          const release = this.#slots.release(taken)
          taken = 0
          return Effect.asVoid(release)
        })
        const whenSlow = { after: slotTime, run: giveBack }
        onSent()
        const request = Effect.catch(
          sendGrant(this.#transport, this.settings, grant, { previous, whenSlow }),
          (error) => {
            onFailure?.(error)
            return Effect.fail(error)
          },
        )
        return Effect.andThen(before, request).pipe(
          Effect.onExit(() => giveBack),
          Effect.flatMap(finish),
        )
      }),
    )
    let attempts = 0
    const counted = Effect.suspend(() =>
      Effect.andThen(this.tracing.annotate("oauth.attempts", ++attempts), attempt),
    )
    const attributes = spanAttributes(this.settings, grant)
    return this.tracing.span(
      retryTokenRequest(this.settings, counted, onAttempt),
      "ellipsis-oauth.requestToken",
      { attributes, kind: "client" },
    )
  }

  /** Waits for work until the deadline. The work itself goes on. */
  untilDeadline<A, E>(work: Effect.Effect<Deferred.Deferred<A, E>>): Effect.Effect<A, E | TransportError> {
    const { deadline } = this.settings
    return Effect.flatMap(work, (done) =>
      Effect.flatMap(waitAtMost(Deferred.await(done), deadline), (result) =>
        Option.isSome(result) ? Effect.succeed(result.value) : Effect.fail(deadlinePassed(deadline)),
      ),
    )
  }
}

export const clientClosed = (): ConfigurationError =>
  new ConfigurationError({
    option: "client",
    got: "a client that was closed",
    expected: "an open client; create another one",
  })

/** The deadline of a caller has passed, and the request that it waits for goes on. @param deadline milliseconds */
export const deadlinePassed = (deadline: number): TransportError =>
  new TransportError({
    reason: "timeout",
    sent: "maybe",
    detail: `after ${deadline / 1000} s; the request goes on in the background`,
  })
