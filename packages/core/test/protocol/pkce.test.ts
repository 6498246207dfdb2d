import { createHash } from "node:crypto"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { createAuthorizationRequest, WebCrypto } from "../../src/index.js"
import { formatCodeChallenge, formatCodeVerifier } from "../../src/protocol/pkce.js"
import { client, server } from "../fixtures.js"

describe("PKCE", () => {
  it("RFC 7636 appendix B", () => {
    const octets = new Uint8Array([
      116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77, 105, 214,
      191, 240, 91, 88, 5, 88, 83, 132, 141, 121,
    ])
    const verifier = formatCodeVerifier(octets)
    expect(verifier).toBe("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    const sha256 = new Uint8Array(createHash("sha256").update(verifier).digest())
    expect(formatCodeChallenge(sha256)).toBe("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
  })

  it("a verifier is short enough for the provider, also as a plain challenge", () => {
    expect(formatCodeVerifier(crypto.getRandomValues(new Uint8Array(32)))).toMatch(/^[A-Za-z0-9_-]{43}$/)
  })

  it.effect("without crypto.subtle, as on a plain http: page, the error says what is needed", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(createAuthorizationRequest(server, client(), { pkce: "S256" }))
      expect(error).toMatchObject({ _tag: "ConfigurationError", option: "crypto" })
      expect(error.message).toContain("secure context")
    }).pipe(Effect.provide(WebCrypto.layer({ getRandomValues: (array) => array }))),
  )
})
