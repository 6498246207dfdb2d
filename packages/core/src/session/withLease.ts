/** Runs an effect while it holds the lease of a key, so that one holder at a time refreshes a credential. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import { stopwatch } from "../common/stopwatch.js"
import { TokenStoreError } from "../errors.js"
import { callStore, type TokenStore } from "../store/TokenStore.js"

export interface LeaseRequest<A> {
  readonly key: string
  /** Names this holder and no other. */
  readonly owner: string
  /** Milliseconds; longer than the longest hold. It is prolonged while it is held. */
  readonly duration: number
  /** The longest wait for it, in milliseconds. */
  readonly patience: number
  /** Whether the lease is kept after the work, until it runs out, instead of given back. */
  readonly keepFor: (result: A) => boolean
  /** Told when the wait is over: how long it was, in milliseconds, and how often the lease was asked for. */
  readonly onWaited: (duration: number, attempts: number) => void
  /** Told when somebody else has the lease. */
  readonly onWaiting: () => void
}

/**
 * @param meanwhile asked before each further attempt: whoever holds the lease may have done the work already
 * @param use runs with the lease, and can ask whether it is still held: a process that was asleep for longer than the
 *   lease may have lost it
 */
export const withLease = Effect.fnUntraced(function* <A, E, R>(
  request: LeaseRequest<A>,
  meanwhile: Effect.Effect<Option.Option<A>, E, R>,
  use: (isHeld: Effect.Effect<boolean>) => Effect.Effect<A, E, R>,
): Effect.fn.Return<A, E | TokenStoreError, R | TokenStore> {
  const { key, owner, duration, patience, keepFor, onWaited, onWaiting } = request
  const take = callStore(key, (store) => store.lease(key, owner, duration))
  const elapsed = yield* stopwatch
  for (let attempt = 1; ; attempt++) {
    let sinceTaken = yield* stopwatch
    const lease = yield* take
    if (lease.acquired) {
      if (attempt > 1) onWaited(yield* elapsed, attempt)
      let lost = false
      const takeAgain = Effect.gen(function* () {
        const sinceAsked = yield* stopwatch
        const { acquired } = yield* take
        // One's own again, and somebody else's in between.
        if (!acquired || (yield* sinceTaken) >= duration) lost = true
        sinceTaken = sinceAsked
      })
      const isHeld = Effect.suspend(() => Effect.map(sinceTaken, (time) => !lost && time < duration))
      const prolong = Effect.forever(Effect.delay(Effect.ignore(takeAgain), duration / 3))
      const release = Effect.ignore(callStore(key, (store) => store.release(key, owner)))
      return yield* Effect.raceFirst(use(isHeld), prolong).pipe(
        Effect.onExit((exit) => (Exit.isSuccess(exit) && keepFor(exit.value) ? Effect.void : release)),
      )
    }
    if (attempt === 1) onWaiting()
    const done = yield* meanwhile
    if (Option.isSome(done)) {
      onWaited(yield* elapsed, attempt)
      return done.value
    }
    const pause =
      Math.min(lease.expiresIn + 1, firstPause * 1.5 ** attempt, longestPause) *
      (0.5 + (yield* Random.next) / 2)
    if ((yield* elapsed) + pause > patience)
      return yield* new TokenStoreError({ reason: "leaseTimeout", key })
    yield* Effect.sleep(pause)
  }
})

/** Milliseconds between two looks at a lease that somebody else has: short at first, since most refreshes are. */
const firstPause = 15
const longestPause = 250
