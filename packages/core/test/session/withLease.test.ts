import { expect, test } from "vitest"
import { withLease } from "../../src/session/withLease.js"
import { memoryTokenStore } from "../../src/store/memoryTokenStore.js"

// A clock whose sleepers are woken by the test.
const manualClock = () => {
  const sleepers: Array<{ readonly wake: () => void; readonly milliseconds: number }> = []
  return {
    sleepers,
    now: () => 0,
    monotonic: () => 0,
    sleep: (milliseconds: number, signal?: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        sleepers.push({ wake: resolve, milliseconds })
        signal?.addEventListener("abort", () => reject(signal.reason))
      }),
  }
}

test("a lease that is being prolonged when the work ends is given back after that, not before", async () => {
  const clock = manualClock()
  const memory = memoryTokenStore({ now: () => 0 })
  const calls: string[] = []
  let answer = () => {}
  let asked = () => {}
  const prolonging = new Promise<void>((resolve) => {
    asked = resolve
  })
  const store = {
    ...memory,
    lease: async (...args: Parameters<typeof memory.lease>) => {
      calls.push("lease")
      if (calls.length === 2) {
        asked()
        await new Promise<void>((resolve) => {
          answer = resolve
        })
      }
      return memory.lease(...args)
    },
    release: async (...args: Parameters<typeof memory.release>) => {
      calls.push("release")
      return memory.release(...args)
    },
  }
  const result = await withLease(
    { store, clock, random: () => 0.5 },
    {
      key: "ada",
      owner: "me",
      duration: 3000,
      patience: 1000,
      keepFor: () => false,
      onWaited: () => {},
      onWaiting: () => {},
    },
    async () => undefined,
    async () => {
      clock.sleepers.find(({ milliseconds }) => milliseconds === 1000)?.wake()
      await prolonging
      setImmediate(answer)
      return "done"
    },
  )
  expect(result).toBe("done")
  expect(calls).toEqual(["lease", "lease", "release"])
  expect(memory.lease("ada", "somebody else", 1000)).toMatchObject({ acquired: true })
})
