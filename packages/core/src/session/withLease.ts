/** Runs work while it holds the lease of a key, so that one holder at a time refreshes a credential. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Random from "effect/Random"
import { ignoreFailure } from "../common/ignoreFailure.js"
import { stopwatch } from "../common/stopwatch.js"
import { TokenStoreError } from "../errors/TokenStoreError.js"
import type { CredentialStore } from "./CredentialStore.js"

export interface LeaseRequest<A, E, R> {
  readonly store: CredentialStore
  /** Names this holder and no other. */
  readonly owner: string
  /** Milliseconds; longer than the longest request and the write after it. It is prolonged while it is held. */
  readonly duration: number
  /** The longest wait for it, in milliseconds. */
  readonly maxWait: number
  /** Run before each further attempt: the holder may have done the work already. */
  readonly checkBeforeEachAttempt: Effect.Effect<A | undefined, E, R>
  /** Whether the lease is kept after the work, until it runs out, instead of given back. */
  readonly keepLeaseIf: (result: A) => boolean
  /** Told when another holder has the lease. */
  readonly onWaiting: () => void
  /** Told when the wait is over: how long it was, in milliseconds, and how many times the lease was asked for. */
  readonly onWaited: (duration: number, attempts: number) => void
}

/**
 * @param use runs with the lease, and can ask whether it is still held: a process that was stopped for longer than the
 *   lease may have lost it
 */
export const withLease = Effect.fnUntraced(function* <A, E, R>(
  request: LeaseRequest<A, E, R>,
  use: (isHeld: () => boolean) => Effect.Effect<A, E, R>,
): Effect.fn.Return<A, E | TokenStoreError, R> {
  const { store, owner, duration, maxWait, checkBeforeEachAttempt, onWaited, onWaiting } = request
  const elapsed = yield* stopwatch
  for (let attempt = 1; ; attempt++) {
    const sinceAsked = yield* stopwatch
    const lease = yield* store.lease(owner, duration)
    if (lease.acquired) {
      if (attempt > 1) onWaited(elapsed(), attempt)
      return yield* hold(request, sinceAsked, use)
    }
    if (attempt === 1) onWaiting()
    const done = yield* checkBeforeEachAttempt
    if (done !== undefined) {
      onWaited(elapsed(), attempt)
      return done
    }
    const random = yield* Random.next
    const pause =
      Math.min(lease.expiresIn + 1, firstPause * 1.5 ** attempt, longestPause) * (0.5 + random / 2)
    if (elapsed() + pause > maxWait) {
      onWaited(elapsed(), attempt)
      const detail = `for ${Math.round(elapsed() / 1000)} s`
      return yield* Effect.fail(new TokenStoreError({ reason: "leaseTimeout", key: store.key, detail }))
    }
    yield* Effect.sleep(pause)
  }
})

/** Milliseconds between two looks at a lease that another holder has: short at first, since most refreshes are. */
const firstPause = 15
const longestPause = 250

const hold = <A, E, R>(
  { store, owner, duration, keepLeaseIf }: LeaseRequest<A, E, R>,
  sinceAsked: () => number,
  use: (isHeld: () => boolean) => Effect.Effect<A, E, R>,
): Effect.Effect<A, E, R> => {
  let sinceTaken = sinceAsked
  let isLost = false
  const prolong = Effect.gen(function* () {
    const sinceAskedAgain = yield* stopwatch
    const { acquired } = yield* store.lease(owner, duration)
    // One's own again, and another holder's in between.
    if (!acquired || sinceTaken() >= duration) isLost = true
    sinceTaken = sinceAskedAgain
  })
  const prolonging = Effect.forever(Effect.delay(ignoreFailure(prolong), duration / 3))
  const release = ignoreFailure(store.release(owner))
  return Effect.raceFirst(
    Effect.suspend(() => use(() => !isLost && sinceTaken() < duration)),
    prolonging,
  ).pipe(Effect.onExit((exit) => (Exit.isSuccess(exit) && keepLeaseIf(exit.value) ? Effect.void : release)))
}
