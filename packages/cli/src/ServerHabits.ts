/** The observed behaviour of a server, in the format that `ellipsis-oauth-mock --like` reads. */
import type { Exchange } from "./Transcript.js"

export type Encoding = "form" | "json"
export type Authentication = "body" | "basic" | "basic-raw"
export type CodeParameter = "authorization_code" | "code"
export type ChallengeMethod = "S256" | "plain"

/** A member that is left out was not observed. */
export interface ServerHabits {
  readonly format: "ellipsis-oauth/server-habits@1"
  readonly server: string
  readonly observedAt: string
  bodyEncoding?: readonly Encoding[]
  clientAuthentication?: readonly Authentication[]
  withoutSecret?: "allowed" | "refused"
  publicClients?: "allowed" | "refused"
  codeParameter?: CodeParameter
  pkce?: "required" | "optional"
  pkceMethods?: readonly ChallengeMethod[]
  refreshToken?: "present" | "absent"
  rotation?: "always" | "never"
  spentRefreshToken?: "accepted" | "refused" | "endsLogin"
  unknownRefreshToken?: "accepted" | "refused"
  expiresIn?: "number" | "string" | "absent"
  tokenType?: "present" | "bearer" | "absent"
  scope?: "always" | "login" | "absent"
  scopes?: readonly string[]
  tokenStatus?: number
  errorBody?: "rfc6749" | "message" | "text"
  grantErrorStatus?: number
  clientErrorStatus?: number
  /** Seconds. */
  accessTokenLifetime?: number
  readonly notes: string[]
}

export const errorBodyOf = ({ json }: Exchange): NonNullable<ServerHabits["errorBody"]> =>
  typeof json?.["error"] === "string" ? "rfc6749" : typeof json?.["message"] === "string" ? "message" : "text"

export const isGranted = ({ status, json }: Exchange): boolean =>
  status >= 200 && status < 300 && typeof json?.["access_token"] === "string"

const missing =
  /\b(missing|required|must|absent|empty|undefined|no|not (given|found|provided|present|set))\b/i

/** The error text of the server. */
const errorText = ({ json, text }: Exchange): string => {
  const { error, error_description: description, message } = json ?? {}
  return [error, description, message].find((value) => typeof value === "string") === undefined
    ? text
    : [error, description, message].filter((value) => typeof value === "string").join(" ")
}

/** Whether the error is about the refresh token or the code, so that the server accepted client and body. */
export const isAboutGrant = (exchange: Exchange): boolean => {
  const error = exchange.json?.["error"]
  if (error === "invalid_grant") return true
  if (typeof error === "string" && /^(invalid|unauthorized|unsupported)_/.test(error)) return false
  const words = errorText(exchange)
  return /refresh.?token|\bcode\b|grant/i.test(words) && !missing.test(words)
}

/** Whether the error is about the client or its secret, so that the server accepted the body. */
export const isAboutClient = (exchange: Exchange): boolean => {
  const error = exchange.json?.["error"]
  if (error === "invalid_client" || error === "unauthorized_client") return true
  if (isGranted(exchange) || isAboutGrant(exchange)) return false
  if (typeof error === "string" && /^(invalid|unsupported)_/.test(error)) return false
  const words = errorText(exchange)
  return /client|secret|authentication|credential/i.test(words) && !missing.test(words)
}

/** Reads the habits that the token response of a login shows. */
export const readTokenResponse = (habits: ServerHabits, { json, status }: Exchange): void => {
  const expiresIn = json?.["expires_in"]
  habits.expiresIn =
    typeof expiresIn === "number" ? "number" : typeof expiresIn === "string" ? "string" : "absent"
  const type = json?.["token_type"]
  habits.tokenType = typeof type === "string" ? (type === "bearer" ? "bearer" : "present") : "absent"
  if (habits.tokenType === "present" && String(type).toLowerCase() !== "bearer") {
    habits.notes.push("The token_type is not Bearer. See the transcript.")
  }
  const seconds = Number(expiresIn ?? Number.NaN)
  if (Number.isFinite(seconds) && seconds >= 1) habits.accessTokenLifetime = seconds
  habits.tokenStatus = status
  habits.refreshToken = typeof json?.["refresh_token"] === "string" ? "present" : "absent"
  const scope = json?.["scope"]
  const scopes = typeof scope === "string" ? scope.split(" ").filter((item) => item !== "") : []
  habits.scope = scopes.length === 0 ? "absent" : "always"
  if (scopes.length > 0) habits.scopes = scopes
}
