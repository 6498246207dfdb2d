/** What the token endpoint may send, and what becomes of it. */
import { inspect } from "node:util"
import type { Peer } from "../peers/Peer.ts"
import { describeError, outcomeOf, plural } from "./describe.ts"
import { credentials, type Login, withCode, withLogin } from "./Login.ts"
import { notOffered, type Row } from "./Row.ts"
import { type Scripted, TokenEndpoint } from "./TokenEndpoint.ts"

const group = "Token responses"

const lifetime = (expiresAt: number | undefined): string => {
  if (expiresAt === undefined) return "no expiry"
  if (Number.isNaN(expiresAt)) return "expiry NaN"
  const seconds = Math.round((expiresAt - Date.now()) / 1000)
  // Seconds may pass while it is read.
  const near = [0, 3600].find((value) => Math.abs(value - seconds) <= 5)
  return `expires in ${(near ?? seconds).toLocaleString("en-US")} s`
}

/** After a code exchange. */
const describeHeld = async ({ client }: Login): Promise<string> => {
  const { accessToken, expiresAt } = await client.held()
  if (accessToken === undefined) return "resolves without an access token"
  if (accessToken === "") return "an empty access token"
  return `token, ${lifetime(expiresAt)}`
}

const exchange =
  (scripted: Scripted) =>
  (peer: Peer): Promise<string> =>
    withCode(peer, async (login) => {
      login.endpoint.next(scripted)
      const outcome = await outcomeOf(login.complete())
      return "error" in outcome ? describeError(outcome.error) : describeHeld(login)
    })

const row = (id: string, title: string, observe: Row["observe"]): Row => ({ id, group, title, observe })

/** A client that tries again does so until its deadline. */
const longRow: typeof row = (...settings) => ({ ...row(...settings), isLong: true })

/** Refreshes while every request meets the same. */
const refreshAlways =
  (scripted: Scripted) =>
  (peer: Peer): Promise<string> =>
    withLogin(peer, async ({ client, endpoint }) => {
      endpoint.always = scripted
      const outcome = await outcomeOf(client.refresh())
      const sent = plural(endpoint.requests.length, "request")
      return `${sent}; ${"error" in outcome ? describeError(outcome.error) : "no error"}`
    })

/** Refreshes while the first request meets something. */
const refreshOnce =
  (scripted: Scripted) =>
  (peer: Peer): Promise<string> =>
    withLogin(peer, async ({ client, endpoint }) => {
      const { accessToken: before } = await client.held()
      endpoint.next(scripted)
      const outcome = await outcomeOf(client.refresh())
      const [first, second] = endpoint.requests
      const pause =
        first === undefined || second === undefined
          ? ""
          : `, the second after ${((second.at - first.at) / 1000).toFixed(1)} s`
      const sent = `${plural(endpoint.requests.length, "request")}${pause}`
      if ("error" in outcome) return `${sent}; ${describeError(outcome.error)}`
      const { accessToken } = await client.held()
      return `${sent}; ${accessToken === before ? "resolves with the old token" : "a new token"}`
    })

const challenge = 'Basic realm="drive"'

const kept = (peer: Peer): Promise<string> =>
  withCode(peer, async (login) => {
    login.endpoint.next({
      status: 401,
      headers: { "www-authenticate": challenge },
      body: { error: "invalid_client", error_description: "the secret has ended" },
    })
    const outcome = await outcomeOf(login.complete())
    if (!("error" in outcome)) return "no error"
    const told = inspect(outcome.error, { depth: 8 })
    const parts = Object.entries({
      code: "invalid_client",
      description: "the secret has ended",
      status: "401",
      challenge: "drive",
    })
    const names = (has: boolean) =>
      parts.filter(([, text]) => told.includes(text) === has).map(([name]) => name)
    const missing = names(false)
    const name = outcome.error instanceof Error ? outcome.error.name : "an error"
    return `${name} with ${names(true).join(", ") || "none of them"}${missing.length > 0 ? `; without ${missing.join(", ")}` : ""}`
  })

/** What the place that a redirect leads to gets to see. */
const redirected = (peer: Peer): Promise<string> =>
  withLogin(peer, async ({ client, endpoint }) => {
    const elsewhere = await new TokenEndpoint().listen()
    try {
      const { refreshToken = "" } = await client.held()
      endpoint.always = { status: 307, headers: { location: `${elsewhere.origin}/token` } }
      const outcome = await outcomeOf(client.refresh())
      const result = "error" in outcome ? describeError(outcome.error) : "no error"
      const [request] = elsewhere.requests
      if (request === undefined) return `not followed; ${result}`
      const sent = String(request.form)
      const seen = [
        ...(sent.includes(credentials.clientSecret) ? ["client secret"] : []),
        ...(sent.includes(refreshToken) ? ["refresh token"] : []),
      ]
      return `followed; the other origin gets ${seen.join(" and ") || "no secret"}`
    } finally {
      elsewhere.close()
    }
  })

const special = { clientId: "app one", clientSecret: "p:ss+wo%rd" }

