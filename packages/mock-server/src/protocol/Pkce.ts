/** Proof Key for Code Exchange (RFC 7636), the server's part. */

import { sha256 } from "@noble/hashes/sha2.js"

export interface Challenge {
  readonly method: "S256" | "plain"
  readonly value: string
}

/** Base64url without padding (RFC 7636 appendix A). */
const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "")

/** `BASE64URL-ENCODE(SHA256(ASCII(code_verifier)))` (RFC 7636 section 4.2). */
export const s256 = (verifier: string): string => base64url(sha256(new TextEncoder().encode(verifier)))

/** 43 to 128 unreserved characters (RFC 7636 section 4.1). */
export const isVerifier = (text: string): boolean => /^[A-Za-z0-9\-._~]{43,128}$/.test(text)

/** Whether `text` is a valid challenge: an S256 digest has 43 characters, a `plain` challenge is a verifier. */
export const isChallenge = (method: Challenge["method"], text: string): boolean =>
  method === "S256" ? /^[A-Za-z0-9\-_]{43}$/.test(text) : isVerifier(text)

/** RFC 7636 section 4.6. */
export const proves = (verifier: string, challenge: Challenge): boolean =>
  (challenge.method === "S256" ? s256(verifier) : verifier) === challenge.value
