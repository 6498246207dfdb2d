/** Does work while it holds the lease of a key, so that one holder at a time refreshes a credential. */
import { stopwatch } from "../common/stopwatch.js"
import { TokenStoreError } from "../errors.js"
import type { Platform } from "../platform/Platform.js"
import { callStore, type StorePlatform } from "../store/callStore.js"

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
export const withLease = async <A>(
  platform: Pick<Platform, "random"> & StorePlatform,
  request: LeaseRequest<A>,
  meanwhile: () => Promise<A | undefined>,
  use: (isHeld: () => boolean) => Promise<A>,
): Promise<A> => {
  const { key, patience, onWaited, onWaiting } = request
  const { clock, random } = platform
  const elapsed = stopwatch(clock)
  for (let attempt = 1; ; attempt++) {
    const sinceAsked = stopwatch(clock)
    const lease = await take(platform, request)
    if (lease.acquired) {
      if (attempt > 1) onWaited(elapsed(), attempt)
      return hold(platform, request, sinceAsked, use)
    }
    if (attempt === 1) onWaiting()
    const done = await meanwhile()
    if (done !== undefined) {
      onWaited(elapsed(), attempt)
      return done
    }
    const pause =
      Math.min(lease.expiresIn + 1, firstPause * 1.5 ** attempt, longestPause) * (0.5 + random() / 2)
    if (elapsed() + pause > patience) throw new TokenStoreError({ reason: "leaseTimeout", key })
    await clock.sleep(pause)
  }
}

/** Milliseconds between two looks at a lease that somebody else has: short at first, since most refreshes are. */
const firstPause = 15
const longestPause = 250

const take = <A>(platform: StorePlatform, { key, owner, duration }: LeaseRequest<A>) =>
  callStore(platform, key, (store) => store.lease(key, owner, duration))

const hold = async <A>(
  platform: StorePlatform,
  request: LeaseRequest<A>,
  sinceAsked: () => number,
  use: (isHeld: () => boolean) => Promise<A>,
): Promise<A> => {
  const { key, owner, duration, keepFor } = request
  const { clock } = platform
  const over = new AbortController()
  let sinceTaken = sinceAsked
  let lost = false

  const prolong = async (): Promise<void> => {
    while (!over.signal.aborted) {
      await clock.sleep(duration / 3, over.signal)
      const sinceAskedAgain = stopwatch(clock)
      const again = await take(platform, request).catch(() => undefined)
      if (again === undefined) continue
      // One's own again, and somebody else's in between.
      if (!again.acquired || sinceTaken() >= duration) lost = true
      sinceTaken = sinceAskedAgain
    }
  }

  const prolonging = prolong().catch(() => {})
  let kept = false
  try {
    const result = await use(() => !lost && sinceTaken() < duration)
    kept = keepFor(result)
    return result
  } finally {
    over.abort()
    // A lease that is being prolonged right now must not be taken again after it was given back.
    await prolonging
    if (!kept) await callStore(platform, key, (store) => store.release(key, owner)).catch(() => {})
  }
}
