/** Hints for errors of the token endpoint: each one names the option that may be wrong. */
import type { AuthorizationServer } from "./AuthorizationServer.js"
import type { Client } from "./Client.js"
import type { Grant } from "./Grant.js"

export interface TokenErrorHintInput {
  readonly server: AuthorizationServer
  readonly client: Client
  readonly grant: Grant
  readonly status: number
  readonly error: string
  /** The server's error message. */
  readonly said: string
}

export const tokenErrorHint = (input: TokenErrorHintInput): string | undefined =>
  endpointHint(input) ??
  credentialsHint(input) ??
  publicClientHint(input) ??
  codeParameterHint(input) ??
  bodyEncodingHint(input)

/** A refused grant may have this status too, and says so. */
const endpointHint = ({ server, status, error }: TokenErrorHintInput): string | undefined =>
  [404, 405].includes(status) && error !== "invalid_grant"
    ? `there may be no token endpoint at ${server.tokenEndpoint}; check the server's URL.`
    : undefined

const credentialsHint = ({ client, error }: TokenErrorHintInput): string | undefined =>
  error === "invalid_client" ? client.credentials.hint : undefined

const publicClientHint = ({ client, error }: TokenErrorHintInput): string | undefined =>
  client.authentication === "none" && (error === "invalid_client" || error === "unauthorized_client")
    ? "the server may not accept a client without a secret; exchange the code in your backend, which keeps the secret."
    : undefined

const missing =
  /\b(missing|required|must|absent|empty|undefined|no|not (given|found|provided|present|set))\b/i

const codeParameterHint = ({ server, grant, said }: TokenErrorHintInput): string | undefined => {
  if (grant.grantType !== "authorization_code" || !missing.test(said)) return undefined
  const wantsOther =
    server.codeParameter === "code"
      ? /\bauthorization_code\b/.test(said)
      : /["'`]code["'`]|\bcode parameter\b|parameter:? code\b/.test(said)
  if (!wantsOther) return undefined
  return server.codeParameter === "code"
    ? 'the server calls the parameter "authorization_code", as Ellipsis Drive does; use server: ellipsisDrive({ baseUrl }).'
    : 'the server calls the parameter "code", as RFC 6749 does; use server: rfc6749({ … }).'
}

/** If the server misses parameters that were sent, or complains about the body's format, it expects the other encoding. */
const bodyEncodingHint = ({ server, status, error, said }: TokenErrorHintInput): string | undefined => {
  const sentParameters = /\b(grant_type|client_id|client_secret|authorization_code|code|refresh_token)\b/
  const namesAnotherBody =
    status === 415 ||
    /content[- ]type|media type|\bjson\b|urlencoded|unexpected token|\bbody\b|\bpars(e|ing)\b/i.test(said) ||
    (error !== "invalid_grant" && missing.test(said) && sentParameters.test(said))
  const other = server.bodyEncoding === "form" ? "json" : "form"
  return namesAnotherBody ? `the server may expect a ${other} body; try bodyEncoding: "${other}".` : undefined
}
