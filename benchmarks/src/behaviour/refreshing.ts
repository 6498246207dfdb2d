/** Who sends how many refreshes, and who is signed out. */
import type { Peer } from "../peers/Peer.ts"
import { advance } from "./clock.ts"
import { describeError, outcomeOf, plural } from "./describe.ts"
import { withCode, withLogin } from "./Login.ts"
import { notOffered, type Row } from "./Row.ts"
import { type Scripted, TokenEndpoint } from "./TokenEndpoint.ts"

const group = "Refreshing"

const hour = 3_600_000

const row = (id: string, title: string, observe: Row["observe"]): Row => ({
  id,
  group,
  title,
  observe,
  movesClock: true,
})

/** Rows about what a library keeps say nothing of one that keeps nothing. */
const keeping =
  (observe: Row["observe"]): Row["observe"] =>
  async (peer) =>
    peer.keepsTokens ? observe(peer) : notOffered

const tally = (outcomes: readonly PromiseSettledResult<string | undefined>[]): string => {
  const tokens = outcomes.filter(({ status }) => status === "fulfilled").length
  const errors = outcomes.length - tokens
  return `${plural(tokens, "token")}, ${plural(errors, "error")}`
}

const concurrent = (peer: Peer): Promise<string> =>
  withLogin(peer, async ({ client, endpoint }) => {
    advance(hour + 1000)
    endpoint.next(...Array.from({ length: 10 }, (): Scripted => ({ delay: 20 })))
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => client.getAccessToken()))
    return `${plural(endpoint.requests.length, "request")}; ${tally(outcomes)}`
  })

const sharedStore = (peer: Peer): Promise<string> =>
  withLogin(peer, async ({ client, endpoint }) => {
    if (client.share === undefined) return notOffered
    const others = await Promise.all([client.share(), client.share(), client.share()])
    advance(hour + 1000)
    endpoint.next({ delay: 50 })
    const outcomes = await Promise.allSettled([client, ...others].map((each) => each.getAccessToken()))
    await Promise.all(others.map((each) => each.close()))
    return `${plural(endpoint.requests.length, "request")}; ${tally(outcomes)}`
  })

/** Which refresh token the second of two refreshes sends. */
const nextSent = (token: Scripted["token"]) => (peer: Peer) =>
  withLogin(peer, async ({ client, endpoint }) => {
    const { refreshToken: first = "" } = await client.held()
    if (token !== undefined) endpoint.next({ token, keepsRefreshToken: true })
    const outcome = await outcomeOf(client.refresh())
    if ("error" in outcome) return describeError(outcome.error)
    const second = endpoint.refreshTokens.at(-1)
    const again = await outcomeOf(client.refresh())
    const sent = endpoint.requests[1]?.form.get("refresh_token")
    if (sent === first) return "the old one"
    if (sent === second) return "the new one"
    const error = "error" in again ? `: ${describeError(again.error)}` : ""
    if (endpoint.requests[1] === undefined) return `no request${error}`
    return `none${error}`
  })

/** An expired token, a refresh that fails, and then the same call when all is well again. */
const afterFailure = (scripted: Scripted) => (peer: Peer) =>
  withLogin(peer, async ({ client, endpoint }) => {
    advance(hour + 1000)
    endpoint.always = scripted
    await outcomeOf(client.getAccessToken())
    const { refreshToken } = await outcomeOf(client.held()).then((held) =>
      "error" in held ? { refreshToken: undefined } : held.value,
    )
    endpoint.always = undefined
    // Who waits between two tries is not asked too early.
    advance(10 * 60_000)
    await new Promise((resolve) => setTimeout(resolve, 1500))
    const again = await outcomeOf(client.getAccessToken())
    const result =
      "error" in again
        ? describeError(again.error)
        : endpoint.accessTokens.indexOf(again.value ?? "") > 0
          ? "a new token"
          : again.value === undefined
            ? "no token"
            : "the expired token"
    return `refresh token ${refreshToken === undefined ? "removed" : "kept"}; when all is well again: ${result}`
  })

const refused = (peer: Peer): Promise<string> =>
  withLogin(peer, async ({ client, endpoint }) => {
    advance(hour + 1000)
    endpoint.always = { status: 400, body: { error: "invalid_grant" } }
    const first = await outcomeOf(client.getAccessToken())
    const before = endpoint.requests.length
    const second = await outcomeOf(client.getAccessToken())
    const error =
      "error" in first
        ? describeError(first.error)
        : `no error, ${first.value === undefined ? "no token" : "the expired token"}`
    const repeated = endpoint.requests.length - before
    const next = `the next call: ${plural(repeated, "request")}${"error" in second ? "" : ", no error"}`
    return `${plural(before, "request")}; ${error}; ${next}`
  })

const nearExpiry = (peer: Peer): Promise<string> =>
  withLogin(peer, async ({ client, endpoint }) => {
    advance(hour - 30_000)
    endpoint.always = { status: 503 }
    const outcome = await outcomeOf(client.getAccessToken())
    const result = "error" in outcome ? describeError(outcome.error) : "the valid token"
    return `${result}; ${plural(endpoint.requests.length, "request")}`
  })

