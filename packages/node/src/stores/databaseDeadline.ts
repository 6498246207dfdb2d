/** Deadlines by a database's clock, because a driver may send a call long after its caller has given up. */

/** In milliseconds: less than the ten seconds after which a client gives up a call of its store. */
const longestCall = 8_000

/** The result of a call, and its time by the database's clock. */
export interface Timed<A> {
  /** `undefined` if the deadline had passed, so that the database did nothing. */
  readonly result: A | undefined
  /** Milliseconds. */
  readonly serverTime: number
}

/**
 * Runs a call with a deadline by the database's clock. After the deadline the database must do nothing.
 *
 * @param readClock reads the database's time, in milliseconds. Used only before the first call, since each call returns
 *   the time too.
 */
export type WithDeadline = <A>(
  readClock: () => Promise<number>,
  call: (deadline: number) => Promise<Timed<A>>,
) => Promise<A>

export const makeWithDeadline = (): WithDeadline => {
  /** How far the database's clock is ahead of this process's clock, at least, because the response took some time. */
  let ahead: number | undefined

  return async (readClock, call) => {
    const end = performance.now() + longestCall
    for (let attempt = 1; ; attempt++) {
      ahead ??= (await readClock()) - performance.now()
      if (performance.now() > end) break
      const { result, serverTime } = await call(Math.floor(end + ahead))
      ahead = serverTime - performance.now()
      if (result !== undefined) return result
      // The database's clock was set, or another server responded. Now the time is known, so one more attempt is made.
      if (attempt > 1) break
    }
    throw new Error("the database received the call too late, and did nothing")
  }
}
