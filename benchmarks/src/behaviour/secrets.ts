/** Which secrets are in what an app prints or logs. */
import { inspect } from "node:util"
import type { Peer } from "../peers/Peer.ts"
import { outcomeOf } from "./describe.ts"
import { credentials, type Login, withCode, withLogin } from "./Login.ts"
import type { Row } from "./Row.ts"
import type { Scripted, TokenRequest } from "./TokenEndpoint.ts"

const group = "Secrets"

const row = (id: string, title: string, observe: Row["observe"]): Row => ({ id, group, title, observe })

/** The rows of one kind look at the same errors. */
const once = <A>(find: (peer: Peer) => Promise<A>): ((peer: Peer) => Promise<A>) => {
  const found = new Map<Peer, Promise<A>>()
  return (peer) => {
    const known = found.get(peer) ?? find(peer)
    found.set(peer, known)
    return known
  }
}

type Secrets = Readonly<Record<string, string | undefined>>

type Print = (value: unknown) => string

const printed: Print = (value) => `${inspect(value)}\n${String(value)}`

const asJson: Print = (value) => {
  try {
    return JSON.stringify(value) ?? ""
  } catch {
    return ""
  }
}

/** Everything that can be reached, as an error tracker does. */
const atAnyDepth: Print = (value) =>
  inspect(value, { depth: 12, maxStringLength: null, maxArrayLength: null })

const foundIn = (text: string, secrets: Secrets): readonly string[] =>
  Object.entries(secrets)
    .filter(([, secret]) => secret !== undefined && secret !== "" && text.includes(secret))
    .map(([name]) => name)

const list = (names: ReadonlySet<string> | readonly string[]): string => [...names].join(", ") || "none"

/** Ways of failing in which the server repeats nothing of the request. */
const silent: readonly Scripted[] = [
  { status: 400, body: { error: "invalid_grant", error_description: "no" } },
  { status: 401, headers: { "www-authenticate": 'Basic realm="drive"' }, body: { error: "invalid_client" } },
  { status: 500, body: "Internal Server Error" },
  { wire: "drop" },
  { wire: "cut" },
  { body: "<h1>Hello</h1>", headers: { "content-type": "text/html" } },
  { token: { access_token: undefined } },
]

const quote = ({ authorization, form }: TokenRequest): string => `${form} ${authorization ?? ""}`

/** The server repeats the request in its error. */
const quoting: readonly Scripted[] = [
  {
    status: 400,
    body: (request) => ({ error: "invalid_request", error_description: `cannot read ${quote(request)}` }),
  },
  { status: 400, body: (request) => ({ message: `cannot read ${quote(request)}` }) },
  { status: 500, body: (request) => `Error while handling ${quote(request)}` },
]

interface Failure {
  readonly error: unknown
  readonly secrets: Secrets
}

const secretsOf = ({ code, endpoint }: Login): Secrets => ({
  "client secret": credentials.clientSecret,
  code,
  "code verifier": endpoint.verifiers[0],
  "refresh token": endpoint.refreshTokens.at(-1),
  "access token": endpoint.accessTokens.at(-1),
})

const exchangeFailures = (peer: Peer, ways: readonly Scripted[]): Promise<readonly Failure[]> =>
  Promise.all(
    ways.map((way) =>
      withCode(peer, async (login) => {
        login.endpoint.always = way
        const outcome = await outcomeOf(login.complete())
        return { error: "error" in outcome ? outcome.error : undefined, secrets: secretsOf(login) }
      }),
    ),
  )

const refreshFailures = (peer: Peer, ways: readonly Scripted[]): Promise<readonly Failure[]> =>
  Promise.all(
    ways.map((way) =>
      withLogin(peer, async (login) => {
        const { refreshToken } = await login.client.held()
        login.endpoint.always = way
        const outcome = await outcomeOf(login.client.refresh())
        const secrets = secretsOf(login)
        return {
          error: "error" in outcome ? outcome.error : undefined,
          secrets: {
            ...secrets,
            code: undefined,
            "refresh token": refreshToken,
            "new refresh token": login.endpoint.refreshTokens.slice(1).at(-1),
          },
        }
      }),
    ),
  )

const leaks = (failures: readonly Failure[], print: Print): string =>
  list(new Set(failures.flatMap(({ error, secrets }) => foundIn(print(error), secrets))))

const errorRow = (
  id: string,
  title: string,
  find: (peer: Peer) => Promise<readonly Failure[]>,
): readonly Row[] => {
  const failures = once(find)
  const each = (form: string, suffix: string, print: Print): Row => ({
    ...row(`${id}${suffix}`, `${title}: ${form}`, async (peer) => leaks(await failures(peer), print)),
    isLong: true,
  })
  return [
    each("printed", "Printed", printed),
    each("as JSON", "Json", asJson),
    each("at any depth", "Deep", atAnyDepth),
  ]
}

const held = (part: "client" | "token", print: Print) => (peer: Peer) =>
  withLogin(peer, async (login) => {
    const value = (await login.client.printable())[part]
    if (value === undefined) return "not offered"
    const { accessToken, refreshToken } = await login.client.held()
    return list(
      foundIn(print(value), {
        "client secret": credentials.clientSecret,
        "access token": accessToken,
        "refresh token": refreshToken,
      }),
    )
  })

export const secrets: readonly Row[] = [
  ...errorRow("exchangeErrors", "errors of a code exchange", (peer) => exchangeFailures(peer, silent)),
  ...errorRow("refreshErrors", "errors of a refresh", (peer) => refreshFailures(peer, silent)),
  ...errorRow("quotedErrors", "errors of a server that repeats the request", async (peer) => [
    ...(await exchangeFailures(peer, quoting)),
    ...(await refreshFailures(peer, quoting)),
  ]),
  row("clientPrinted", "the client, printed", held("client", printed)),
  row("clientJson", "the client, as JSON", held("client", asJson)),
  row("tokenPrinted", "the token, printed", held("token", printed)),
  row("tokenJson", "the token, as JSON", held("token", asJson)),
]
