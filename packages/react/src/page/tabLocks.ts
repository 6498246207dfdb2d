/** Web Locks, held until they are given back or their tab is gone; for this page alone where the browser has none. */

const heldHere = new Set<string>()

const lockManager = (): LockManager | undefined => globalThis.navigator?.locks

/** Whether locks reach beyond this page. */
export const hasLocks = (): boolean => lockManager() !== undefined

/** Gives a lock back; resolves when others can have it. */
export type Unlock = () => Promise<unknown>

/** Takes a lock, if no tab holds it. */
export const tryLock = (name: string): Promise<Unlock | undefined> =>
  new Promise((resolve) => {
    const lockHere = () => {
      if (heldHere.has(name)) return resolve(undefined)
      heldHere.add(name)
      resolve(async () => heldHere.delete(name))
    }
    const locks = lockManager()
    if (locks === undefined) return lockHere()
    const done: Promise<unknown> = locks.request(
      name,
      { ifAvailable: true },
      (lock) =>
        new Promise<void>((release) => {
          if (lock !== null) {
            resolve(() => {
              release()
              return done
            })
            return
          }
          resolve(undefined)
          release()
        }),
    )
    // A frame that may not use storage may not use locks either.
    done.catch(lockHere)
  })

/** Runs after all those that were here before. */
export const inTurn = async <A>(name: string, use: () => Promise<A>): Promise<A> => {
  let started = false
  const run = () => {
    started = true
    return use()
  }
  try {
    return await (lockManager()?.request(name, run) ?? run())
  } catch (error) {
    if (started) throw error
    return use()
  }
}

/** What follows the prefix in the names of the locks that are held. */
export const heldLocks = async (prefix: string): Promise<readonly string[]> => {
  const { held = [] } =
    (await lockManager()
      ?.query()
      .catch(() => undefined)) ?? {}
  return held.flatMap(({ name = "" }) => (name.startsWith(prefix) ? name.slice(prefix.length) : []))
}
