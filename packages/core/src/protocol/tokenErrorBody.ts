/**
 * The error half of the token endpoint's wire. RFC 6749 §5.2 has JSON with `error`; the provider's other endpoints
 * return `{"message": …}` or plain text (provider page, "Conventions"). All three are read here.
 */
import type { Grant } from "./Grant.js"

export interface TokenErrorBody {
  readonly error: string
  /** True where the body had no code and this one was inferred from its text. */
  readonly inferred: boolean
  readonly errorDescription: string | undefined
  readonly errorUri: string | undefined
}

/** @returns `undefined` for a body that says nothing about an OAuth error, such as a proxy's HTML page */
export const readTokenErrorBody = (
  status: number,
  json: Readonly<Record<string, unknown>> | undefined,
  body: string,
  grantType: Grant["grantType"],
): TokenErrorBody | undefined => {
  if (json !== undefined) {
    const { error, error_description, error_uri, message } = json
    const description = text(error_description) ?? text(message)
    if (typeof error === "string" && errorCode.test(error)) {
      return { error, inferred: false, errorDescription: description, errorUri: text(error_uri) }
    }
    const said = description ?? text(error)
    return said === undefined ? nothingSaid(status) : inferred(status, said, grantType)
  }
  const said = body.trim()
  if (said === "") return nothingSaid(status)
  return said.startsWith("<") || said.startsWith("{") || said.length > longestMessage
    ? undefined
    : inferred(status, said, grantType)
}

/** One word in lower case, as all codes are; anything else in `error`, such as a framework's "Unauthorized", is a message. */
const errorCode = /^[a-z][a-z0-9_]{1,99}$/

const standardCodes = [
  "invalid_request",
  "invalid_client",
  "invalid_grant",
  "unauthorized_client",
  "unsupported_grant_type",
  "invalid_scope",
  "server_error",
  "temporarily_unavailable",
]

/** A code of RFC 6749 §5.2 or §4.1.2.1. */
export const isStandardCode = (error: unknown): boolean =>
  typeof error === "string" && standardCodes.includes(error)

/** An error in words is a sentence; anything longer, in characters, is a page of some proxy. */
const longestMessage = 1000

const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined

/** A 401 needs no words: RFC 6749 §5.2 gives it to `invalid_client` alone. */
const nothingSaid = (status: number): TokenErrorBody | undefined =>
  status === 401
    ? { error: "invalid_client", inferred: true, errorDescription: undefined, errorUri: undefined }
    : undefined

const inferred = (status: number, said: string, grantType: Grant["grantType"]): TokenErrorBody => ({
  error: inferErrorCode(grantType, status, said.slice(0, longestMessage).replaceAll(/\s+/g, " ")),
  inferred: true,
  errorDescription: said,
  errorUri: undefined,
})

const codeInText = new RegExp(`\\b(?:${standardCodes.join("|")})\\b`)

const lacking = /\b(missing|required|must|should|need(s|ed)?|provide|expected|no)\b/i
const refused =
  /\b(invalid|incorrect|wrong|bad|expired|revoked|unknown|used|mismatch|unauthorized|denied|failed|not (valid|found|known|recogni[sz]ed|match(ing)?)|(does|do|did) not (exist|match)|no longer)\b/i

/**
 * The code that a message in plain words stands for. `invalid_grant` costs the user a login, so it takes a status that
 * the standard gives it, and words that name the refresh token or the code as bad.
 */
const inferErrorCode = (grantType: Grant["grantType"], status: number, said: string): string => {
  const mayRefuseGrant = status === 400 || status === 401
  const named = codeInText.exec(said)?.[0]
  if (named !== undefined && (named !== "invalid_grant" || mayRefuseGrant)) return named
  const about = (subject: RegExp) => subject.test(said)
  if (about(/\bgrant[ _]?type\b/i)) return lacking.test(said) ? "invalid_request" : "unsupported_grant_type"
  if (mayRefuseGrant && namesBadGrant(grantType, said)) return "invalid_grant"
  if (refused.test(said) && !/\b(missing|required)\b/i.test(said)) {
    if (about(/\b(client|secret|credentials?)\b|client[ _](id|secret)/i)) return "invalid_client"
    if (about(/\bscopes?\b/i)) return "invalid_scope"
  }
  return status === 401 ? "invalid_client" : "invalid_request"
}

const bad =
  "(?:invalid|incorrect|wrong|bad|expired|revoked|unknown|unrecogni[sz]ed|used|mismatch(?:ed)?|blacklisted|blocked|deleted|inactive|disabled)"
/** Words that may stand between the two without changing what is said. */
const filler =
  "(?: (?:or|and|has|have|had|is|was|been|the|a|an|this|your|given|provided|supplied|already|either|token))"

const patterns = (subject: string): readonly RegExp[] => [
  new RegExp(
    `\\b${subject}["'\`]?:?${filler}{0,4} (?:${bad}|(?:is |was )?(?:not|no longer) (?:valid|found|known|recogni[sz]ed|active|match(?:ing)?|accepted)|(?:does|do|did)(?: not|n't) (?:exist|match)|(?:not|no longer) exists?|was issued to another client)\\b`,
    "i",
  ),
  new RegExp(
    `\\b(?:${bad}|no such|not a valid)(?:,? (?:or |and )?${bad}){0,3}${filler}{0,2} ["'\`]?${subject}\\b`,
    "i",
  ),
]

/** What each grant presents, by its names: a gateway that asks for some other code signs nobody out. */
const badGrant: Readonly<Record<Grant["grantType"], readonly RegExp[]>> = {
  refresh_token: patterns("(?:refresh[ _-]?token|authori[sz]ation[ _-]?grant)"),
  authorization_code: patterns(
    "(?:authori[sz]ation[ _-]?(?:code|grant)|code[ _-]verifier|redirect[ _-]?uri|code)",
  ),
}

/** A server that complains of these read the request's form, and not the grant: a parser, a validator, a gateway, a router. */
const aboutTheForm =
  /\b(json|body|pars(e|er|ing)|parameters?|fields?|missing|required|must|should|schema|content|headers?|csrf|xsrf|routes?|paths?|urls?|methods?|gateway|proxy|characters?|length|format(ted)?|encod(ed|ing)|position|syntax|status|error code|country|post|zip|qr|promo|captcha|undefined|null|type|string|allowed|rate|limit)\b|unexpected/i

const namesBadGrant = (grantType: Grant["grantType"], said: string): boolean =>
  !aboutTheForm.test(said) && badGrant[grantType].some((pattern) => pattern.test(said))
