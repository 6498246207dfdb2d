/** Figures of several rounds. */

export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
}

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2
}

export const spreadOf = (values: readonly number[]): Spread => ({
  median: median(values),
  least: Math.min(...values),
  most: Math.max(...values),
})

/** Of what one operation took, each of many rounds. */
export interface Cost {
  /** Of the process, in microseconds. */
  readonly processorTime: Spread
  /** Microseconds. */
  readonly wallTime: Spread
}

/**
 * Measures in turns, so that a busy minute meets all alike.
 * @returns for each of `keys`, the result of each round
 */
export const interleave = async <K, T>(
  rounds: number,
  keys: readonly K[],
  measure: (key: K) => Promise<T>,
): Promise<ReadonlyMap<K, readonly T[]>> => {
  const results = new Map<K, T[]>(keys.map((key) => [key, []]))
  for (let round = 0; round < rounds; round++) {
    // The first one meets the garbage of the last one.
    const turned = keys.map((_, index) => keys[(index + round) % keys.length] as K)
    for (const key of turned) results.get(key)?.push(await measure(key))
  }
  return results
}

interface Timed {
  readonly processorTime: number
  readonly wallTime: number
}

/** @returns microseconds of one of `count` operations */
export const timed = async (count: number, run: () => Promise<unknown>): Promise<Timed> => {
  const cpu = process.cpuUsage()
  const startedAt = performance.now()
  await run()
  const wallTime = ((performance.now() - startedAt) * 1000) / count
  const { system, user } = process.cpuUsage(cpu)
  return { processorTime: (user + system) / count, wallTime }
}

export const costOf = (rounds: readonly Timed[]): Cost => ({
  processorTime: spreadOf(rounds.map(({ processorTime }) => processorTime)),
  wallTime: spreadOf(rounds.map(({ wallTime }) => wallTime)),
})