const basicHeader = (peer: Peer): Promise<string> =>
  withCode(
    peer,
    async ({ complete, endpoint }) => {
      const outcome = await outcomeOf(complete())
      const [request] = endpoint.requests
      if (request === undefined) return "error" in outcome ? describeError(outcome.error) : "no request"
      const header = request.authorization ?? ""
      const decoded = Buffer.from(header.replace(/^Basic /, ""), "base64").toString()
      if (decoded === `${special.clientId}:${special.clientSecret}`) return "as it is, not encoded"
      const separator = decoded.indexOf(":")
      const parts = [decoded.slice(0, separator), decoded.slice(separator + 1)]
      const form = parts.map((part) => new URLSearchParams(`x=${part}`).get("x"))
      return form[0] === special.clientId && form[1] === special.clientSecret
        ? "form-encoded"
        : `in part: \`${decoded}\``
    },
    { ...special, basic: true },
  )

/** Seconds after which a caller is not waited for any longer. */
const maxWait = 40

const hanging = (peer: Peer): Promise<string> =>
  withLogin(peer, async ({ client, endpoint }) => {
    endpoint.always = { wire: "hang" }
    const startedAt = performance.now()
    let timer: NodeJS.Timeout | undefined
    const given = new Promise<string>((resolve) => {
      timer = setTimeout(resolve, maxWait * 1000, `no error in ${maxWait} s`)
    })
    const ended = outcomeOf(client.refresh()).then((outcome) => {
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(0)
      return `after ${seconds} s: ${"error" in outcome ? describeError(outcome.error) : "no error"}`
    })
    try {
      return await Promise.race([given, ended])
    } finally {
      clearTimeout(timer)
    }
  })

const aborted = (peer: Peer): Promise<string> => {
  if (!peer.takesSignal) return Promise.resolve(notOffered)
  return withLogin(
    peer,
    async ({ client, endpoint }) => {
      await waitUntilExpired(client)
      endpoint.next({ delay: 300 })
      const outcome = await outcomeOf(client.getAccessToken(AbortSignal.timeout(100)))
      const first = "error" in outcome && outcome.error instanceof Error ? outcome.error.name : "no error"
      const again = await outcomeOf(client.getAccessToken())
      const second = "error" in again ? describeError(again.error) : "token"
      return `${first}; the next call: ${second}`
    },
    { lifetime: 1 },
  )
}

/** Tokens of a second. */
const waitUntilExpired = async (client: Login["client"]): Promise<void> => {
  const { expiresAt } = await client.held()
  if (expiresAt === undefined) throw new Error("its expiry is unknown")
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, expiresAt - Date.now()) + 20))
}

const nested = `${"[".repeat(5000)}${"]".repeat(5000)}`
const token = { access_token: "scripted-access-token", token_type: "Bearer", expires_in: 3600 }

export const tokenResponses: readonly Row[] = [
  row("error200", '200 with `{"error":"invalid_grant"}`', exchange({ body: { error: "invalid_grant" } })),
  row(
    "challenge401",
    "401 with `WWW-Authenticate` and a JSON error: what the error tells, a response that it has not read aside",
    kept,
  ),
  row("noTokenType", "no `token_type`", exchange({ token: { token_type: undefined } })),
  row("expiresInString", '`expires_in: "3600"`', exchange({ token: { expires_in: "3600" } })),
  row("expiresInMissing", "no `expires_in`", exchange({ token: { expires_in: undefined } })),
  row("expiresInZero", "`expires_in: 0`", exchange({ token: { expires_in: 0 } })),
  row("expiresInNegative", "`expires_in: -1`", exchange({ token: { expires_in: -1 } })),
  row(
    "expiresInDate",
    "`expires_in` is a date",
    exchange({ token: { expires_in: "Thu, 01 Jan 2026 00:00:00 GMT" } }),
  ),
  row("noAccessToken", "no `access_token`", exchange({ token: { access_token: undefined } })),
  row("emptyAccessToken", '`access_token: ""`', exchange({ token: { access_token: "" } })),
  row("noContentType", "a token without `Content-Type`", exchange({ headers: {} })),
  row(
    "nestedArrays",
    "5,000 nested arrays beside the token",
    exchange({
      headers: { "content-type": "application/json" },
      body: `${JSON.stringify(token).slice(0, -1)},"extra":${nested}}`,
    }),
  ),
  row("html404", "404 with HTML at a code exchange", exchange({ status: 404, body: "<h1>Not Found</h1>" })),
  row(
    "cut",
    "a refresh whose response is cut off, once; the server keeps the refresh token",
    refreshOnce({ wire: "cut", keepsRefreshToken: true }),
  ),
  row("dropped", "a refresh whose connection is dropped, once", refreshOnce({ wire: "drop" })),
  longRow(
    "unavailable503",
    "503 with a JSON error to every refresh",
    refreshAlways({ status: 503, body: { error: "temporarily_unavailable" } }),
  ),
  longRow(
    "gateway502",
    "502 with HTML to every refresh",
    refreshAlways({ status: 502, headers: { "content-type": "text/html" }, body: "<h1>Bad Gateway</h1>" }),
  ),
  row(
    "retryAfter",
    "429 with `Retry-After: 1`, once",
    refreshOnce({ status: 429, headers: { "retry-after": "1" } }),
  ),
  row("redirect307", "307 to another origin at a refresh", redirected),
  row("basicHeader", 'HTTP Basic for the id "app one" and the secret "p:ss+wo%rd"', basicHeader),
  row("abort", "a caller aborts a refresh that the server then completes, and asks again", aborted),
  longRow("hang", "a server that never responds to a refresh", hanging),
]
