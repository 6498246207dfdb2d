/** Lets so many pieces of work run at once, and the others wait for their turn. */
export type Limiter = <A>(work: () => Promise<A>) => Promise<A>

export const limiter = (permits: number): Limiter => {
  let free = permits
  const waiting: Array<() => void> = []
  return async (work) => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) free++
      else next()
    }
  }
}
