/** Further parameters of an authorization request, such as `prompt`. No Effect here: the backend client uses it too. */
import { describe, requireString } from "../common/options.js"
import { ConfigurationError } from "../errors/ConfigurationError.js"

/** Further parameters of the authorization request's query, such as `{ prompt: "login" }`. */
export type ExtraParameters = Readonly<Record<string, string>>

const ownOption = (option: string) => `set by the option "${option}", which has its own checks`
const own = "left out: each request sets it by itself"

/** Parameters that `extra` must not set, and what each error says (RFC 6749 §4.1.1, RFC 7636 §4.3). */
const reserved: Readonly<Record<string, string>> = {
  response_type: own,
  response_mode: "left out: the response is read from the query of the redirect URI",
  client_id: ownOption("clientId"),
  client_secret: "left out: a URL must not hold a secret",
  redirect_uri: ownOption("redirectUri"),
  scope: ownOption("scope"),
  state: own,
  code_challenge: own,
  code_challenge_method: own,
  code_verifier: own,
}

/**
 * Checks the further parameters of an authorization request.
 *
 * @throws ConfigurationError for a reserved name and for a value that is not a string
 */
export const requireExtra = (extra: unknown): ExtraParameters => {
  if (extra === undefined) return {}
  if (typeof extra !== "object" || extra === null || Array.isArray(extra)) {
    throw new ConfigurationError({
      option: "extra",
      got: describe(extra),
      expected: 'an object of strings, such as { prompt: "login" }',
    })
  }
  for (const [name, value] of Object.entries(extra)) {
    const expected = Object.hasOwn(reserved, name) ? reserved[name] : undefined
    if (expected !== undefined) {
      throw new ConfigurationError({ option: `extra.${name}`, got: "a reserved parameter", expected })
    }
    requireString(`extra.${name}`, value, { expected: "a string" })
  }
  return extra as ExtraParameters
}
