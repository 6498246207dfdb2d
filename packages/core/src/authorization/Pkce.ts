/** Proof Key for Code Exchange (RFC 7636): a verifier that stays here and a challenge that travels ahead. */
import { encodeBase64Url } from "../common/base64.js"
import type { PlatformCrypto } from "../platform/Platform.js"

/** How the challenge is made from the verifier (RFC 7636 §4.2). Use `S256`; `plain` protects less. */
export type CodeChallengeMethod = "S256" | "plain"

/** 32 random bytes as 43 characters: the entropy that RFC 7636 §4.1 recommends, and short enough for `plain` here. */
export const makeCodeVerifier = (randomBytes: (length: number) => Uint8Array): string =>
  encodeBase64Url(randomBytes(32))

/** The code challenge for a verifier (RFC 7636 §4.2). Rejects with ConfigurationError where nothing can hash. */
export const makeCodeChallenge = async (
  crypto: PlatformCrypto,
  method: CodeChallengeMethod,
  codeVerifier: string,
): Promise<string> =>
  method === "plain"
    ? codeVerifier
    : encodeBase64Url(await crypto.sha256(new TextEncoder().encode(codeVerifier)))
