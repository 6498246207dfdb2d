/** What `doctor` tries, one request after the other, and what it learns from each. */
import { isTokenError, type TokenClient } from "@ellipsis-oauth/node"
import { logInByBrowser } from "./browserLogin.js"
import type { Profile } from "./Profile.js"
import {
  type Authentication,
  type ChallengeMethod,
  type CodeParameter,
  type Encoding,
  errorBodyOf,
  isAboutClient,
  isAboutGrant,
  isGranted,
  readTokenResponse,
  type ServerHabits,
} from "./ServerHabits.js"
import type { Task } from "./Task.js"
import type { Exchange, Transcript } from "./Transcript.js"

/** One way to send a token request. */
export interface Way {
  readonly encoding: Encoding
  readonly authentication: Authentication | "none"
  readonly codeParameter: CodeParameter
}

export interface Examination {
  readonly profile: Profile
  readonly clientSecret: string | undefined
  /** Milliseconds. */
  readonly timeout: number
  readonly open: (way: Way) => TokenClient
  readonly transcript: Transcript
  readonly habits: ServerHabits
}

const encodings = { form: "a form", json: "JSON" } as const

const authentications = {
  body: "with the client secret in the body",
  basic: "with a Basic header",
  "basic-raw": "with a Basic header without form encoding",
  none: "without the client secret",
} as const

const secretNeeded =
  "A refresh without the client secret was refused. Whether a public client is allowed is seen with --client-authentication none."

export const examine = async (task: Task, examination: Examination): Promise<void> => {
  const { profile, clientSecret, timeout, open, transcript, habits } = examination
  const way = await findCodeParameter(task, examination, await findWay(task, examination))
  await examineAuthorization(task, examination, open(way))

  const client = open(way)
  transcript.begin("The code of the login")
  try {
    await logInByBrowser(task, client, profile, { timeout })
  } catch (error) {
    const { last } = transcript
    if (last !== undefined && clientSecret === undefined && isAboutClient(last)) {
      habits.publicClients = "refused"
      learnError(habits, last)
    }
    throw error
  }
  habits.bodyEncoding = [way.encoding]
  habits.codeParameter = way.codeParameter
  if (transcript.last !== undefined) readTokenResponse(habits, transcript.last)
  if (way.authentication === "none") habits.publicClients = "allowed"
  else habits.clientAuthentication = [way.authentication]

  const { refreshToken } = await client.session().getToken({ signal: task.signal })
  if (habits.refreshToken === "absent" || refreshToken === undefined) {
    habits.notes.push("The server gives no refresh token: each login ends with its access token.")
    return
  }
  await examineRefreshes(task, examination, way, refreshToken)
}

/** One request, and what came back, whether it was granted or not. */
const attempt = async (
  { signal }: Task,
  { transcript }: Examination,
  title: string,
  call: (signal: AbortSignal) => Promise<unknown>,
): Promise<Exchange | undefined> => {
  const responded = new AbortController()
  // The client would try again where the server says that it is unavailable.
  transcript.begin(title, () => {
    const { status } = transcript.last ?? { status: 0 }
    if (status === 429 || status >= 500) responded.abort()
  })
  try {
    await call(AbortSignal.any([signal, responded.signal]))
  } catch (error) {
    signal.throwIfAborted()
    // A response is a finding, whatever it is; that none came is not.
    if (transcript.last === undefined || !(responded.signal.aborted || isTokenError(error))) throw error
  }
  return transcript.last
}

const learnError = (habits: ServerHabits, exchange: Exchange): void => {
  habits.errorBody ??= errorBodyOf(exchange)
  if (isAboutGrant(exchange)) habits.grantErrorStatus ??= exchange.status
  else if (isAboutClient(exchange)) habits.clientErrorStatus ??= exchange.status
}

/** The chosen one first. A Basic header is tried without form encoding only where that makes another one. */
const authenticationsToTry = ({
  profile,
  clientSecret,
}: Examination): ReadonlyArray<Way["authentication"]> => {
  if (clientSecret === undefined || profile.clientAuthentication === "none") return ["none"]
  const isPlain = [profile.clientId, clientSecret].every(
    (text) => new URLSearchParams([["", text]]).toString() === `=${text}`,
  )
  const all = isPlain ? (["body", "basic"] as const) : (["body", "basic", "basic-raw"] as const)
  const first =
    isPlain && profile.clientAuthentication === "basic-raw" ? "basic" : profile.clientAuthentication
  return [first, ...all.filter((authentication) => authentication !== first)]
}

/**
 * The way that the server reads, shown by a refresh token that no server has given: it costs nothing, and a code is not
 * spent on the wrong kind of request.
 */
const findWay = async (task: Task, examination: Examination): Promise<Way> => {
  const { open, habits } = examination
  const unknownToken = crypto.randomUUID()
  const ways = authenticationsToTry(examination).flatMap((authentication) =>
    (["form", "json"] as const).map((encoding): Way => {
      return { encoding, authentication, codeParameter: "authorization_code" }
    }),
  )
  const [first] = ways as [Way, ...Way[]]
  let second: Way | undefined
  let unclear: Exchange | undefined
  for (const way of ways) {
    const how = way.authentication === first.authentication ? "" : `, ${authentications[way.authentication]}`
    const exchange = await attempt(
      task,
      examination,
      `An unknown refresh token, as ${encodings[way.encoding]}${how}`,
      (signal) => open(way).refreshToken(unknownToken, { signal }),
    )
    if (exchange === undefined) continue
    const isAccepted = isGranted(exchange)
    if (isAccepted || isAboutGrant(exchange)) {
      habits.unknownRefreshToken = isAccepted ? "accepted" : "refused"
      if (!isAccepted) learnError(habits, exchange)
      return way
    }
    unclear ??= exchange
    if (!isAboutClient(exchange)) continue
    second ??= way
    learnError(habits, exchange)
  }
  if (unclear !== undefined) habits.errorBody ??= errorBodyOf(unclear)
  return second ?? first
}

