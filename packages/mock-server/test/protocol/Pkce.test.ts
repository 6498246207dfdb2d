import { describe, expect, it } from "vitest"
import { isChallenge, isVerifier, proves, s256 } from "../../src/protocol/Pkce.js"

const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
const challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

describe("PKCE", () => {
  it("computes the challenge of RFC 7636 appendix B", () => {
    expect(s256(verifier)).toBe(challenge)
  })

  it("proves a verifier by the method of its challenge only", () => {
    expect(proves(verifier, { method: "S256", value: challenge })).toBe(true)
    expect(proves(verifier, { method: "plain", value: challenge })).toBe(false)
    expect(proves(verifier, { method: "plain", value: verifier })).toBe(true)
    expect(proves(verifier, { method: "S256", value: verifier })).toBe(false)
  })

  it("takes 43 to 128 unreserved characters as a verifier", () => {
    expect(isVerifier("a".repeat(42))).toBe(false)
    expect(isVerifier("a".repeat(43))).toBe(true)
    expect(isVerifier("-._~".repeat(32))).toBe(true)
    expect(isVerifier("a".repeat(129))).toBe(false)
    expect(isVerifier(`${"a".repeat(42)}+`)).toBe(false)
  })

  it("takes exactly the characters of a digest as an S256 challenge", () => {
    expect(isChallenge("S256", challenge)).toBe(true)
    expect(isChallenge("S256", `${challenge}=`)).toBe(false)
    expect(isChallenge("S256", challenge.slice(1))).toBe(false)
  })
})