const deadToken = (peer: Peer): Promise<string> =>
  withLogin(peer, async ({ client, endpoint }) => {
    if (client.fetch === undefined) return notOffered
    const { accessToken: dead } = await client.held()
    advance(60_000)
    endpoint.acceptsToken = (token) => token !== dead
    const call = client.fetch
    const statuses = await Promise.allSettled([1, 2, 3].map(() => call(`${endpoint.origin}/api`)))
    const ok = statuses.filter((each) => each.status === "fulfilled" && each.value === 200).length
    return `${plural(endpoint.requests.length, "refresh")}; ${ok} of 3 calls succeed`
  })

const forbidden = (peer: Peer): Promise<string> =>
  withLogin(peer, async ({ client, endpoint }) => {
    if (client.fetch === undefined) return notOffered
    advance(60_000)
    endpoint.acceptsToken = () => false
    const errors = new Set<string>()
    for (let i = 0; i < 10; i++) {
      const outcome = await outcomeOf(client.fetch(`${endpoint.origin}/api`))
      errors.add("error" in outcome ? describeError(outcome.error) : `HTTP ${outcome.value}`)
    }
    const refreshes = plural(endpoint.requests.length, "refresh")
    return `${refreshes}; the caller gets ${[...errors].join(", ")}`
  })

const otherOrigin = (peer: Peer): Promise<string> =>
  withLogin(peer, async ({ client, endpoint }) => {
    if (client.fetch === undefined) return notOffered
    const elsewhere = await new TokenEndpoint().listen()
    try {
      const { accessToken = "" } = await client.held()
      const outcome = await outcomeOf(client.fetch(`${elsewhere.origin}/api`))
      const sent = elsewhere.apiCalls.some((each) => each?.includes(accessToken))
      if (sent) return "sent"
      if (endpoint.apiCalls.length + elsewhere.apiCalls.length > 0) return "not sent"
      return "error" in outcome ? describeError(outcome.error) : "no call"
    } finally {
      elsewhere.close()
    }
  })

const stateMismatch = (peer: Peer): Promise<string> => {
  if (!peer.checksState) return Promise.resolve(notOffered)
  return withCode(peer, async ({ callbackUrl, client, endpoint }) => {
    await callbackUrl()
    const outcome = await outcomeOf(client.complete(await callbackUrl("another-state")))
    const result = "error" in outcome ? describeError(outcome.error) : "no error"
    return `${plural(endpoint.requests.length, "request")}; ${result}`
  })
}

const twice = (peer: Peer): Promise<string> =>
  withCode(peer, async ({ callbackUrl, client, endpoint }) => {
    const url = await callbackUrl()
    const outcomes = [await outcomeOf(client.complete(url)), await outcomeOf(client.complete(url))]
    const [, second] = outcomes
    const result = second === undefined || !("error" in second) ? "no error" : describeError(second.error)
    return `the code is sent ${endpoint.requests.length === 1 ? "once" : `${endpoint.requests.length} times`}; ${result}`
  })

const notFound: Scripted = {
  status: 404,
  body: { message: "Route POST:/token not found", error: "Not Found", statusCode: 404 },
}

export const refreshing: readonly Row[] = [
  row("concurrent", "10 callers at once on an expired token", keeping(concurrent)),
  row("sharedStore", "4 clients on one store, with one expired token", sharedStore),
  row(
    "omittedRefreshToken",
    "a refresh without a new refresh token: what the next refresh sends",
    keeping(nextSent({ refresh_token: undefined })),
  ),
  row(
    "rotatedRefreshToken",
    "a refresh with a new refresh token: what the next refresh sends",
    keeping(nextSent(undefined)),
  ),
  {
    ...row("signedOutByDrop", "a refresh meets dropped connections", keeping(afterFailure({ wire: "drop" }))),
    isLong: true,
  },
  { ...row("signedOutBy503", "a refresh meets 503", keeping(afterFailure({ status: 503 }))), isLong: true },
  row(
    "signedOutBy404",
    'a refresh meets a gateway\'s 404 `{"message":"Route POST:/token not found"}`',
    keeping(afterFailure(notFound)),
  ),
  row("invalidGrant", "a refresh is refused with `invalid_grant`, and the app asks again", keeping(refused)),
  row(
    "validToken",
    "the token is good for another 30 s, and the token endpoint responds with 503",
    keeping(nearExpiry),
  ),
  row("deadToken", "3 API calls at once meet a 401", deadToken),
  row("forbidden", "10 API calls, one after the other, each meet a 401", forbidden),
  row("otherOrigin", "the access token, at a call to another origin", otherOrigin),
  row("stateMismatch", "the user comes back with another `state`", stateMismatch),
  row("callbackTwice", "the callback URL is opened twice", twice),
]
