/**
 * Reads an error response of the token endpoint. RFC 6749 §5.2 defines JSON with `error`. The provider's other endpoints
 * return `{"message": …}` or plain text (provider page, "Conventions"). All three forms are read here.
 */
import type { Grant } from "./Grant.js"

export interface TokenErrorBody {
  readonly error: string
  /** `true` if the body had no error code, so that this one was inferred from its text. */
  readonly inferred: boolean
  readonly errorDescription: string | undefined
  readonly errorUri: string | undefined
}

/** @returns `undefined` for a body that is not an OAuth error, such as the HTML page of a proxy */
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
    return said === undefined ? errorWithoutText(status) : inferred(status, said, grantType)
  }
  const said = body.trim()
  if (said === "") return errorWithoutText(status)
  return said.startsWith("<") || said.startsWith("{") || said.length > longestMessage
    ? undefined
    : inferred(status, said, grantType)
}

/** All codes are one word in lower case. Other text in `error`, such as "Unauthorized", is a message. */
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

/** In characters. A longer text is not an error message: it may be the page of a proxy. */
const longestMessage = 1000

const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined

/** A 401 without text means `invalid_client`, the only error that RFC 6749 §5.2 allows for this status. */
const errorWithoutText = (status: number): TokenErrorBody | undefined =>
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
 * Infers the error code from a message. `invalid_grant` signs the user out, so it requires a status of the standard
 * (400 or 401), and a message that says that the refresh token or the code is bad.
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
/** Words that may be between the two without changing the meaning. */
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

/** The names of what each grant sends. A gateway that complains about another code must not sign a user out. */
const badGrant: Readonly<Record<Grant["grantType"], readonly RegExp[]>> = {
  refresh_token: patterns("(?:refresh[ _-]?token|authori[sz]ation[ _-]?grant)"),
  authorization_code: patterns(
    "(?:authori[sz]ation[ _-]?(?:code|grant)|code[ _-]verifier|redirect[ _-]?uri|code)",
  ),
}

/** Words of a complaint about the request's format: from a parser, a validator, a gateway or a router. */
const complainsAboutFormat =
  /\b(json|body|pars(e|er|ing)|parameters?|fields?|missing|required|must|should|schema|content|headers?|csrf|xsrf|routes?|paths?|urls?|methods?|gateway|proxy|characters?|length|format(ted)?|encod(ed|ing)|position|syntax|status|error code|country|post|zip|qr|promo|captcha|undefined|null|type|string|allowed|rate|limit)\b|unexpected/i

const namesBadGrant = (grantType: Grant["grantType"], said: string): boolean =>
  !complainsAboutFormat.test(said) && badGrant[grantType].some((pattern) => pattern.test(said))
