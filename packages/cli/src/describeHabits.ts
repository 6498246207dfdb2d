/** Describes the observed behaviour of a server for people: in words, and as options for an app. */
import type { ServerHabits } from "./ServerHabits.js"

const unknown = "not seen"

/** The words for a value; `undefined` if the value is. */
const word = <A extends string>(
  found: A | undefined,
  words: Readonly<Record<A, string>>,
): string | undefined => found && words[found]

const list = <A extends string>(
  found: readonly A[] | undefined,
  words: Readonly<Record<A, string>>,
): string | undefined => found?.map((item) => words[item]).join(" and ")

const errors = (habits: ServerHabits): string | undefined => {
  const { errorBody, grantErrorStatus, clientErrorStatus } = habits
  if (errorBody === undefined) return undefined
  const statuses = [
    ...(grantErrorStatus === undefined ? [] : [`HTTP ${grantErrorStatus} for a refresh token or code`]),
    ...(clientErrorStatus === undefined ? [] : [`HTTP ${clientErrorStatus} for the client`]),
  ]
  const body = { rfc6749: "JSON with error (RFC 6749 §5.2)", message: "JSON with message", text: "text" }
  return [body[errorBody], ...statuses].join("; ")
}

const expiresIn = ({ expiresIn, accessTokenLifetime }: ServerHabits): string | undefined => {
  if (expiresIn === undefined) return undefined
  if (expiresIn === "absent") {
    return "absent: the lifetime is unknown; a token is refreshed when the API refuses it"
  }
  return `a ${expiresIn}${accessTokenLifetime === undefined ? "" : `: tokens are valid for ${accessTokenLifetime} s`}`
}

const refreshTokens = ({ refreshToken, rotation, spentRefreshToken }: ServerHabits): string | undefined => {
  if (refreshToken === "absent") return "none: a login ends when its access token expires"
  if (rotation === undefined) return undefined
  if (rotation === "never") return "stay the same at a refresh"
  return `each refresh returns a new one, and the old one ${
    spentRefreshToken === undefined
      ? "is no longer used"
      : {
          accepted: "still works for a while",
          refused: "is refused",
          endsLogin: "is refused, which also revokes the new one",
        }[spentRefreshToken]
  }`
}

const scope = ({ scope, scopes = [] }: ServerHabits): string | undefined =>
  word(scope, {
    always: `named in each token response: ${scopes.join(" ")}`,
    login: `named only in the token response of a login: ${scopes.join(" ")}`,
    absent: "not named in a token response",
  })

const pkce = ({ pkce, pkceMethods = [] }: ServerHabits): string | undefined =>
  pkce &&
  `${pkce}; ${pkceMethods.length === 0 ? "no method was accepted" : `by ${pkceMethods.join(" and ")}`}`

/** One line for each habit. */
export const describeHabits = (habits: ServerHabits): string => {
  const { bodyEncoding, clientAuthentication, codeParameter, publicClients, tokenStatus, tokenType } = habits
  const rows: ReadonlyArray<readonly [label: string, value: string | undefined]> = [
    ["Token requests", list(bodyEncoding, { form: "form (RFC 6749)", json: "JSON" })],
    [
      "Client secret",
      list(clientAuthentication, {
        body: "in the body",
        basic: "in a Basic header",
        "basic-raw": "in a Basic header without form encoding",
      }),
    ],
    [
      "Without secret",
      word(habits.withoutSecret, {
        allowed: "a client that has a secret may leave it out",
        refused: "refused, for a client that has a secret",
      }),
    ],
    [
      "Public clients",
      word(publicClients, {
        allowed: "may use the token endpoint without a secret",
        refused: "are refused at the token endpoint",
      }),
    ],
    ["Code", codeParameter && `sent as ${codeParameter}`],
    ["PKCE", pkce(habits)],
    ["Refresh tokens", refreshTokens(habits)],
    [
      "Unknown tokens",
      word(habits.unknownRefreshToken, {
        accepted: "accepted: the server does not check refresh tokens",
        refused: "refused",
      }),
    ],
    ["expires_in", expiresIn(habits)],
    [
      "token_type",
      word(tokenType, { present: "present", bearer: "present, in lower case", absent: "absent" }),
    ],
    ["Scope", scope(habits)],
    ["Token response", tokenStatus === undefined ? undefined : `HTTP ${tokenStatus}`],
    ["Errors", errors(habits)],
  ]
  const lines = rows.map(([label, value]) => `  ${label.padEnd(16)} ${value ?? unknown}`)
  return [...lines, ...habits.notes.map((note) => `  ${note}`)].join("\n")
}

/** The matching options, as code for an app. */
export const describeOptions = (habits: ServerHabits, hosted: string): string => {
  const { server, bodyEncoding, clientAuthentication = ["body"], codeParameter } = habits
  const encoding = bodyEncoding === undefined || bodyEncoding.includes("form") ? [] : ['bodyEncoding: "json"']
  const call = (name: string, options: readonly string[]) =>
    `${name}(${options.length === 0 ? "" : `{ ${options.join(", ")} }`})`
  const preset =
    codeParameter === "code"
      ? call("rfc6749", [
          `authorizationEndpoint: ${JSON.stringify(`${server}/oauth/authorize`)}`,
          `tokenEndpoint: ${JSON.stringify(`${server}/oauth/token`)}`,
          ...encoding,
        ])
      : call("ellipsisDrive", [
          ...(server === hosted ? [] : [`baseUrl: ${JSON.stringify(server)}`]),
          ...encoding,
        ])
  if (clientAuthentication.includes("body")) return preset
  return `${preset}

and in createTokenClient, together with the client secret:

  clientAuthentication: ${JSON.stringify(clientAuthentication[0])}`
}
