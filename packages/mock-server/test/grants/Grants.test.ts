import { describe, expect, it } from "vitest"
import { createRandom } from "../../src/common/RandomSource.js"
import { capacity, createGrants } from "../../src/grants/Grants.js"

const user = { id: "1", username: "ada" }
const facts = { clientId: "app", user, scope: "projects", issuedAt: 0 }
const access = { scope: "projects", issuedAt: 0, expiresAt: 1 }

describe("createGrants", () => {
  it("deletes the oldest family with its tokens if there are too many", () => {
    const grants = createGrants(createRandom(1))
    const first = grants.addRefreshToken(grants.addFamily(facts), undefined, 0)
    const firstAccess = grants.addAccessToken(first, access)
    for (let i = 1; i < capacity.families; i++) grants.addFamily(facts)
    expect(grants.refreshTokens.has(first.token)).toBe(true)
    grants.addFamily(facts)
    expect(grants.families.size).toBe(capacity.families)
    expect(grants.refreshTokens.has(first.token)).toBe(false)
    expect(grants.accessTokens.has(firstAccess.token)).toBe(false)
  })

  it("deletes the oldest tokens of a family that is refreshed endlessly, and never those of another", () => {
    const grants = createGrants(createRandom(1))
    const quiet = grants.addRefreshToken(grants.addFamily(facts), undefined, 0)
    const busy = grants.addFamily(facts)
    let newest = grants.addRefreshToken(busy, undefined, 0)
    const oldest = newest
    for (let i = 0; i < 5 * capacity.perFamily; i++) {
      grants.addAccessToken(newest, access)
      newest = grants.addRefreshToken(busy, newest, 0)
      expect(busy.refreshTokens.length).toBeLessThanOrEqual(capacity.perFamily)
    }
    expect(grants.refreshTokens.size).toBeLessThanOrEqual(capacity.perFamily + 1)
    expect(grants.accessTokens.size).toBeLessThanOrEqual(capacity.perFamily)
    expect(grants.refreshTokens.has(quiet.token)).toBe(true)
    expect(grants.refreshTokens.has(oldest.token)).toBe(false)
    expect(grants.refreshTokens.has(newest.token)).toBe(true)
  })

  it("deletes old tokens rather than a family if there are too many tokens", () => {
    const grants = createGrants(createRandom(1))
    const families = Array.from({ length: 200 }, () => grants.addFamily(facts))
    const newest = families.map((family) => grants.addRefreshToken(family, undefined, 0))
    for (let round = 0; round < capacity.perFamily; round++) {
      newest.forEach((token, index) => {
        grants.addAccessToken(token, access)
        newest[index] = grants.addRefreshToken(token.family, token, 0)
      })
    }
    expect(grants.accessTokens.size + grants.refreshTokens.size).toBeLessThanOrEqual(capacity.tokens)
    expect(grants.families.size).toBe(families.length)
    for (const { token } of newest) expect(grants.refreshTokens.has(token)).toBe(true)
    const held = families.flatMap(({ accessTokens, refreshTokens }) => [...accessTokens, ...refreshTokens])
    expect(held).toHaveLength(grants.accessTokens.size + grants.refreshTokens.size)
  })

  it("deletes tokens of the oldest large family if the growing family is small", () => {
    const grants = createGrants(createRandom(1))
    const crowded = Array.from({ length: 100 }, () => grants.addFamily(facts))
    for (const family of crowded) {
      const token = grants.addRefreshToken(family, undefined, 0)
      for (let i = 1; i < capacity.tokens / 100; i++) grants.addAccessToken(token, access)
    }
    const newest = grants.addRefreshToken(grants.addFamily(facts), undefined, 0)
    expect(crowded.map(({ accessTokens }) => accessTokens.length)).toEqual([749, ...Array(99).fill(999)])
    expect(crowded.every(({ refreshTokens }) => refreshTokens.length === 1)).toBe(true)
    expect(grants.refreshTokens.has(newest.token)).toBe(true)
  })

  it("deletes the oldest family, but not the growing one, if no family is large", () => {
    const grants = createGrants(createRandom(1))
    const families = Array.from({ length: capacity.families }, () => grants.addFamily(facts))
    const [first, second] = families.map((family) => {
      const token = grants.addRefreshToken(family, undefined, 0)
      for (let i = 1; i < capacity.newest; i++) grants.addAccessToken(token, access)
      return token
    })
    if (first === undefined || second === undefined) throw new Error("there are families")
    const room = capacity.tokens - grants.accessTokens.size - grants.refreshTokens.size
    for (const family of families.slice(-room / 4)) {
      for (let i = 0; i < 4; i++) grants.addRefreshToken(family, undefined, 0)
    }
    expect(grants.accessTokens.size + grants.refreshTokens.size).toBe(capacity.tokens)
    grants.addAccessToken(first, access)
    expect(grants.refreshTokens.has(first.token)).toBe(true)
    expect(grants.refreshTokens.has(second.token)).toBe(false)
    expect(grants.families.size).toBe(capacity.families - 1)
  })
})
