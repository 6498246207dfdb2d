/** Proof Key for Code Exchange (RFC 7636): the login sends a challenge, and the code exchange sends its verifier. */
import * as Base64Url from "effect/encoding/Base64Url"

/** How the challenge is made from the verifier (RFC 7636 §4.2). Use `S256`; `plain` protects less. */
export type CodeChallengeMethod = "S256" | "plain"

/** The number of random bytes in a verifier, as RFC 7636 §4.1 recommends. */
export const codeVerifierBytes = 32

/** 32 random bytes as 43 characters. With `plain` the verifier is the challenge, and this provider takes 50 characters. */
export const formatCodeVerifier = (randomBytes: Uint8Array): string => Base64Url.encode(randomBytes)

/** The S256 challenge from the SHA-256 of a verifier (RFC 7636 §4.2). */
export const formatCodeChallenge = (sha256: Uint8Array): string => Base64Url.encode(sha256)
