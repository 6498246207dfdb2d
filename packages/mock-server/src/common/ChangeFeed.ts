/** Lets requests wait for the next change (long polling), without timers. */

export interface ChangeFeed {
  /** Changes when the server is reset, because log entries are then numbered from 1 again. */
  readonly generation: string
  /** Grows with every change. */
  readonly version: number
  /** Fulfilled at the next change, or early with `false` when too many requests wait. */
  next(): Promise<boolean>
  /** Reports a change. */
  publish(): void
  /** Reports that the server was reset. */
  restart(): void
}

const capacity = 100

export const createChangeFeed = (): ChangeFeed => {
  let waiting: Array<(changed: boolean) => void> = []
  let generation: string | undefined
  let version = 0

  const publish = () => {
    version += 1
    if (waiting.length === 0) return
    const resolvers = waiting
    waiting = []
    for (const resolve of resolvers) resolve(true)
  }

  return {
    get generation() {
      generation ??= Math.random().toString(36).slice(2)
      return generation
    },
    get version() {
      return version
    },
    next: () =>
      new Promise((resolve) => {
        waiting.push(resolve)
        if (waiting.length > capacity) waiting.shift()?.(false)
      }),
    publish,
    restart: () => {
      generation = undefined
      publish()
    },
  }
}