/** The name of the code's parameter, shown by a code that no server has given. */
const findCodeParameter = async (task: Task, examination: Examination, way: Way): Promise<Way> => {
  const { profile, open } = examination
  const unknownCode = crypto.randomUUID()
  const codeVerifier = unknownCode.repeat(2).slice(0, 43)
  for (const codeParameter of ["authorization_code", "code"] as const) {
    const exchange = await attempt(task, examination, `An unknown code, as ${codeParameter}`, (signal) =>
      open({ ...way, codeParameter }).exchangeAuthorizationCode(
        { code: unknownCode, codeVerifier, redirectUri: redirectUriOf(profile) },
        { signal },
      ),
    )
    if (exchange !== undefined && (isGranted(exchange) || isAboutGrant(exchange)))
      return { ...way, codeParameter }
  }
  return way
}

/** Where any port will do, the server allows each. */
const redirectUriOf = ({ host, port, path }: Profile): string =>
  `http://${host}:${port === 0 ? 8417 : port}${path}`

/** Whether a login can begin without PKCE, and with `plain`: compared with one that begins as this library's do. */
const examineAuthorization = async (
  { signal }: Task,
  { profile, transcript, habits }: Examination,
  client: TokenClient,
): Promise<void> => {
  const redirectUri = redirectUriOf(profile)
  const { scope } = profile
  const { url } = await client.createAuthorizationRequest({
    redirectUri,
    ...(scope === undefined ? {} : { scope }),
  })
  const begins = async (method: ChallengeMethod | "none"): Promise<boolean | undefined> => {
    const target = new URL(url)
    if (method === "none") {
      target.searchParams.delete("code_challenge")
      target.searchParams.delete("code_challenge_method")
    } else target.searchParams.set("code_challenge_method", method)
    const title = `A login that nobody goes on with, ${method === "none" ? "without PKCE" : `by PKCE with ${method}`}`
    return transcript.visit(title, target, redirectUri, signal)
  }
  if ((await begins("S256")) !== true) return
  const [plain, none] = [await begins("plain"), await begins("none")]
  if (plain !== undefined) habits.pkceMethods = plain ? ["S256", "plain"] : ["S256"]
  if (none !== undefined) habits.pkce = none ? "optional" : "required"
}

/** Each refresh may replace the refresh token, and a refused one must not cost the login. */
const examineRefreshes = async (
  task: Task,
  examination: Examination,
  way: Way,
  first: string,
): Promise<void> => {
  const { open, habits, clientSecret } = examination
  let current = first
  let spent: string | undefined
  const refresh = async (title: string, by: Way, refreshToken = current): Promise<Exchange | undefined> => {
    const exchange = await attempt(task, examination, title, (signal) =>
      open(by).refreshToken(refreshToken, { signal }),
    )
    if (exchange === undefined || !isGranted(exchange)) {
      if (exchange !== undefined) learnError(habits, exchange)
      return undefined
    }
    const next = exchange.json?.["refresh_token"]
    const isReplaced = typeof next === "string" && next !== current
    if (habits.rotation !== "always") habits.rotation = isReplaced ? "always" : "never"
    if (isReplaced) [spent, current] = [current, next]
    return exchange
  }

  const granted = await refresh("A refresh", way)
  if (granted === undefined) {
    habits.notes.push("The refresh token that came with the login was refused. The transcript says how.")
    return
  }
  if (habits.scope === "always" && typeof granted.json?.["scope"] !== "string") habits.scope = "login"
  const other = way.encoding === "form" ? "json" : "form"
  if ((await refresh(`A refresh as ${encodings[other]}`, { ...way, encoding: other })) !== undefined) {
    habits.bodyEncoding = ["form", "json"]
  }
  if (way.authentication !== "none") {
    const found: Authentication[] = [way.authentication]
    for (const authentication of authenticationsToTry(examination)) {
      if (authentication === "none" || authentication === way.authentication) continue
      const title = `A refresh ${authentications[authentication]}`
      if ((await refresh(title, { ...way, authentication })) !== undefined) found.push(authentication)
    }
    habits.clientAuthentication = (["body", "basic", "basic-raw"] as const).filter((one) =>
      found.includes(one),
    )
  }
  if (clientSecret !== undefined) {
    const isAllowed = await refresh("A refresh without the client secret", { ...way, authentication: "none" })
    habits.withoutSecret = isAllowed === undefined ? "refused" : "allowed"
    // A refusal is about this client, which has a secret, and not about those that are registered without one.
    if (isAllowed !== undefined) habits.publicClients = "allowed"
    else habits.notes.push(secretNeeded)
  }
  if (habits.rotation !== "always") return
  // The last one: a server may end the login for it. The refusals before may have done so already.
  const isAlive = await refresh("One more refresh", way)
  if (isAlive === undefined || spent === undefined) {
    habits.notes.push("The server ended the login after a refused refresh. The transcript says how.")
    return
  }
  const newest = current
  if ((await refresh("A refresh token that was replaced", way, spent)) !== undefined) {
    habits.spentRefreshToken = "accepted"
    return
  }
  const isEnded = (await refresh("The newest refresh token, after that", way, newest)) === undefined
  habits.spentRefreshToken = isEnded ? "endsLogin" : "refused"
}
