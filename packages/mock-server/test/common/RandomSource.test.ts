import { describe, expect, it } from "vitest"
import { createRandom } from "../../src/common/RandomSource.js"

describe.each([
  ["seeded", createRandom("a seed")],
  ["unseeded", createRandom()],
])("createRandom, %s", (_, random) => {
  it("gives tokens of 40 URL-safe characters and version 4 UUIDs, no two alike", () => {
    const tokens = Array.from({ length: 2_000 }, () => random.token())
    const uuids = Array.from({ length: 2_000 }, () => random.uuid())
    expect(new Set([...tokens, ...uuids]).size).toBe(4_000)
    for (const token of tokens) expect(token).toMatch(/^[A-Za-z0-9\-_]{40}$/)
    for (const uuid of uuids)
      expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })

  it("spreads fractions over the whole range", () => {
    const tenths = new Set(Array.from({ length: 1_000 }, () => Math.floor(random.fraction() * 10)))
    expect([...tenths].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })
})

it("starts again with its seed", () => {
  const random = createRandom(7)
  const first = [random.token(), random.uuid()]
  random.restart()
  expect([random.token(), random.uuid()]).toEqual(first)
  expect(createRandom("7").token()).toBe(first[0])
  expect(createRandom(8).token()).not.toBe(first[0])
})
