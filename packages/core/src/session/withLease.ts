/** Runs work while holding the lease of a key, so that one process at a time refreshes a credential. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Random from "effect/Random"
import { ignoreFailure } from "../common/ignoreFailure.js"
import { stopwatch, waitingTime } from "../common/stopwatch.js"
import { waitAtMost } from "../common/waitAtMost.js"
import { TokenStoreError } from "../errors/TokenStoreError.js"
import type { CredentialStore } from "./CredentialStore.js"

export interface LeaseRequest<A, E, R> {
  readonly store: CredentialStore
  /** The unique id of this holder. */
  readonly owner: string
  /** Whether this holder kept the lease of an earlier call. */
  readonly isKept: boolean
  /** Milliseconds; longer than the longest request and the write after it. The lease is extended while it is held. */
  readonly duration: number
  /** The longest wait for it, in milliseconds. */
  readonly maxWait: number
  /** Runs before each further attempt, because the holder may have done the work already. */
  readonly checkBeforeEachAttempt: Effect.Effect<A | undefined, E, R>
  /** Whether to keep the lease after the work, until it expires, instead of releasing it. */
  readonly keepLeaseIf: (result: A) => boolean
  /** Called when another holder has the lease. */
  readonly onWaiting: () => void
  /** Called when the wait is over, with its time in milliseconds and the number of requests for the lease. */
  readonly onWaited: (duration: number, attempts: number) => void
}

/**
 * @param use runs with the lease. `isHeld` returns whether it is still held: a process that was stopped for longer than
 *   the lease may have lost it
 */
export const withLease = Effect.fnUntraced(function* <A, E, R>(
  request: LeaseRequest<A, E, R>,
  use: (isHeld: () => boolean) => Effect.Effect<A, E, R>,
): Effect.fn.Return<A, E | TokenStoreError, R> {
  const { store, owner, isKept, duration, maxWait, checkBeforeEachAttempt, onWaited, onWaiting } = request
  const elapsed = yield* waitingTime
  for (let attempt = 1; ; attempt++) {
    const sinceAsked = yield* stopwatch
    const lease = yield* isKept ? store.prolong(owner, duration, () => true) : store.lease(owner, duration)
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

/** Milliseconds between two requests for a lease of another holder: short at first, since most refreshes are short. */
const firstPause = 15
const longestPause = 250

/** How long to wait for the store to release the lease, in milliseconds, before the result is returned. */
const longestRelease = 1000

const hold = <A, E, R>(
  { store, owner, duration, keepLeaseIf }: LeaseRequest<A, E, R>,
  sinceAsked: () => number,
  use: (isHeld: () => boolean) => Effect.Effect<A, E, R>,
): Effect.Effect<A, E, R> => {
  let sinceTaken = sinceAsked
  let isLost = false
  let isOver = false
  const prolong = Effect.gen(function* () {
    const sinceAskedAgain = yield* stopwatch
    const { acquired } = yield* store.prolong(owner, duration, () => !isOver)
    // If it had expired, another process may have held it in between.
    if (!acquired || sinceTaken() >= duration) isLost = true
    sinceTaken = sinceAskedAgain
  })
  const prolonging = Effect.forever(Effect.delay(ignoreFailure(prolong), duration / 3))
  const release = Effect.suspend(() => {
    isOver = true
    // If the release takes longer, the lease expires by itself.
    return ignoreFailure(waitAtMost(store.release(owner), longestRelease))
  })
  return Effect.raceFirst(
    Effect.suspend(() => use(() => !isLost && sinceTaken() < duration)),
    prolonging,
  ).pipe(Effect.onExit((exit) => (Exit.isSuccess(exit) && keepLeaseIf(exit.value) ? Effect.void : release)))
}
