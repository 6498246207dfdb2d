/** The requests that `doctor` sends, one after the other, and the habits that each one shows. */
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
  "A refresh without the client secret was refused. To see whether public clients are allowed, run doctor with --client-authentication none and a public client."

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
    habits.notes.push("The server issues no refresh token: each login ends when its access token expires.")
    return
  }
  await examineRefreshes(task, examination, way, refreshToken)
}

/** Sends one request and returns the response, granted or refused. */
const attempt = async (
  { signal }: Task,
  { transcript }: Examination,
  title: string,
  call: (signal: AbortSignal) => Promise<unknown>,
): Promise<Exchange | undefined> => {
  const responded = new AbortController()
  // Aborts the retries of the client when the server is unavailable.
  transcript.begin(title, () => {
    const { status } = transcript.last ?? { status: 0 }
    if (status === 429 || status >= 500) responded.abort()
  })
  try {
    await call(AbortSignal.any([signal, responded.signal]))
  } catch (error) {
    signal.throwIfAborted()
    // Any response is a finding; a missing response is not.
    if (transcript.last === undefined || !(responded.signal.aborted || isTokenError(error))) throw error
  }
  return transcript.last
}

const learnError = (habits: ServerHabits, exchange: Exchange): void => {
  habits.errorBody ??= errorBodyOf(exchange)
  if (isAboutGrant(exchange)) habits.grantErrorStatus ??= exchange.status
  else if (isAboutClient(exchange)) habits.clientErrorStatus ??= exchange.status
}

/** The chosen one first. A Basic header without form encoding is tried only if form encoding changes it. */
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
 * Finds a kind of request that the server accepts, with an invented refresh token, so that no code is used up by the
 * wrong kind of request.
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

/** Finds the name of the code parameter, with an invented code. */
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

/** Port 0 means that the server allows any port. */
const redirectUriOf = ({ host, port, path }: Profile): string =>
  `http://${host}:${port === 0 ? 8417 : port}${path}`

/** Finds whether a login can start without PKCE or with `plain`, if one with S256 can. */
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
    const title = `An authorization request that is not continued, ${method === "none" ? "without PKCE" : `PKCE with ${method}`}`
    return transcript.visit(title, target, redirectUri, signal)
  }
  if ((await begins("S256")) !== true) return
  const [plain, none] = [await begins("plain"), await begins("none")]
  if (plain !== undefined) habits.pkceMethods = plain ? ["S256", "plain"] : ["S256"]
  if (none !== undefined) habits.pkce = none ? "optional" : "required"
}

/** Sends refreshes. Each may replace the refresh token; those that can end the login come last. */
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
    habits.notes.push("The refresh token of the login was refused. See the transcript.")
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
    // A refusal concerns only this client, which has a secret, not public clients.
    if (isAllowed !== undefined) habits.publicClients = "allowed"
    else habits.notes.push(secretNeeded)
  }
  if (habits.rotation !== "always") return
  // Last, because a server may end the login for it. The refused requests above may have ended it already.
  const isAlive = await refresh("One more refresh", way)
  if (isAlive === undefined || spent === undefined) {
    habits.notes.push("The server ended the login after a refused refresh. See the transcript.")
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
