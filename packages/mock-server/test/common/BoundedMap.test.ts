import { expect, it } from "vitest"
import { createBoundedMap } from "../../src/common/BoundedMap.js"

it("forgets the oldest when it is full, and says which", () => {
  const map = createBoundedMap<number>(3)
  expect(["a", "b", "c", "d"].map((key, index) => map.add(key, index))).toEqual([
    undefined,
    undefined,
    undefined,
    0,
  ])
  expect([...map.values()]).toEqual([1, 2, 3])
  expect(map.get("a")).toBeUndefined()
  expect(map.oldest((value) => value !== 1)).toBe(2)
})

it("keeps its bound through deletions and starts anew after clear", () => {
  const map = createBoundedMap<number>(3)
  for (let i = 0; i < 100; i++) {
    map.add(String(i), i)
    if (i % 2 === 0) map.delete(String(i))
    expect(map.size).toBeLessThanOrEqual(3)
  }
  map.clear()
  for (const key of ["x", "y", "z"]) expect(map.add(key, 0)).toBeUndefined()
  expect(map.size).toBe(3)
})
