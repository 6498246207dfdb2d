/** Proof Key for Code Exchange (RFC 7636): a verifier that stays here and a challenge that is sent ahead. */
import * as Base64Url from "effect/encoding/Base64Url"

/** How the challenge is made from the verifier (RFC 7636 §4.2). Use `S256`; `plain` protects less. */
export type CodeChallengeMethod = "S256" | "plain"

/** How many random bytes a verifier is made of: the entropy that RFC 7636 §4.1 recommends. */
export const codeVerifierBytes = 32

/** 32 random bytes as 43 characters, short enough for `plain` at this provider. */
export const formatCodeVerifier = (randomBytes: Uint8Array): string => Base64Url.encode(randomBytes)

/** The S256 challenge from the SHA-256 of a verifier (RFC 7636 §4.2). */
export const formatCodeChallenge = (sha256: Uint8Array): string => Base64Url.encode(sha256)
