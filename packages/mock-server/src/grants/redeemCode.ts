/** The authorization code grant (RFC 6749 section 4.1.3) with PKCE (RFC 7636 section 4.5). */

import { inWords } from "../common/Duration.js"
import type { ClientRegistration } from "../protocol/ClientRegistration.js"
import { isVerifier, proves } from "../protocol/Pkce.js"
import { malformed, Refusal } from "../protocol/Refusal.js"
import type { Code, Family } from "./Grants.js"
import type { Provider } from "./Provider.js"

/** The same description for every invalid code, so that guessing codes reveals nothing. */
const invalidCode = (
  reason: string,
  facts: { field?: string; expected?: string; got?: string } = {},
): Refusal =>
  new Refusal({
    error: "invalid_grant",
    description:
      "The authorization code is invalid, expired, used before or was issued to another client or request.",
    reason,
    ...facts,
  })

const missing = (field: string, reason: string): Refusal =>
  malformed(reason, {
    description: "A required parameter is missing.",
    field,
    expected: "a value",
    got: "nothing",
  })

const findCode = (
  provider: Provider,
  client: ClientRegistration,
  parameters: ReadonlyMap<string, string>,
): Code | Refusal => {
  const { codeParameter, codeLifetime, codeReuse } = provider.settings
  const field = codeParameter
  const value = parameters.get(codeParameter)
  if (value === undefined) {
    const other = codeParameter === "code" ? "authorization_code" : "code"
    return missing(
      field,
      parameters.has(other)
        ? `The code was sent as ${other}, but this server calls it ${codeParameter}.`
        : `There is no ${codeParameter}.`,
    )
  }
  const code = provider.grants.codes.get(value)
  if (code === undefined) {
    return invalidCode("This code was never issued here, or so long ago that it was deleted.", {
      field,
      got: `${value.length} characters`,
    })
  }
  if (code.clientId !== client.clientId) {
    return invalidCode("The code was issued to another client.", {
      field,
      expected: code.clientId,
      got: client.clientId,
    })
  }
  const now = provider.clock.now()
  if (code.usedAt !== undefined) {
    if (codeReuse === "revokeFamily" && code.family !== undefined) {
      provider.grants.revokeFamily(code.family, now, "its authorization code was used again")
    }
    const consequence =
      codeReuse === "revokeFamily"
        ? " The tokens that were issued for it are now revoked (RFC 6749 section 4.1.2)."
        : ""
    return invalidCode(
      `The code was used before: ${inWords(now - code.usedAt)} ago, by request ${code.usedBy}.${consequence}`,
      { field, expected: "a code that was never used", got: "a used one" },
    )
  }
  const age = now - code.issuedAt
  if (age >= codeLifetime) {
    return invalidCode(`The code is ${inWords(age)} old; codes are valid for ${inWords(codeLifetime)}.`, {
      field,
      expected: `less than ${inWords(codeLifetime)} old`,
      got: `${inWords(age)} old`,
    })
  }
  return code
}

const checkRedirectUri = (code: Code, value: string | undefined): Refusal | undefined => {
  const field = "redirect_uri"
  if (!code.redirectUriGiven) {
    return value === undefined
      ? undefined
      : invalidCode("redirect_uri was sent, but the authorization request had none.", {
          field,
          expected: "nothing",
          got: value.slice(0, 200),
        })
  }
  if (value === undefined)
    return missing(field, "redirect_uri is missing, and the authorization request had one.")
  return value === code.redirectUri
    ? undefined
    : invalidCode("redirect_uri differs from the one of the authorization request.", {
        field,
        expected: code.redirectUri,
        got: value.slice(0, 200),
      })
}

const checkVerifier = ({ challenge }: Code, verifier: string | undefined): Refusal | undefined => {
  const field = "code_verifier"
  if (challenge === undefined) {
    // RFC 9700 section 2.1.1: otherwise an attacker could strip the challenge from the authorization request.
    return verifier === undefined
      ? undefined
      : invalidCode("code_verifier was sent, but the authorization request had no code_challenge.", {
          field,
          expected: "nothing",
          got: "a verifier",
        })
  }
  if (verifier === undefined)
    return missing(field, "code_verifier is missing, and the authorization request had a code_challenge.")
  if (!isVerifier(verifier)) {
    return malformed("code_verifier is not 43 to 128 unreserved characters (RFC 7636 section 4.1).", {
      field,
      expected: "43 to 128 characters of A-Z a-z 0-9 - . _ ~",
      got: `${verifier.length} characters`,
    })
  }
  if (proves(verifier, challenge)) return undefined
  const swapped = { method: challenge.method === "S256" ? "plain" : "S256", value: challenge.value } as const
  return invalidCode(
    proves(verifier, swapped)
      ? `code_verifier matches the challenge with method ${swapped.method}, but the authorization request had method ${challenge.method} (a missing method means plain).`
      : "code_verifier does not match the code_challenge of the authorization request.",
    { field, expected: `the verifier of the ${challenge.method} challenge`, got: "another one" },
  )
}

/** Uses up a code and starts the family of tokens that descends from it. */
export const redeemCode = (
  provider: Provider,
  client: ClientRegistration,
  parameters: ReadonlyMap<string, string>,
): Family | Refusal => {
  const code = findCode(provider, client, parameters)
  if (code instanceof Refusal) return code
  const refusal =
    checkRedirectUri(code, parameters.get("redirect_uri")) ??
    checkVerifier(code, parameters.get("code_verifier"))
  if (refusal !== undefined) return refusal
  const now = provider.clock.now()
  code.usedAt = now
  code.usedBy = provider.log.nextNumber
  code.family = provider.grants.addFamily({
    clientId: client.clientId,
    user: code.user,
    scope: code.scope,
    issuedAt: now,
  })
  return code.family
}
