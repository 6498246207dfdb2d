/** Web Locks, held until they are released or their tab is closed. Without Web Locks, only for this page. */

const heldHere = new Set<string>()

const lockManager = (): LockManager | undefined => globalThis.navigator?.locks

/** Whether other tabs see the locks. */
export const hasLocks = (): boolean => lockManager() !== undefined

/** Releases a lock. Resolves when others can take it. */
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
    const done: Promise<unknown> = locks.request(name, { ifAvailable: true }, (lock) => {
      if (lock === null) return resolve(undefined)
      return new Promise<void>((release) => {
        resolve(() => {
          release()
          return done
        })
      })
    })
    // A frame without access to storage has no access to locks either.
    done.catch(lockHere)
  })

/** Runs the work after all earlier work. */
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

/** The names of the held locks with this prefix, without the prefix. None in a frame without access to storage. */
export const heldLocks = async (prefix: string): Promise<readonly string[]> => {
  const { held = [] } =
    (await lockManager()
      ?.query()
      .catch(() => undefined)) ?? {}
  return held.flatMap(({ name = "" }) => (name.startsWith(prefix) ? name.slice(prefix.length) : []))
}
