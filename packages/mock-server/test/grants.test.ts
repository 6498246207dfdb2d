import { describe, expect, it } from "vitest"
import { capacity, createGrants, type Family } from "../src/grants.js"
import { createRandom } from "../src/random.js"

const user = { id: "1", username: "ada" }
const facts = { clientId: "app", user, scope: "projects", issuedAt: 0 }
const access = { scope: "projects", issuedAt: 0, expiresAt: 1 }

describe("createGrants", () => {
  it("forgets the oldest family with its tokens when there are too many", () => {
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

  it("forgets the oldest tokens of a family that is refreshed for ever, and never those of another", () => {
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

  it("forgets whole families, but not the one that grows, when there are too many tokens", () => {
    const grants = createGrants(createRandom(1))
    const families = Array.from({ length: 200 }, () => grants.addFamily(facts))
    for (const family of families) {
      const refreshToken = grants.addRefreshToken(family, undefined, 0)
      for (let i = 0; i < capacity.perFamily - 100; i++) grants.addAccessToken(refreshToken, access)
    }
    expect(grants.accessTokens.size + grants.refreshTokens.size).toBeLessThanOrEqual(capacity.tokens)
    expect(grants.families.get(families[0]?.id ?? "")).toBeUndefined()
    expect(grants.families.get(families.at(-1)?.id ?? "")).toBeDefined()
    const held = families.filter(({ id }) => grants.families.get(id) !== undefined)
    const tokens = held.reduce(
      (sum, family) => sum + family.accessTokens.length + family.refreshTokens.length,
      0,
    )
    expect(tokens).toBe(grants.accessTokens.size + grants.refreshTokens.size)
  })

  it("forgets another family than the one that grows, be it the oldest", () => {
    const grants = createGrants(createRandom(1))
    const growing = grants.addRefreshToken(grants.addFamily(facts), undefined, 0)
    const fill = (family: Family) => {
      const refreshToken = grants.addRefreshToken(family, undefined, 0)
      for (let i = 1; i < 900; i++) grants.addAccessToken(refreshToken, access)
    }
    const others = Array.from({ length: capacity.tokens / 900 }, () => grants.addFamily(facts))
    others.forEach(fill)
    expect(grants.families.size).toBe(1 + others.length)
    for (let i = 0; i < 900; i++) grants.addAccessToken(growing, access)
    expect(grants.refreshTokens.has(growing.token)).toBe(true)
    expect(grants.families.size).toBe(others.length)
  })
})
