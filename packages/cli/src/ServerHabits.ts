/** What was seen of a server, in the format that the mock server reads: `ellipsis-oauth-mock --like`. */
import type { Exchange } from "./Transcript.js"

type Encoding = "form" | "json"

/** What is left out was not seen. */
export interface ServerHabits {
  readonly format: "ellipsis-oauth/server-habits@1"
  readonly server: string
  readonly observedAt: string
  bodyEncoding?: readonly Encoding[]
  rotation?: "always" | "never"
  expiresIn?: "number" | "string" | "absent"
  tokenType?: "present" | "absent"
  publicClients?: "allowed" | "refused"
  errorBody?: "rfc6749" | "message" | "text"
  /** Seconds. */
  accessTokenLifetime?: number
  readonly notes: string[]
}

export const errorBodyOf = ({ json }: Exchange): NonNullable<ServerHabits["errorBody"]> =>
  typeof json?.["error"] === "string" ? "rfc6749" : typeof json?.["message"] === "string" ? "message" : "text"

/** Whether the server has read the request: it speaks of the token or the client, and not of the body. */
export const isUnderstood = ({ json, text }: Exchange): boolean => {
  const { error, message } = json ?? {}
  if (error === "invalid_grant" || error === "invalid_client" || error === "unauthorized_client") return true
  if (typeof error === "string") return false
  return /refresh.?token|grant|client/i.test(typeof message === "string" ? message : text)
}

export const readTokenResponse = (habits: ServerHabits, { json }: Exchange): void => {
  const expiresIn = json?.["expires_in"]
  habits.expiresIn =
    typeof expiresIn === "number" ? "number" : typeof expiresIn === "string" ? "string" : "absent"
  habits.tokenType = typeof json?.["token_type"] === "string" ? "present" : "absent"
  const seconds = Number(expiresIn ?? Number.NaN)
  if (Number.isFinite(seconds) && seconds >= 1) habits.accessTokenLifetime = seconds
}

const unknown = "not seen"

/** In plain words, a line for each. */
export const describeHabits = (habits: ServerHabits): string => {
  const { bodyEncoding, rotation, expiresIn, tokenType, publicClients, errorBody } = habits
  const encodings = { form: "form (RFC 6749)", json: "JSON" }
  const rows = [
    ["Token requests", bodyEncoding?.map((encoding) => encodings[encoding]).join(" and ")],
    [
      "Refresh tokens",
      rotation &&
        (rotation === "always" ? "each refresh gives a new one, and the old one is spent" : "stay the same"),
    ],
    [
      "expires_in",
      expiresIn &&
        (expiresIn === "absent"
          ? "absent: the lifetime is unknown, and a token is refreshed when the API refuses it"
          : `a ${expiresIn}${habits.accessTokenLifetime === undefined ? "" : `: tokens live for ${habits.accessTokenLifetime} s`}`),
    ],
    ["token_type", tokenType],
    [
      "Public clients",
      publicClients &&
        (publicClients === "allowed"
          ? "may use the token endpoint without a secret"
          : "are refused at the token endpoint"),
    ],
    [
      "Errors",
      errorBody &&
        { rfc6749: "JSON with error (RFC 6749 §5.2)", message: "JSON with message", text: "text" }[errorBody],
    ],
  ]
  const lines = rows.map(([label = "", value]) => `  ${label.padEnd(16)} ${value ?? unknown}`)
  return [...lines, ...habits.notes.map((note) => `  ${note}`)].join("\n")
}

/** The options that fit, to be pasted into an app. */
export const describeOptions = ({ server, bodyEncoding }: ServerHabits, hosted: string): string => {
  const options = [
    ...(server === hosted ? [] : [`baseUrl: ${JSON.stringify(server)}`]),
    ...(bodyEncoding === undefined || bodyEncoding.includes("form") ? [] : ['bodyEncoding: "json"']),
  ]
  return `ellipsisDrive(${options.length === 0 ? "" : `{ ${options.join(", ")} }`})`
}
