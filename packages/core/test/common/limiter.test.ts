import { expect, test } from "vitest"
import { limiter } from "../../src/common/limiter.js"

test("so many at once, the others in their order, and a failure gives its place back", async () => {
  const limit = limiter(2)
  const started: number[] = []
  const finish: Array<() => void> = []
  const work = (id: number) =>
    limit(
      () =>
        new Promise<number>((resolve, reject) => {
          started.push(id)
          finish[id] = () => (id === 0 ? reject(new Error("failed")) : resolve(id))
        }),
    )
  const results = [0, 1, 2, 3].map(work)
  const all = Promise.allSettled(results)
  await Promise.resolve()
  expect(started).toEqual([0, 1])
  finish[0]?.()
  await results[0]?.catch(() => {})
  await Promise.resolve()
  expect(started).toEqual([0, 1, 2])
  finish[1]?.()
  finish[2]?.()
  await results[2]
  await Promise.resolve()
  expect(started).toEqual([0, 1, 2, 3])
  finish[3]?.()
  expect((await all).map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled", "fulfilled"])
})
