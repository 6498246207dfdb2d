/** Proof Key for Code Exchange (RFC 7636), the server's half. */

import { sha256 } from "../common/sha256.js"
import type { Challenge } from "./grants.js"

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

/** Base64url without padding (RFC 7636 appendix A). */
const base64url = (bytes: Uint8Array): string => {
  let text = ""
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(i, i + 3)
    const bits = (a << 16) | (b << 8) | c
    const characters = Math.min(bytes.length - i, 3) + 1
    for (let n = 0; n < characters; n++) text += alphabet[(bits >>> (18 - 6 * n)) & 63]
  }
  return text
}

/** `BASE64URL-ENCODE(SHA256(ASCII(code_verifier)))` (RFC 7636 section 4.2). */
export const s256 = (verifier: string): string => base64url(sha256(new TextEncoder().encode(verifier)))

/** 43 to 128 unreserved characters (RFC 7636 section 4.1). */
export const isVerifier = (text: string): boolean => /^[A-Za-z0-9\-._~]{43,128}$/.test(text)

/** Whether `text` can be a challenge: a digest is always 43 characters, `plain` is a verifier. */
export const isChallenge = (method: Challenge["method"], text: string): boolean =>
  method === "S256" ? /^[A-Za-z0-9\-_]{43}$/.test(text) : isVerifier(text)

/** RFC 7636 section 4.6. */
export const proves = (verifier: string, challenge: Challenge): boolean =>
  (challenge.method === "S256" ? s256(verifier) : verifier) === challenge.value
