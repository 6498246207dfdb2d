/**
 * The error half of the token endpoint's wire. RFC 6749 §5.2 has JSON with `error`; the provider's other endpoints
 * answer `{"message": …}` or plain text (provider page, "Conventions"). All three are read here.
 */

export interface TokenErrorBody {
  readonly error: string
  /** True where the body had no code and this one was read from its text. */
  readonly inferred: boolean
  readonly errorDescription: string | undefined
  readonly errorUri: string | undefined
}

/** @returns `undefined` for a body that says nothing about an OAuth error, such as a proxy's HTML page */
export const readTokenErrorBody = (
  status: number,
  json: Readonly<Record<string, unknown>> | undefined,
  body: string,
): TokenErrorBody | undefined => {
  if (json !== undefined) {
    const { error, error_description, error_uri, message } = json
    const description = text(error_description) ?? text(message)
    if (typeof error === "string" && errorCode.test(error)) {
      return { error, inferred: false, errorDescription: description, errorUri: text(error_uri) }
    }
    const said = description ?? text(error)
    return said === undefined ? nothingSaid(status) : inferred(status, said)
  }
  const said = body.trim()
  if (said === "") return nothingSaid(status)
  return said.startsWith("<") || said.startsWith("{") || said.length > longestMessage
    ? undefined
    : inferred(status, said)
}

/** One word in lower case, as all codes are; anything else in `error`, such as a framework's "Unauthorized", is a message. */
const errorCode = /^[a-z][a-z0-9_]{1,99}$/

/** A plain-text error is a sentence; anything longer is a page of some proxy. */
const longestMessage = 1000

const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined

/** A 401 needs no words: RFC 6749 §5.2 gives it to `invalid_client` alone. */
const nothingSaid = (status: number): TokenErrorBody | undefined =>
  status === 401
    ? { error: "invalid_client", inferred: true, errorDescription: undefined, errorUri: undefined }
    : undefined

const inferred = (status: number, said: string): TokenErrorBody => ({
  error: inferErrorCode(status, said),
  inferred: true,
  errorDescription: said,
  errorUri: undefined,
})

const codeInText =
  /\b(invalid_request|invalid_client|invalid_grant|unauthorized_client|unsupported_grant_type|invalid_scope|server_error|temporarily_unavailable)\b/

const lacking = /\b(missing|required|must|should|need(s|ed)?|provide|expected|no)\b/i
const refused =
  /\b(invalid|incorrect|wrong|bad|expired|revoked|unknown|used|mismatch|unauthorized|denied|failed|not (valid|found|known|recogni[sz]ed|match(ing)?)|(does|do|did) not (exist|match)|no longer)\b/i

/**
 * The code that a message in plain words stands for. Only a message that says that a code or refresh token is bad
 * becomes `invalid_grant`, because that one costs the user a login.
 */
const inferErrorCode = (status: number, said: string): string => {
  const named = codeInText.exec(said)?.[1]
  if (named !== undefined) return named
  const about = (subject: RegExp) => subject.test(said)
  if (about(/\bgrant[ _]?type\b/i)) return lacking.test(said) ? "invalid_request" : "unsupported_grant_type"
  if (refused.test(said) && !/\b(missing|required)\b/i.test(said)) {
    // The standard's own sentence for a bad grant speaks of "another client" too, so the grant comes first.
    if (about(/refresh[ _-]?token|authori[sz]ation[ _-]?(code|grant)|verifier/i)) return "invalid_grant"
    if (about(/\b(client|secret|credentials?)\b|client[ _](id|secret)/i)) return "invalid_client"
    if (about(/\bscopes?\b/i)) return "invalid_scope"
    if (about(/\b(code|grant|token)\b|redirect[ _]?uri/i)) return "invalid_grant"
  }
  return status === 401 ? "invalid_client" : "invalid_request"
}
