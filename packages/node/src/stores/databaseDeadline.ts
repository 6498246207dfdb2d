/** Deadlines by the clock of a database, for calls that a driver may send long after their caller has given up. */

/** Less than the ten seconds after which a client gives up a call of its store. */
const longestCall = 8_000

/** What the database did, and when by its own clock. */
export interface Timed<A> {
  /** `undefined` where the deadline had passed, so that nothing was done. */
  readonly result: A | undefined
  /** Milliseconds. */
  readonly serverTime: number
}

/**
 * Runs a call with the time, by the clock of the database, after which it has to do nothing.
 *
 * @param readClock asks the database for its time, in milliseconds; called before the first call only, since each call
 *   tells it again
 */
export type WithDeadline = <A>(
  readClock: () => Promise<number>,
  call: (deadline: number) => Promise<Timed<A>>,
) => Promise<A>

export const makeWithDeadline = (): WithDeadline => {
  /** The clock of the database less that of this process, at least: the response has taken its time. */
  let ahead: number | undefined

  return async (readClock, call) => {
    const end = performance.now() + longestCall
    for (let attempt = 1; ; attempt++) {
      ahead ??= (await readClock()) - performance.now()
      if (performance.now() > end) break
      const { result, serverTime } = await call(Math.floor(end + ahead))
      ahead = serverTime - performance.now()
      if (result !== undefined) return result
      // Too late by a clock that was set since, or by that of another server: it is known now.
      if (attempt > 1) break
    }
    throw new Error("the database took the call too late, and did nothing")
  }
}
