/** Requests that wait for something to happen. They need no timer, and those that nobody waits for any more do not pile up. */

export interface News {
  /** Changes when the server is reset: numbers of log entries start again then. */
  readonly generation: string
  /** Grows with every change. */
  readonly version: number
  /** Fulfilled at the next change, or early with `false` when too many wait. */
  next(): Promise<boolean>
  /** Something changed. */
  tell(): void
  /** Everything changed. */
  restart(): void
}

const capacity = 100

export const createNews = (): News => {
  let waiting: Array<(changed: boolean) => void> = []
  let generation: string | undefined
  let version = 0

  const tell = () => {
    version += 1
    if (waiting.length === 0) return
    const told = waiting
    waiting = []
    for (const resolve of told) resolve(true)
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
    tell,
    restart: () => {
      generation = undefined
      tell()
    },
  }
}
