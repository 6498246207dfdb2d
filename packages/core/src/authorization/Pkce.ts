/** Proof Key for Code Exchange (RFC 7636): a verifier that stays here and a challenge that travels ahead. */
import * as Effect from "effect/Effect"
import * as Base64Url from "effect/encoding/Base64Url"
import type { ConfigurationError } from "../errors.js"
import { WebCrypto } from "./WebCrypto.js"

/** How the challenge is made from the verifier (RFC 7636 §4.2). Use `S256`; `plain` protects less. */
export type CodeChallengeMethod = "S256" | "plain"

/** 32 random bytes as 43 characters: the entropy that RFC 7636 §4.1 recommends, and short enough for `plain` here. */
export const makeCodeVerifier = (randomBytes: (length: number) => Uint8Array): string =>
  Base64Url.encode(randomBytes(32))

/** The code challenge for a verifier (RFC 7636 §4.2). */
export const makeCodeChallenge = (
  method: CodeChallengeMethod,
  codeVerifier: string,
): Effect.Effect<string, ConfigurationError, WebCrypto> =>
  method === "plain"
    ? Effect.succeed(codeVerifier)
    : Effect.flatMap(WebCrypto, ({ sha256 }) =>
        Effect.map(sha256(new TextEncoder().encode(codeVerifier)), Base64Url.encode),
      )
